"""Workers that are lost again and again, pools and peers that refuse, questions while it moves."""

from __future__ import annotations

import pytest

from sipsimple.media import messages, wire
from sipsimple.media.leg import events
from sipsimple.media.leg.state import State
from sipsimple.protocols.sip.usage.events import Abandoned, StreamFailed, StreamMoved, StreamPrepared
from tests.media.leg.caller import OTHER_PEER, PEER
from tests.media.leg.world import World

RESTARTED = "SCSessionMediaDidRestart"


@pytest.fixture
def world() -> World:
    return World()


def recover(world: World, remote=PEER) -> None:
    """Let the session agree on the new line."""
    world.run()
    world.tell(events.Start(remote, world.moved()))
    world.run()


def test_lost_twice_it_comes_back_twice(world):
    world.running()
    for _ in range(2):
        world.lose()
        recover(world)

    assert len(world.named(RESTARTED)) == 2
    assert world.leg.facts.restarts == 2


def test_lost_while_it_moves_it_comes_back_once(world):
    world.running()
    world.lose()
    world.run()
    lost = world.moved()
    world.lose()
    world.tell(events.Start(PEER, lost))
    recover(world)

    assert len(world.named(RESTARTED)) == 1


def test_the_third_loss_within_thirty_seconds_ends_the_call(world):
    world.running()
    for _ in range(2):
        world.lose()
        recover(world)
        world.now += 10
    world.lose("it died again")

    assert isinstance(world.session[-1], Abandoned)
    assert "it died again" in world.session[-1].reason
    world.tell(events.End())
    assert world.ends == 1
    assert set(world.wanted) == set(world.released)


def test_losses_are_forgotten_after_thirty_seconds(world):
    world.running()
    for _ in range(5):
        world.lose()
        recover(world)
        world.now += 16

    assert world.leg.state is State.RUNNING


def test_three_losses_before_there_is_a_line_fail_the_stream_only(world):
    world.tell(events.Prepare())
    for _ in range(3):
        world.tell_next()
        world.todo.clear()
        world.lose("EADDRNOTAVAIL")

    assert "EADDRNOTAVAIL" in world.failed().reason
    assert world.leg.state is State.IDLE


@pytest.mark.parametrize("end", ["BYE", "Closed"])
def test_a_call_that_the_worker_ends_goes_on_in_another_one(world, end):
    world.running()
    token = world.seat_token
    caller = world.callers[token]

    world.tell(caller.arrived("BYE") if end == "BYE" else wire.Closed(token, "480"))
    world.tell(wire.Closed(token, "and once more"))
    recover(world)

    assert len(world.named(RESTARTED)) == 1


def test_a_pool_without_room_is_asked_again_for_a_call_that_was_agreed(world):
    world.running()
    world.lose()
    world.todo.clear()
    world.tell(messages.Refused(world.leg.candidate.token, 503, "full"))

    world.fire("retry")
    recover(world)

    assert len(world.named(RESTARTED)) == 1


def test_a_pool_that_stays_without_room_fails_the_stream(world):
    world.running()
    world.lose()
    for _ in range(3):
        world.todo.clear()
        world.tell(messages.Refused(world.leg.candidate.token, 503, "full"))
        if "retry" in world.timers:
            world.fire("retry")

    assert (world.failed().code, world.failed().reason) == (503, "full")
    assert set(world.wanted) == set(world.released)


def test_a_question_while_it_moves_is_answered_with_the_new_line(world):
    world.running()
    world.lose()
    world.tell(events.Prepare())
    world.run()

    assert isinstance(world.session[-1], StreamPrepared)
    world.tell(events.Start(PEER, world.session[-1].media))
    world.run()
    assert len(world.named(RESTARTED)) == 1


def test_a_line_that_moved_stays_good_whatever_is_asked(world):
    """The session may be offering it already."""
    world.running()
    world.lose()
    world.run()
    moved = world.moved()

    world.tell(events.Prepare(OTHER_PEER))
    world.tell(events.Prepare())

    assert [type(each) for each in world.session[-3:]] == [StreamMoved] * 3
    world.tell(events.Start(PEER, moved))
    assert world.leg.state is State.RUNNING


def test_a_new_line_that_the_peer_refuses_is_offered_again_and_then_given_up(world):
    world.running()
    world.lose()
    world.run()
    for _ in range(3):
        assert isinstance(world.session[-1], StreamMoved)
        world.tell(events.Revert())

    assert isinstance(world.session[-1], StreamFailed)
    assert set(world.wanted) == set(world.released)


def test_a_crash_of_the_actor_has_what_it_waits_for_said_again(world):
    world.tell(events.Prepare())
    wish = world.todo.popleft()
    world.tell(events.Resumed())
    assert world.todo.popleft().token == wish.token

    world.todo.append(wish)
    world.run()
    world.tell(events.Resumed())

    assert [type(each) for each in world.session] == [StreamPrepared] * 2
