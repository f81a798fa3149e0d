"""One call and the world around it, in memory: what it sends, tells, starts and hands over.

A `Party` carries the outputs of one call and checks, whatever a test is about,
the rules that hold for every call. `converse` lets two of them talk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.outputs import StartTimer, StopTimer, StopTimers
from sipsimple.protocols.sip.message import Request, Response, parse
from sipsimple.protocols.sip.transaction.outputs import ResponseNotSent, Send, TransactionEnded
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage import events, step
from sipsimple.protocols.sip.usage import outputs as wanted
from sipsimple.protocols.sip.usage.call import Call, Identity
from sipsimple.protocols.sip.usage.policy import DEFAULT
from sipsimple.protocols.sip.usage.setup.admission import admit
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams.lines import is_audible
from sipsimple.protocols.sip.usage.streams.stream import Phase
from tests.protocols.sip.usage.descriptions import line_of
from tests.protocols.sip.usage.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sdp.audio_media import AudioTerms
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.transaction.layer import Transactions
    from sipsimple.protocols.sip.usage.policy import Policy

A, B = ("192.0.2.1", 5060), ("192.0.2.2", 5060)
UDP = Flow("udp", A, B)
BACK = Flow("udp", B, A)
TCP = Flow("tcp", A, B, 7)
ALICE, BOB = '"Alice" <sip:alice@example.org>', "<sip:bob@example.org>"
TOKEN, TAG = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"
CALL_ID = "call-1"
CONTACT = ("Contact", "<sip:peer@192.0.2.2:5060>")

Header = tuple[str, str]


class Party(Watched):
    """Carries what one call asks for, and remembers it."""

    def __init__(self, token: str = TOKEN, audio: AudioTerms | None = None, policy: Policy = DEFAULT) -> None:
        super().__init__(Call(Identity(token, CALL_ID, f"ua-{token[0]}", 42, audio=audio, policy=policy)))
        self.flows: list[Flow] = []
        self.notes: list[wanted.Note] = []
        self.running: dict[object, float] = {}
        self.due: dict[object, float] = {}
        self.now = 0.0
        self.handed: Transactions | None = None
        self.port = 4000 if token == TOKEN else 5000
        self.moved: dict[str, Media] = {}
        self.others: list[Flow] = []
        self.avoided: list[wanted.Avoid] = []

    # ------------------------------------------------------------- stimuli

    def feed(self, function: Callable[..., Any], *stimulus: Any) -> list[object]:
        """Take one stimulus and return its outputs."""
        self.call, outputs = function(self.call, *stimulus)
        for output in outputs:
            self._carry(output)
        assert (self.handed is not None) == (self.call.state is State.TERMINATED)
        if self.handed is not None:
            assert not [name for name in self.running if isinstance(name, str)], "a timer outlives its call"
            assert not self.media, "a stream outlives its call"
            assert not self.open_transfers, "a transfer without an outcome"
        else:
            self._compare()
        return [*outputs, *self._look_further(outputs)]

    def _look_further(self, outputs: tuple[object, ...]) -> list[object]:
        """Answer a look-up for another server as the resolver does: at once; there are none but `others`."""
        if not any(isinstance(each, wanted.Resolve) and each.tried and not each.transport for each in outputs):
            return []
        found = events.TargetResolved(self.others.pop(0)) if self.others else events.TargetFailed("all were tried")
        return self.do(found)

    def do(self, event: object) -> list[object]:
        """Give a command, or news of a stream; one that breaks is no more, but for audio that only cannot change."""
        if isinstance(event, events.StreamMoved):
            self.moved[event.kind] = event.media
        if isinstance(event, events.StreamEnded | events.StreamFailed):
            stream = self.call.stream(event.kind)
            may_go_on = (
                stream is not None and is_audible(event.kind) and stream.phase in (Phase.CHANGING, Phase.CHANGED)
            )
            if not may_go_on:
                self.media.pop(event.kind, None)
                self.muted.pop(event.kind, None)
            self.unprepared = [each for each in self.unprepared if each.kind != event.kind]
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
            identity = self.call.identity
            return self.feed(step.invited, admit(message, flow, 43, identity.audio, identity.policy))
        return self.feed(step.request_arrived, events.RequestArrived(message, flow))

    def refuse(self, message: Request | Response, reason: str = "connection refused") -> list[object]:
        """Tell that a message was not sent."""
        return self.feed(step.send_refused, events.SendRefused(message, reason))

    def prepare(self, kind: str = "chat", media: Media | None = None) -> list[object]:
        """Have a stream prepared."""
        self.unprepared = [each for each in self.unprepared if each.kind != kind]
        return self.do(events.StreamPrepared(kind, media or self.moved.get(kind) or line_of(kind, self.port)))

    def prepare_all(self) -> None:
        """Have prepared whatever was asked for."""
        while self.unprepared:
            self.prepare(self.unprepared[0].kind)

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
            case StopTimers():
                self.running.clear()
            case wanted.Notify():
                self._hear(output)
            case wanted.Note(event, data):
                assert event
                assert all(data.values()), f"an empty value in {output}"
                self.notes.append(output)
            case wanted.HandOver(transactions):
                assert self.names[-1] == "SCSessionDidEnd"
                self.handed = transactions
            case wanted.Resolve():
                self.asked.append(output)
            case wanted.Avoid():
                self.avoided.append(output)
            case wanted.Prepare() | wanted.StartStream() | wanted.StopStream():
                self.asked.append(output)
                self._conduct(output)
            case wanted.Revert(kind):
                self.asked.append(output)
                assert kind in self.media, "only what runs goes on as before"
            case wanted.HoldStream(kind, is_held):
                self.asked.append(output)
                assert self.muted[kind] is not is_held, "muted twice"
                self.muted[kind] = is_held
            case _:
                assert isinstance(output, ResponseNotSent | TransactionEnded), output


class Wire:
    """What lies between two parties: it knows what it has carried."""

    def __init__(self, caller: Party, callee: Party) -> None:
        self.ends = ((caller, callee, BACK), (callee, caller, UDP))
        self.taken = {id(caller): len(caller.sent), id(callee): len(callee.sent)}

    def carry(self) -> None:
        """Carry messages, and have streams prepared, until nothing is on its way."""
        moved = True
        while moved:
            moved = False
            for party, other, flow in self.ends:
                for message in self.fresh(party):
                    moved = True
                    other.receive(message, flow)
                if party.unprepared:
                    moved = True
                    party.prepare_all()

    def fresh(self, party: Party) -> list[Request | Response]:
        """Take what a party has sent since the last time."""
        begin = self.taken[id(party)]
        self.taken[id(party)] = len(party.sent)
        return party.sent[begin:]


def converse(caller: Party, callee: Party) -> None:
    """Carry all messages of two parties between them."""
    wire = Wire(caller, callee)
    wire.taken = dict.fromkeys(wire.taken, 0)
    wire.carry()
