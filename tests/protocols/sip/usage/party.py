"""One call and the world around it, in memory: what it sends, tells, starts and hands over.

A `Party` carries the outputs of one call and checks, whatever a test is about,
the rules that hold for every call. `converse` lets two of them talk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.message import Request, Response, parse, response_to
from sipsimple.protocols.sip.transaction.outputs import ResponseNotSent, Send
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage import events, step
from sipsimple.protocols.sip.usage.admission import admit
from sipsimple.protocols.sip.usage.call import Call, Identity
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.transaction.layer import Transactions

A, B = ("192.0.2.1", 5060), ("192.0.2.2", 5060)
UDP = Flow("udp", A, B)
BACK = Flow("udp", B, A)
TCP = Flow("tcp", A, B, 7)
ALICE, BOB = '"Alice" <sip:alice@example.org>', "<sip:bob@example.org>"
TOKEN, TAG = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"
CALL_ID = "call-1"
CONTACT = ("Contact", "<sip:peer@192.0.2.2:5060>")

Header = tuple[str, str]


class Party:
    """Carries what one call asks for, and remembers it."""

    def __init__(self, token: str = TOKEN) -> None:
        self.call = Call(Identity(token, CALL_ID, f"ua-{token[0]}", 42))
        self.sent: list[Request | Response] = []
        self.flows: list[Flow] = []
        self.told: list[events.Notify] = []
        self.notes: list[events.Note] = []
        self.asked: list[object] = []
        self.running: dict[object, float] = {}
        self.due: dict[object, float] = {}
        self.now = 0.0
        self.handed: Transactions | None = None

    # ------------------------------------------------------------- stimuli

    def feed(self, function: Callable[..., Any], *stimulus: Any) -> list[object]:
        """Take one stimulus and return its outputs."""
        self.call, outputs = function(self.call, *stimulus)
        for output in outputs:
            self._carry(output)
        assert (self.handed is not None) == (self.call.state is State.TERMINATED)
        if self.handed is not None:
            assert not [name for name in self.running if isinstance(name, str)], "a timer outlives its call"
        return list(outputs)

    def do(self, event: object) -> list[object]:
        """Give a command, or news of a stream."""
        return self.feed(step.step, event)

    def fire(self, name: object) -> list[object]:
        """Let a timer fire that runs; a word names one of the call's own."""
        self.running.pop(name, None)
        return self.feed(step.timer_fired, name)

    def run_down(self) -> None:
        """Let the time go on, with nobody there, until the call has ended or no timer runs."""
        while self.handed is None and self.running:
            name = min(self.running, key=lambda each: (self.due[each], str(each)))
            self.now = self.due[name]
            assert self.now < 500, f"{self.state} for ever"
            self.fire(name)

    def receive(self, message: Request | Response, flow: Flow = UDP) -> list[object]:
        """Hand over a message, by way of bytes."""
        message = parse(bytes(message))
        if isinstance(message, Response):
            return self.feed(step.response_arrived, events.ResponseArrived(message))
        if self.call.state is State.NULL:
            return self.feed(step.invited, admit(message, flow, 43))
        return self.feed(step.request_arrived, events.RequestArrived(message, flow))

    def refuse(self, message: Request | Response, reason: str = "connection refused") -> list[object]:
        """Tell that a message was not sent."""
        return self.feed(step.send_refused, events.SendRefused(message, reason))

    def prepare(self, kind: str = "chat") -> list[object]:
        """Have a stream prepared."""
        return self.do(events.StreamPrepared(kind, chat_media()))

    # ------------------------------------------------------------- reading

    @property
    def state(self) -> State:
        return self.call.state

    @property
    def names(self) -> list[str]:
        """The notifications without the changes of state."""
        return [each.name for each in self.told if each.name != "SCSessionChangedState"]

    @property
    def states(self) -> list[str]:
        """The states that were told."""
        return [each.data["state"] for each in self.told if each.name == "SCSessionChangedState"]

    @property
    def failure(self) -> tuple[str, int, str]:
        """Originator, code and reason of the failure that was told."""
        (data,) = [each.data for each in self.told if each.name == "SCSessionDidFail"]
        return data["originator"], data["code"], data["reason"]

    @property
    def last(self) -> Request | Response:
        """What was sent last."""
        return self.sent[-1]

    def requests(self, method: str) -> list[Request]:
        return [each for each in self.sent if isinstance(each, Request) and each.method == method]

    def statuses(self, method: str = "INVITE") -> list[int]:
        answers = [each for each in self.sent if isinstance(each, Response)]
        return [each.status for each in answers if (each.get("cseq") or "").endswith(f" {method}")]

    # ------------------------------------------------------------- carrying

    def _carry(self, output: object) -> None:
        assert self.handed is None, f"{output} after the call was handed over"
        match output:
            case Send(message, flow):
                self.sent.append(parse(bytes(message)))
                self.flows.append(flow)
            case StartTimer(name, seconds):
                assert seconds > 0
                self.running[name] = seconds
                self.due[name] = self.now + seconds
            case StopTimer(name):
                self.running.pop(name, None)
            case events.Notify():
                self._hear(output)
            case events.Note(event, data):
                assert event
                assert all(data.values()), f"an empty value in {output}"
                self.notes.append(output)
            case events.HandOver(transactions):
                assert self.names[-1] == "SCSessionDidEnd"
                self.handed = transactions
            case events.Prepare() | events.Resolve() | events.StartStream() | events.StopStream():
                self.asked.append(output)
            case _:
                assert isinstance(output, ResponseNotSent), output

    def _hear(self, output: events.Notify) -> None:
        names = self.names
        assert "SCSessionDidEnd" not in names, f"{output} after the end"
        assert "SCSessionDidFail" not in names or output.name == "SCSessionDidEnd"
        data = output.data
        if output.name == "SCSessionChangedState":
            assert data["prev_state"] == (self.states[-1] if self.states else "NULL")
            assert data["state"] != data["prev_state"]
        elif output.name == "SCSessionDidStart":
            assert "SCSessionWillStart" in names
        elif output.name == "SCSessionDidFail":
            assert self.states[-1] == "TERMINATED"
            assert data["originator"] in {"local", "remote"}
            assert data["reason"].strip()
        elif output.name == "SCSessionDidEnd":
            assert self.states[-1] == "TERMINATED"
            assert names[-1:] != ["SCSessionDidFail"] or self.told[-1].data["originator"] == data["originator"]
        self.told.append(output)


def chat_media(port: int = 2855, protocol: str = "TCP/MSRP", **attributes: str) -> Media:
    scheme = "msrps" if "TLS" in protocol else "msrp"
    path = (f"{scheme}://192.0.2.9:{port or 2855}/s1;tcp",)
    return MessageMedia(path, ("message/cpim", "text/*"), port=port, protocol=protocol, **attributes).to_media()


def sdp(*lines: str, version: int = 1) -> bytes:
    """Return a description with these media lines, a usable chat by default."""
    chosen = lines or (str_of(chat_media()),)
    head = f"v=0\r\no=- 7 {version} IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n"
    return (head + "".join(chosen)).encode()


def str_of(media: Media) -> str:
    attributes = "".join(
        f"a={each.name}\r\n" if each.value is None else f"a={each.name}:{each.value}\r\n" for each in media.attributes
    )
    return f"m={media.kind} {media.port} {media.protocol} {' '.join(media.formats)}\r\n{attributes}"


# ------------------------------------------------------------- outgoing calls


def calling(flow: Flow = UDP, **options: Any) -> Party:
    """Return a party whose INVITE is out."""
    party = Party()
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",), **options))
    party.do(events.TargetResolved(flow))
    party.prepare()
    return party


def answer_to(
    party: Party, status: int = 200, *headers: Header, tag: str | None = TAG, body: bytes | None = None
) -> Response:
    """Return the peer's response to the INVITE of `party`."""
    success = 200 <= status < 300
    extra = (CONTACT, *headers) if success and not any(name == "Contact" for name, _ in headers) else headers
    content = (sdp() if success else b"") if body is None else body
    kind = "application/sdp" if content else None
    return response_to(party.requests("INVITE")[-1], status, to_tag=tag, headers=extra, body=content, content_type=kind)


def established(*headers: Header) -> Party:
    """Return an outgoing call that was answered."""
    party = calling()
    party.receive(answer_to(party, 200, *headers))
    assert party.state is State.ESTABLISHED
    return party


# ------------------------------------------------------------- incoming calls


def invite(*headers: Header, body: bytes | None = None, branch: str = "z9hG4bKin1", **changes: str) -> Request:
    """Return an INVITE of the peer; a header by the name of a mandatory one takes its place."""
    content = sdp() if body is None else body
    mandatory = {
        "Via": f"SIP/2.0/UDP 192.0.2.2:5060;branch={branch}",
        "Max-Forwards": "70",
        "From": f"{ALICE};tag={TAG}",
        "To": BOB,
        "Call-ID": CALL_ID,
        "CSeq": "1 INVITE",
        "Contact": CONTACT[1],
        "Content-Type": "application/sdp",
    }
    given = {name for name, _ in headers}
    lines = [(name, value) for name, value in mandatory.items() if name not in given]
    wanted = [(name, value) for name, value in headers if value]
    return Request("INVITE", changes.get("uri", "sip:bob@192.0.2.1"), [*lines, *wanted], content)


def ringing(*headers: Header, body: bytes | None = None) -> Party:
    """Return a party that is being called."""
    party = Party()
    party.receive(invite(*headers, body=body))
    return party


def answering(*headers: Header) -> Party:
    """Return a party whose 200 waits for its ACK."""
    party = ringing(*headers)
    party.do(events.Accept(("chat",)))
    party.prepare()
    return party


def answered(*headers: Header) -> Party:
    """Return an incoming call that is established."""
    party = answering(*headers)
    party.receive(in_dialog(party, "ACK", 1))
    assert party.state is State.ESTABLISHED
    return party


def in_dialog(
    party: Party,
    method: str,
    cseq: int = 2,
    *headers: Header,
    tag: str | None = TAG,
    to_tag: str | None = None,
    call_id: str = CALL_ID,
    branch: str | None = None,
    body: bytes = b"",
) -> Request:
    """Return a request of the peer within the dialog of `party`."""
    lines = [
        ("Via", f"SIP/2.0/UDP 192.0.2.2:5060;branch={branch or f'z9hG4bK{method}{cseq}'}"),
        ("Max-Forwards", "70"),
        ("From", BOB + ("" if tag is None else f";tag={tag}")),
        ("To", f"{ALICE};tag={to_tag or party.call.identity.token}"),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} {method}"),
    ]
    if method == "INVITE" and "Contact" not in dict(headers):
        lines.append(CONTACT)
    return Request(method, "sip:us@192.0.2.1", [*lines, *headers], body)


def cancel_of(invite_: Request) -> Request:
    """Return the CANCEL of the peer's INVITE."""
    copied = [(name, invite_.get(name) or "") for name in ("Via", "From", "To", "Call-ID")]
    return Request("CANCEL", invite_.uri, [*copied, ("Max-Forwards", "70"), ("CSeq", f"{invite_.cseq.number} CANCEL")])


# ------------------------------------------------------------- two of them


def converse(caller: Party, callee: Party) -> None:
    """Carry messages between the two until nothing is on its way."""
    taken = {id(caller): 0, id(callee): 0}
    moved = True
    while moved:
        moved = False
        for party, other, flow in ((caller, callee, BACK), (callee, caller, UDP)):
            while taken[id(party)] < len(party.sent):
                message = party.sent[taken[id(party)]]
                taken[id(party)] += 1
                moved = True
                other.receive(message, flow)


def both_established() -> tuple[Party, Party]:
    """Return the two ends of one call, with nothing on its way and nothing remembered of the set-up."""
    caller, callee = calling(), Party(TAG)
    converse(caller, callee)
    callee.do(events.Accept(("chat",)))
    callee.prepare()
    caller.sent, callee.sent = [], callee.sent[1:]
    converse(caller, callee)
    assert caller.state is callee.state is State.ESTABLISHED
    caller.sent, callee.sent = [], []
    return caller, callee
