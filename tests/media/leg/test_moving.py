"""Workers that are lost: whatever the leg is doing, it goes on in another one, and this is told once."""

from __future__ import annotations

import pytest

from sipsimple.media import wire
from sipsimple.media.leg import events
from sipsimple.media.leg.state import State
from sipsimple.protocols.sip.usage.events import StreamPrepared
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


def test_a_running_leg_has_a_new_line_when_its_worker_is_lost(world):
    local = world.running()
    first = world.seat_token

    world.lose()
    world.run()

    assert world.leg.state is State.MOVED
    assert world.moved().port != local.port
    assert first in world.released
    assert not world.leg.facts.is_running


def test_the_pool_is_asked_before_the_lost_place_is_given_back(world):
    """It keeps the leg's place below the ceiling in between."""
    world.running()
    first = world.seat_token
    before = len(world.outputs)

    world.lose()

    kinds = [type(each).__name__ for each in world.outputs[before:]]
    assert kinds.index("Want") < kinds.index("Release")
    assert first in world.released


def test_that_it_sounds_again_is_told_once_with_why_and_how_long(world):
    world.running()
    world.lose("it hangs")
    world.run()
    world.now += 0.25
    world.tell(events.Start(PEER, world.moved()))
    world.run()
    world.tell(world.callers[world.seat_token].flowing())

    assert world.named(RESTARTED) == [
        {"stream": "audio", "reason": "it hangs", "duration_ms": 250, "recording_file_name": None}
    ]
    assert world.leg.facts.restarts == 1
    assert world.leg.facts.is_running


def test_the_loss_of_a_worker_before_it_has_told_that_it_sounds_is_told_too(world):
    """The lines were agreed, so the peer talks: for as long as the loss lasts nobody hears it."""
    world.tell(events.Start(PEER, world.prepared()))
    world.lose("it hangs")
    recover(world)

    assert [each["reason"] for each in world.named(RESTARTED)] == ["it hangs"]
    assert world.leg.facts.restarts == 1


def test_what_it_was_doing_it_does_in_the_new_worker(world):
    world.running()
    world.tell(events.Hold(True))
    world.tell(events.Echo(True))
    world.tell(events.PlayFile(1, "a.wav", loop_count=0))
    world.tell(events.PlayFile(2, "b.wav"))
    world.tell(wire.PlayingEnded(world.seat_token, 2))
    world.tell(events.PlayTones(3, ((440, 0, 100, 100),)))
    world.commands.clear()

    world.lose()
    recover(world)

    token = world.seat_token
    told = [each for _, each in world.commands if not isinstance(each, wire.Open)]
    assert told == [
        wire.Hold(token, True),
        wire.Echo(token, True),
        wire.Play(token, 1, "a.wav", loop_count=0),
        wire.PlayTones(token, 3, ((440, 0, 100, 100),)),
    ]


@pytest.mark.parametrize("steps", range(4))
def test_a_worker_lost_while_it_prepares_costs_the_session_nothing(world, steps):
    world.tell(events.Prepare())
    for _ in range(min(steps, len(world.todo) + 1)):
        if world.leg.state is State.PREPARING and world.todo:
            world.tell_next()
    if world.leg.state is State.PREPARING:
        world.todo.clear()
        world.lose()
        world.run()

    assert [type(each) for each in world.session] == [StreamPrepared]


def test_a_worker_lost_while_it_answers_is_replaced_by_one_that_answers(world):
    world.tell(events.Prepare(PEER))
    world.tell_next()
    world.todo.clear()
    world.lose()
    world.run()

    assert [type(each) for each in world.session] == [StreamPrepared]
    assert [each.with_offer for each in world.told_worker(wire.Open)] == [False, False]


def test_a_worker_that_never_calls_is_lost(world):
    world.tell(events.Prepare())
    world.tell_next()
    world.todo.clear()

    world.fire(("seat", world.leg.candidate.token, "invite"))
    world.run()

    assert [type(each) for each in world.session] == [StreamPrepared]


def test_a_line_that_was_told_and_is_lost_has_moved(world):
    """The INVITE with the old line is out: the new one is offered when it is answered."""
    local = world.prepared()
    world.lose()
    world.run()
    moved = world.moved()

    world.tell(events.Start(PEER, local))
    assert world.leg.state is State.MOVED
    world.tell(events.Start(PEER, moved))
    world.run()

    assert world.leg.state is State.RUNNING
    assert world.leg.facts.is_running
    assert not world.named(RESTARTED)  # nothing had sounded that could come back


def test_an_answer_that_was_told_and_is_lost_has_moved(world):
    answer = world.prepared(PEER)
    world.lose()
    world.run()

    world.tell(events.Start(PEER, answer))
    recover(world)

    assert world.leg.state is State.RUNNING


def test_a_worker_lost_while_its_new_offer_is_out(world):
    world.running()
    offered = world.prepared()
    world.lose()
    world.run()

    world.tell(events.Start(PEER, offered))
    recover(world)

    assert len(world.named(RESTARTED)) == 1


def test_a_worker_lost_while_its_new_offer_is_out_that_is_then_refused(world):
    world.running()
    world.prepared()
    world.lose()
    world.tell(events.Revert())
    recover(world)

    assert world.leg.state is State.RUNNING


def test_a_worker_lost_while_the_peers_new_offer_is_put_to_it(world):
    """Then the answer is of the new worker, and no offer of ours is needed."""
    world.running()
    world.tell(events.Prepare(OTHER_PEER))
    world.todo.clear()
    world.lose()
    world.run()

    assert isinstance(world.session[-1], StreamPrepared)
    world.tell(events.Start(OTHER_PEER, world.session[-1].media))
    world.run()

    assert len(world.named(RESTARTED)) == 1
    assert world.leg.facts.remote == ("127.0.0.1", OTHER_PEER.port)


def test_the_peers_offer_that_a_new_worker_refuses_leaves_the_move(world):
    world.running()
    world.tell(events.Prepare(OTHER_PEER))
    world.todo.clear()
    world.lose()
    world.worker_refuses = True
    for _ in range(3):
        world.tell_next()
    world.worker_refuses = False
    assert world.failed().code == 488
    recover(world)

    assert world.leg.facts.is_running
