"""Calls in the states that tests begin with, and the messages of their peer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.sdp.audio_media import AudioTerms
from sipsimple.protocols.sip.message import Request, Response, response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.policy import DEFAULT
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import sdp
from tests.protocols.sip.usage.party import ALICE, BOB, CALL_ID, CONTACT, TAG, UDP, Header, Party, Wire, converse

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.policy import Policy

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


TERMS = AudioTerms(("PCMU", "PCMA", "G722"))


def talking(*kinds: str, policy: Policy = DEFAULT) -> tuple[Party, Party, Wire]:
    """Return the two ends of a call with these streams, audio by default, and what lies between them."""
    kinds = kinds or ("audio",)
    caller, callee = Party(audio=TERMS, policy=policy), Party(TAG, audio=TERMS, policy=policy)
    wire = Wire(caller, callee)
    caller.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", kinds))
    caller.do(events.TargetResolved(UDP))
    wire.carry()
    callee.do(events.Accept(kinds))
    wire.carry()
    assert caller.state is callee.state is State.ESTABLISHED
    for party in (caller, callee):
        party.asked, party.sent, party.flows = [], [], []
    wire.taken = dict.fromkeys(wire.taken, 0)
    return caller, callee, wire


def told_since(party: Party, count: int) -> list[str]:
    """Return what was told after the first `count` notifications: names, and of changes the states."""
    changes = {"SCSessionChangedState"}
    return [
        f"{each.data['prev_state']}>{each.data['state']}"
        if each.name in changes
        else each.name.removeprefix("SCSession")
        for each in party.told[count:]
    ]
