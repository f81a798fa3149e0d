"""Two calls that change their session at will, over a good and over a bad network, always come to agree.

Both sides hold, add, remove and decide as they like, at the same time; messages
cross, are lost and doubled. When all has been said, both have the same streams,
the same descriptions and the same idea of who holds, or both are over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import event, given, settings
from hypothesis import strategies as st

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams.stream import Phase
from sipsimple.protocols.values import replace
from tests.protocols.sip.usage.descriptions import audio_media
from tests.protocols.sip.usage.extended import timed

if TYPE_CHECKING:
    from tests.protocols.sip.usage.party import Party

COMMANDS = {
    "hold": events.Hold(),
    "unhold": events.Unhold(),
    "add audio": events.AddStream("audio"),
    "add chat": events.AddStream("chat"),
    "remove audio": events.RemoveStream("audio"),
    "remove chat": events.RemoveStream("chat"),
    "accept": events.AcceptProposal(),
    "reject": events.RejectProposal(),
}
SIDES = st.integers(0, 1)
STARTS = st.sampled_from([("audio",), ("chat",), ("audio", "chat"), ("chat", "audio")])
STEPS = st.one_of(
    st.tuples(st.sampled_from(sorted(COMMANDS)), SIDES),
    st.tuples(
        st.sampled_from(
            ["carry", "carry", "carry", "prepare", "prepare", "time", "move", "choose", "break", "deny", "refresh"]
        ),
        SIDES,
    ),
)
LIMIT = 400.0
"""Seconds within which two calls have said all that they have to say."""


SOON = 5.0
"""Seconds that may pass between two steps: those of a collision, not those in which a peer is given up."""


class Talk:
    """Two calls, a clock for both, and the network between them."""

    def __init__(self, kinds: tuple[str, ...], *, takes_update: bool) -> None:
        caller, callee, self.wire = timed(*kinds)
        caller.call = replace(
            caller.call, session_timer=replace(caller.call.session_timer, refuses_update=not takes_update)
        )
        self.sides: tuple[Party, Party] = (caller, callee)
        self.now = 0.0
        self.ports = 7000

    def do(self, what: str, side: int, copies: int = 1) -> None:
        party = self.sides[side]
        if what in COMMANDS:
            if party.state is not State.TERMINATED:
                party.do(COMMANDS[what])
        elif what == "carry":
            self.carry(side, copies)
        elif what == "prepare" and party.unprepared:
            party.prepare(party.unprepared[0].kind)
        elif what == "time":
            self.let_pass(SOON)
        elif what == "refresh" and "refresh" in party.running:
            party.fire("refresh")
        elif what == "move" and party.call.runs("audio"):
            self.ports += 10
            party.unprepared = [each for each in party.unprepared if each.kind != "audio"]
            party.do(events.StreamMoved("audio", audio_media(self.ports)))

        elif what == "choose" and party.call.runs("audio"):
            party.do(events.StreamOutdated("audio"))
        elif what == "break" and party.call.runs("audio") and party.call.runs("chat"):
            self.fail(party, "audio")
        elif what == "deny" and party.unprepared and self.may_deny(party):
            self.fail(party, party.unprepared[0].kind)

    def may_deny(self, party: Party) -> bool:
        """Tell whether a stream may refuse what it is asked for: a new one, or an offer that can be refused."""
        return not party.call.runs(party.unprepared[0].kind) or party.call.pending is not None

    def fail(self, party: Party, kind: str) -> None:
        party.do(events.StreamFailed(kind, "no room", 503))

    def carry(self, side: int, copies: int) -> None:
        """Carry the next message of one side."""
        party, other, flow = self.wire.ends[side]
        position = self.wire.taken[id(party)]
        if position < len(party.sent):
            self.wire.taken[id(party)] = position + 1
            for _ in range(copies):
                other.receive(party.sent[position], flow)

    def let_pass(self, seconds: float = LIMIT) -> bool:
        """Let the time go on to the next timer of either side; tell whether there was one within `seconds`."""
        due = [
            (each.due[name], number, str(name), name) for number, each in enumerate(self.sides) for name in each.running
        ]
        if not due:
            return False
        at, number, _text, name = min(due, key=lambda each: each[:3])
        if at > self.now + seconds:
            return False
        self.now = max(self.now, at)
        for party in self.sides:
            party.now = self.now
        self.sides[number].fire(name)
        return True

    def come_to_rest(self) -> None:
        """Let everything happen that is on its way; whoever is asked decides."""
        while self.now < LIMIT:
            self.wire.carry()
            asked = [
                each
                for each in self.sides
                if each.state is State.PROPOSED and each.call.proposes(each.call.proposal[0])
            ]
            for party in asked:
                party.do(events.AcceptProposal())
            if not asked and not self.let_pass():
                return


def check_agreement(talk: Talk) -> None:
    one, other = talk.sides
    assert one.state is other.state, "one is over, the other is not"
    if one.state is State.TERMINATED:
        assert [each.names.count("SCSessionDidEnd") for each in talk.sides] == [1, 1]
        return
    assert one.state is State.ESTABLISHED
    for party in talk.sides:
        assert not party.call.is_busy
        assert not party.unprepared
        assert all(each.phase is Phase.RUNNING and each.media is each.remote is None for each in party.call.streams)
        assert set(party.media) == {each.kind for each in party.call.streams}
    assert {each.kind: each.index for each in one.call.streams} == {
        each.kind: each.index for each in other.call.streams
    }
    for here, there in ((one, other), (other, one)):
        assert here.call.negotiation.local == there.call.negotiation.remote
        audio = here.media.get("audio")
        assert here.call.held_by_remote == (there.call.held_by_local and audio is not None)
        if audio is not None:
            assert audio.remote.port == there.media["audio"].local.port
            assert audio.local.direction == _mirrored(there.media["audio"].local.direction)


def _mirrored(direction: str) -> str:
    return {"sendonly": "recvonly", "recvonly": "sendonly"}.get(direction, direction)


@given(STARTS, st.booleans(), st.lists(STEPS, max_size=30))
@settings(max_examples=150, deadline=None)
def test_over_a_good_network_both_come_to_agree_and_nobody_is_cut_off(kinds, takes_update, steps):
    talk = Talk(kinds, takes_update=takes_update)
    for step in steps:
        talk.do(*step)
    talk.come_to_rest()
    check_agreement(talk)
    event(f"{sum(len(each.requests('INVITE')) for each in talk.sides)} INVITEs")
    assert talk.sides[0].state is State.ESTABLISHED


@given(STARTS, st.booleans(), st.lists(st.tuples(STEPS, st.sampled_from([0, 1, 1, 2])), max_size=30))
@settings(max_examples=150, deadline=None)
def test_over_a_bad_network_both_come_to_agree_or_to_an_end(kinds, takes_update, steps):
    talk = Talk(kinds, takes_update=takes_update)
    for (what, side), copies in steps:
        talk.do(what, side, copies)
    talk.come_to_rest()
    check_agreement(talk)


@given(STARTS, st.booleans(), st.lists(STEPS, max_size=20), SIDES, st.lists(STEPS, max_size=10))
@settings(max_examples=100, deadline=None)
def test_whoever_ends_it_whenever_both_end_once(kinds, takes_update, before, side, after):
    talk = Talk(kinds, takes_update=takes_update)
    for step in before:
        talk.do(*step)
    talk.sides[side].do(events.Terminate())
    for step in after:
        talk.do(*step)
    talk.come_to_rest()
    check_agreement(talk)
    assert talk.sides[0].state is State.TERMINATED
    assert not [each for each in talk.sides if "SCSessionDidFail" in each.names]
