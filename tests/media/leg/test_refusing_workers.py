"""Workers that make no call: because of what they are asked for, which each would refuse, or for want of something."""

from __future__ import annotations

import pytest

from sipsimple.media import messages, wire
from sipsimple.media.leg import events
from sipsimple.media.leg.facts import Settings
from sipsimple.media.leg.state import State
from sipsimple.protocols.sip.usage.events import Abandoned, StreamFailed, StreamPrepared
from tests.media.leg.caller import PEER
from tests.media.leg.world import World

WHY = "Cannot assign requested address"
CANNOT = f"the audio engine cannot open RTP on 203.0.113.1: {WHY}"


@pytest.fixture
def world() -> World:
    return World(Settings("203.0.113.1"))


def refuse(world: World, *, is_lasting: bool = True) -> None:
    """Let the worker that was asked last say that it cannot open the call."""
    while world.leg.candidate.link is None:
        world.tell_next()
    world.todo.clear()
    world.tell(wire.Closed(world.leg.candidate.token, WHY, is_lasting))


@pytest.mark.parametrize("remote", [None, PEER], ids=["our offer", "our answer"])
def test_what_every_worker_would_refuse_is_asked_of_one_and_fails_with_its_cause(remote, world):
    world.tell(events.Prepare(remote))
    refuse(world)

    assert world.session == [StreamFailed("audio", CANNOT)]
    assert world.session[0].code == 0
    assert len(world.wanted) == 1
    assert set(world.released) == set(world.wanted)
    assert world.leg.state is State.IDLE


def test_where_no_address_was_chosen_the_reason_says_so():
    world = World()
    world.tell(events.Prepare())
    refuse(world)

    assert world.failed().reason == f"the audio engine cannot open RTP on any address: {WHY}"


def test_what_another_worker_may_have_is_asked_of_others_and_no_worker_is_called_lost(world):
    world.tell(events.Prepare())
    for _ in range(3):
        refuse(world, is_lasting=False)

    assert world.session == [StreamFailed("audio", f"the audio failed 3 times in 30 s: {CANNOT}")]
    assert len(world.wanted) == 3


def test_one_that_has_it_makes_the_line(world):
    world.tell(events.Prepare())
    refuse(world, is_lasting=False)
    world.run()

    assert isinstance(world.session[-1], StreamPrepared)


def test_workers_that_are_lost_are_called_lost_and_it_is_no_status_of_a_peer(world):
    world.tell(events.Prepare())
    for _ in range(3):
        world.todo.clear()
        world.lose("it died")

    assert world.session == [StreamFailed("audio", "3 audio workers were lost in 30 s: it died")]


def test_a_call_whose_address_is_gone_when_its_worker_is_lost_ends_with_the_cause(world):
    world.running()
    world.lose()
    refuse(world)

    assert world.session[-1] == Abandoned(CANNOT)
    assert len(world.wanted) == 2


def test_a_move_to_another_leg_that_is_refused_leaves_it_where_it_is(world):
    world.running()
    seat = world.seat_token
    world.tell(events.BridgeWith(other := object()))
    world.tell(events.PeerAt(other, "1" * 16, "worker-99"))
    refuse(world)

    assert (world.leg.state, world.seat_token) == (State.RUNNING, seat)
    assert isinstance(world.session[-1], StreamPrepared)


def test_a_call_that_the_worker_will_not_even_try_is_not_waited_for(world):
    world.tell(events.Prepare())
    world.tell_next()
    world.todo.clear()
    first = world.leg.candidate.token
    world.tell(wire.Refused(first, "Open", "all 4 calls are in use"))

    assert first in world.released
    assert isinstance(world.todo[0], messages.Granted)
