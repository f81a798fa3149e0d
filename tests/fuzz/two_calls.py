"""Two whole calls, from nothing to the end, a clock for both, and a network that does what it likes with messages.

What is left when a call is over lives on in its keeper, as it does in a running engine; what neither knows is
answered as the endpoint would. So nothing is left out but the sockets.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.message import Request, Response, parse, response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.policy import DEFAULT, Policy
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams.stream import Phase
from tests.protocols.sip.usage.keeper import Keeper
from tests.protocols.sip.usage.party import ALICE, BACK, BOB, TAG, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transport import Flow

CALLER, CALLEE = 0, 1
POLICIES = (DEFAULT, Policy(session_expires=90, reliable_provisionals=True))
LIMIT = 2000.0
"""Seconds within which two calls that nobody disturbs have nothing more to say."""


class Flying(NamedTuple):
    """A message on its way to one side."""

    to: int
    message: Request | Response


class TwoCalls:
    """Both ends of one call, and all that lies between them.

    Attributes:
        sides: The caller and the callee.
        flying: What is on its way; no order is kept but by who takes from it.
        now: The time.
    """

    def __init__(self, policies: tuple[Policy, Policy] = (DEFAULT, DEFAULT)) -> None:
        self.sides = (Party(audio=TERMS, policy=policies[0]), Party(TAG, audio=TERMS, policy=policies[1]))
        self.keepers: list[Keeper | None] = [None, None]
        self.flying: list[Flying] = []
        self.now = 0.0
        self._taken = [0, 0]

    # ------------------------------------------------------------- commands

    def connect(self, kinds: tuple[str, ...]) -> None:
        """Have the caller call."""
        self.do(CALLER, events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", kinds))
        self.do(CALLER, events.TargetResolved(UDP))

    def do(self, side: int, command: object) -> None:
        """Give one side a command, whatever it is doing."""
        if self.sides[side].state is not State.TERMINATED:
            self.sides[side].do(command)
            self._collect()

    def prepare(self, side: int) -> None:
        """Have one stream of one side prepared."""
        party = self.sides[side]
        if party.unprepared:
            party.prepare(party.unprepared[0].kind)
            self._collect()

    def deny(self, side: int) -> None:
        """Have the preparation of one new stream of one side fail."""
        party = self.sides[side]
        if party.unprepared and not party.call.runs(party.unprepared[0].kind):
            party.do(events.StreamFailed(party.unprepared[0].kind, "no room", 503))
            self._collect()

    # ------------------------------------------------------------- the network

    def deliver(self, index: int, *, keep: bool = False) -> None:
        """Let a message arrive; with `keep` another copy of it stays on its way."""
        flying = self.flying[index] if keep else self.flying.pop(index)
        self._arrive(*flying)
        self._collect()

    def lose(self, index: int) -> None:
        """Let a message be lost."""
        self.flying.pop(index)

    def refuse(self, index: int) -> None:
        """Let a message be lost, and its sender know."""
        to, message = self.flying.pop(index)
        sender = self.sides[1 - to]
        if isinstance(message, Request) and sender.state is not State.TERMINATED:
            sender.refuse(message)
            self._collect()

    def _arrive(self, to: int, message: Request | Response) -> None:
        party, keeper, flow = self.sides[to], self.keepers[to], (UDP, BACK)[to]
        if isinstance(message, Response):
            if keeper is not None:
                keeper.receive(message, flow)
            elif party.state is not State.NULL:
                party.receive(message, flow)
        elif keeper is not None and keeper.knows(message):
            keeper.receive(message, flow)
        elif keeper is not None or (party.state is State.NULL and (message.method != "INVITE" or to == CALLER)):
            self._answer(to, message)
        elif party.state is not State.NULL or message.to.tag is None:
            with contextlib.suppress(RemoteProtocolError):
                party.receive(message, flow)

    def _answer(self, to: int, request: Request) -> None:
        """Answer what belongs to no call, or to one that is over, as the endpoint does."""
        if request.method != "ACK":
            status = 482 if request.method == "INVITE" and request.to.tag is None else 481
            self.flying.append(Flying(1 - to, response_to(request, status, to_tag="stateless")))

    def _collect(self) -> None:
        """Take over what the sides have sent, and the transactions of a call that has ended."""
        for side, party in enumerate(self.sides):
            fresh, self._taken[side] = party.sent[self._taken[side] :], len(party.sent)
            self.flying += [Flying(1 - side, parse(bytes(each))) for each in fresh]
            keeper = self.keepers[side]
            if keeper is None and party.handed is not None:
                party.running.clear()
                keeper = self.keepers[side] = Keeper(party)
            if keeper is not None:
                self.flying += [Flying(1 - side, each) for each in keeper.sent]
                keeper.sent.clear()

    # ------------------------------------------------------------- the clock

    def tick(self, seconds: float) -> bool:
        """Let the time go on to the next timer if it is so near; tell whether there was one."""
        due = [
            (at, side, str(name), name)
            for side, party in enumerate(self.sides)
            for name, at in self._timers(party, self.keepers[side]).items()
        ]
        if not due:
            return False
        at, side, _text, name = min(due, key=lambda each: each[:3])
        if at > self.now + seconds:
            return False
        self._set(max(self.now, at))
        keeper = self.keepers[side]
        if keeper is None:
            self.sides[side].fire(name)
        else:
            keeper.fire(name)
        self._collect()
        return True

    def _timers(self, party: Party, keeper: Keeper | None) -> dict[object, float]:
        return {name: party.due[name] for name in party.running} if keeper is None else dict(keeper.due)

    def _set(self, now: float) -> None:
        self.now = now
        for each in (*self.sides, *self.keepers):
            if each is not None:
                each.now = now

    # ------------------------------------------------------------- the end

    def heal(self) -> None:
        """Let everything arrive in order that is on its way, and all streams be prepared."""
        while self.flying or any(each.unprepared for each in self.sides):
            while self.flying:
                self.deliver(0)
            for side in (CALLER, CALLEE):
                self.prepare(side)

    def come_to_rest(self, seconds: float) -> None:
        """Let the network be good, everybody who is asked agree, and the time go on."""
        end = self.now + seconds
        while True:
            self.heal()
            if not self._decide() and not self.tick(end - self.now):
                return

    def _decide(self) -> bool:
        for side, party in enumerate(self.sides):
            call = party.call
            if party.state is State.INCOMING:
                self.do(side, events.Accept(tuple([each.kind for each in call.streams])))
                return True
            if party.state is State.PROPOSED and call.proposes(call.proposal[0]):
                self.do(side, events.AcceptProposal())
                return True
        return False

    @property
    def is_over(self) -> bool:
        """Whether nothing is left: no message, no timer, no transaction, and each call that there was has ended."""
        kept = [each for each in self.keepers if each is not None]
        ended = all(each.state in (State.TERMINATED, State.NULL) for each in self.sides)
        return ended and not self.flying and all(each.forgotten and not each.due for each in kept)


def check_agreement(talk: TwoCalls) -> None:
    """Say what must hold when two calls have come to rest: both are over, or both see the same session."""
    one, other = talk.sides
    states = {one.state, other.state}
    if states <= {State.TERMINATED, State.NULL}:
        return
    assert states == {State.ESTABLISHED}, "one is over, the other is not"
    for party in talk.sides:
        assert not party.call.is_busy
        assert all(each.phase is Phase.RUNNING for each in party.call.streams)
        assert set(party.media) == {each.kind for each in party.call.streams}
    places = [{each.kind: each.index for each in party.call.streams} for party in talk.sides]
    assert places[0] == places[1]
    for here, there in ((one, other), (other, one)):
        assert here.call.negotiation.local == there.call.negotiation.remote
        assert here.call.held_by_remote == (there.call.held_by_local and "audio" in here.media)
        assert here.muted.get("audio", False) == (here.call.on_hold and "audio" in here.media)


def way_back(side: int) -> Flow:
    """The flow on which one side hears the other."""
    return (UDP, BACK)[side]
