"""The tables are complete, and hold for any sequence of stimuli."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.media import messages, wire
from sipsimple.media.leg import events
from sipsimple.media.leg import table as leg_table
from sipsimple.media.leg.state import State, Stimulus
from sipsimple.media.seat import table as seat_table
from sipsimple.media.seat.state import State as SeatState
from sipsimple.media.seat.state import Stimulus as SeatStimulus
from sipsimple.protocols.sdp.audio_media import outward
from sipsimple.protocols.sdp.media import Attribute, Connection
from sipsimple.protocols.sip.usage.events import StreamMoved, StreamPrepared
from tests.media.leg.caller import OTHER_PEER, PEER, Link, described, line
from tests.media.leg.world import World


@pytest.mark.parametrize("state", State)
def test_every_stimulus_of_a_leg_has_a_row_or_a_reason(state):
    known = leg_table.TRANSITIONS[state].keys() | leg_table.IGNORED.get(state, {}).keys()

    assert known == set(Stimulus)


@pytest.mark.parametrize("state", SeatState)
def test_every_stimulus_of_a_seat_has_a_row_or_a_reason(state):
    known = seat_table.TRANSITIONS[state].keys() | seat_table.IGNORED[state].keys()

    assert known == set(SeatStimulus)


def test_the_end_can_be_asked_for_in_every_state_and_is_never_left():
    for state in set(State) - {State.ENDING, State.ENDED}:
        assert leg_table.TRANSITIONS[state][Stimulus.END][1] == (State.ENDING, State.ENDED)
    assert all(states == (State.ENDED,) for _, states in leg_table.TRANSITIONS[State.ENDED].values())


class Player:
    """Does what a name says to a world; whatever cannot be done at the moment is skipped."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.peer = object()

    def play(self, name: str) -> None:
        getattr(self, name)()

    def next(self) -> None:
        if self.world.todo:
            self.world.tell_next()

    def rest(self) -> None:
        self.world.run()

    def drop(self) -> None:
        if self.world.todo and not isinstance(self.world.todo[0], messages.Granted):
            self.world.todo.popleft()

    def prepare(self) -> None:
        self.world.tell(events.Prepare())

    def prepare_answer(self) -> None:
        self.world.tell(events.Prepare(OTHER_PEER))

    def start(self) -> None:
        self._start(early=False)

    def start_early(self) -> None:
        self._start(early=True)

    def _start(self, *, early: bool) -> None:
        lines = [each.media for each in self.world.session if isinstance(each, StreamPrepared | StreamMoved)]
        if lines:
            self.world.tell(events.Start(PEER, outward(lines[-1]), early))

    def start_outdated(self) -> None:
        self.world.tell(events.Start(PEER, line(12345)))

    def revert(self) -> None:
        self.world.tell(events.Revert())

    def hold(self) -> None:
        self.world.tell(events.Hold(not self.world.leg.is_held))

    def record(self) -> None:
        self.world.tell(events.StartRecording("/tmp/a.wav"))

    def stop_recording(self) -> None:
        self.world.tell(events.StopRecording())

    def play_file(self) -> None:
        self.world.tell(events.PlayFile(1, "a.wav"))

    def bridge(self) -> None:
        self.world.tell(events.BridgeWith(self.peer))

    def peer_here(self) -> None:
        seat = self.world.leg.seat
        worker = seat.link.name if seat is not None else "worker-99"
        self.world.tell(events.PeerAt(self.peer, "1" * 16, worker))

    def peer_elsewhere(self) -> None:
        self.world.tell(events.PeerAt(self.peer, "2" * 16, "worker-99"))

    def peer_asks(self) -> None:
        self.world.tell(events.PeerAt(self.peer, "3" * 16, "worker-98", is_asking=True))

    def peer_calls(self) -> None:
        self.world.tell(events.PeerAt(self.peer, "4" * 16, "worker-97", is_calling=True))

    def peer_gone(self) -> None:
        self.world.tell(events.PeerGone(self.peer))

    def unbridge(self) -> None:
        self.world.tell(events.Unbridge())

    def lose_seat(self) -> None:
        if self.world.leg.seat is not None:
            self.world.tell(messages.WorkerLost(self.world.leg.seat.token, "it died"))

    def lose_candidate(self) -> None:
        if self.world.leg.candidate is not None:
            self.world.tell(messages.WorkerLost(self.world.leg.candidate.token, "it died"))

    def close(self) -> None:
        if self.world.callers:
            self.world.tell(wire.Closed(list(self.world.callers)[-1], "480"))

    def bye(self) -> None:
        if self.world.callers:
            self.world.tell(list(self.world.callers.values())[-1].arrived("BYE"))

    def refuse(self) -> None:
        wishes = [each for each in self.world.todo if isinstance(each, messages.Granted)]
        if wishes:
            self.world.todo.remove(wishes[0])
            self.world.tell(messages.Refused(wishes[0].token, 503, "full"))

    def not_beside(self) -> None:
        wishes = [each for each in self.world.todo if isinstance(each, messages.Granted)]
        if wishes:
            self.world.todo.remove(wishes[0])
            self.world.granted.add(wishes[0].token)
            self.world.tell(messages.Granted(wishes[0].token, Link(77), is_beside=False))

    def time(self) -> None:
        self.world.now += 7
        if self.world.timers:
            self.world.fire(min(self.world.timers, key=str))

    def resume(self) -> None:
        if self.world.leg.state is not State.ENDED:  # its end would be said once more, to an actor that is stopping
            self.world.tell(events.Resumed())

    def choose(self) -> None:
        """Let the worker offer another address of its line, as it does when ICE has chosen."""
        for caller in self.world.callers.values():
            ice = (Attribute("ice-ufrag", "u"), Attribute("ice-pwd", caller.token))
            caller.line = caller.line.with_(attributes=ice, connection=Connection.to(f"192.0.2.{caller.cseq}"))
            self.world.tell(caller.arrived("INVITE", described(caller.line, caller.cseq + 1)))

    def fickle_worker(self) -> None:
        self.world.worker_refuses = not self.world.worker_refuses

    def end(self) -> None:
        self.world.tell(events.End())

    def silence_untold(self) -> None:
        self.world.tell(events.SilenceUntold())

    def cannot_open(self) -> None:
        if self.world.leg.candidate is not None:
            self.world.tell(wire.Closed(self.world.leg.candidate.token, "no such address", is_lasting=True))

    def vanish(self) -> None:
        self.world.tell(events.Vanish())


NAMES = sorted(name for name in vars(Player) if not name.startswith("_") and name not in ("play", "end", "vanish"))
ENDS = ("end", "vanish")


@given(st.lists(st.sampled_from([*NAMES, *NAMES, *ENDS]), max_size=40))
def test_any_sequence_ends_at_most_once_and_leaks_no_place(names):
    world = World()
    player = Player(world)

    for name in names:
        player.play(name)
        assert world.ends == (world.leg.state is State.ENDED)
        held = set(world.wanted) - set(world.released)
        seats = [each for each in (world.leg.seat, world.leg.candidate) if each is not None]
        assert held == {each.token for each in seats} | {each.seat.token for each in world.leg.partings}

    player.end()
    player.vanish()
    world.todo.clear()
    assert world.ends == 1
    assert set(world.wanted) == set(world.released)
    assert world.granted <= set(world.released)
    assert not world.timers


@given(
    st.lists(st.sampled_from(NAMES), max_size=30),
    st.lists(st.sampled_from(["hold", "record", "play_file"]), max_size=3),
)
def test_every_recording_that_is_announced_is_ended(names, first):
    world = World()
    player = Player(world)
    for name in (*first, "prepare", "rest", "start", "rest", "record", *names):
        player.play(name)
    player.vanish()

    order = [
        name.removeprefix("SCSession").removesuffix("RecordingAudio") for name in world.names if "Recording" in name
    ]
    state = "DidStop"
    following = {
        "DidStop": {"WillStart"},
        "WillStart": {"DidStart", "WillStop", "DidStop"},
        "DidStart": {"WillStop"},
        "WillStop": {"DidStop"},
    }
    for name in order:
        assert name in following[state]
        state = name
    assert state == "DidStop"


@given(st.lists(st.sampled_from(NAMES), max_size=25))
def test_whatever_happened_a_leg_with_good_workers_sounds_again(names):
    """As long as it has not given up, agreeing on the line that it told last lets it run."""
    world = World()
    player = Player(world)
    for name in ("prepare", "rest", "start", "rest", *names):
        player.play(name)
        world.now += 16
    world.worker_refuses = False
    world.run()
    for _ in range(12):  # it moves three times at most to be beside another leg, and what was dropped may take its time
        world.now += 16
        for name in tuple(world.timers):
            if name in world.timers:
                world.fire(name)
        world.run()
        if world.leg.state in (State.PREPARED, State.MOVED):
            player.start()
        world.run()

    assert world.leg.state in (State.RUNNING, State.IDLE), world.leg.state
    assert world.leg.facts.is_running == (world.leg.state is State.RUNNING)
