"""Two legs that hear each other: who moves where, and what becomes of it when a worker is lost or one of them ends."""

from __future__ import annotations

from typing import Any

import pytest

from sipsimple.media import messages, wire
from sipsimple.media.leg import events, outputs
from sipsimple.media.leg.state import State
from sipsimple.protocols.sip.usage.events import StreamMoved
from tests.media.leg.caller import PEER, Link
from tests.media.leg.world import World


class Two:
    """Two legs that tell each other what they have to, in a pool that puts them where `beside` says."""

    def __init__(self) -> None:
        self.one, self.two = World(), World()
        self.place: dict[str, Link] = {}
        self.full: set[str] = set()
        self.workers = 0
        for world in (self.one, self.two):
            world.leg = type(world.leg)(f"secret of {id(world)}", world.leg.terms)
            world.grant = self.granted
            world.running()

    def granted(self, wish: outputs.Want) -> Any:
        link = self.place.get(wish.beside or "")
        is_full = link is not None and link.name in self.full
        if link is None or is_full:
            self.workers += 1
            link = Link(self.workers)
        self.place[wish.token] = link
        return messages.Granted(wish.token, link, is_beside=not is_full)

    def settle(self) -> None:
        """Let the legs talk, and their sessions agree on each line that moved, until nobody has anything to do."""
        for _ in range(50):
            busy = False
            for world, other in ((self.one, self.two), (self.two, self.one)):
                world.run()
                told, world.peer = world.peer, []
                busy = busy or bool(told)
                for each in told:
                    other.tell(self._message(world, each))
                other.run()
                if world.leg.state is State.MOVED:
                    world.tell(events.Start(PEER, world.moved()))
                    busy = True
            if not busy:
                return
        raise AssertionError("they never come to rest")

    def _message(self, sender: World, told: outputs.TellPeer) -> object:
        if told.is_gone:
            return events.PeerGone(sender)
        return events.PeerAt(sender, told.token, told.worker, told.is_asking, told.is_calling)

    def bridge(self) -> None:
        self.one.tell(events.BridgeWith(self.two))
        self.settle()

    @property
    def are_bridged(self) -> bool:
        """Whether both say so, and the worker that both are in was told of these two."""
        one, two = self.one.leg.seat, self.two.leg.seat
        if one is None or two is None or one.link.name != two.link.name:
            return False
        told = self.one.told_worker(wire.Bridge) + self.two.told_worker(wire.Bridge)
        is_told = any({each.leg, each.other} == {one.token, two.token} for each in told)
        return is_told and self.one.leg.facts.is_bridged and self.two.leg.facts.is_bridged


@pytest.fixture
def two() -> Two:
    return Two()


def test_the_leg_that_asked_moves_beside_the_other(two):
    asked, asking = two.two.seat_token, two.one.seat_token
    two.bridge()

    assert two.are_bridged
    assert two.two.seat_token == asked
    assert asking in two.one.released
    assert [type(each) for each in two.one.session[1:]] == [StreamMoved]


def test_a_planned_move_is_no_restart(two):
    two.bridge()

    assert not two.one.notifications
    assert two.one.leg.facts.restarts == 0


def test_it_sounds_in_the_old_worker_until_the_new_line_is_agreed(two):
    old = two.one.seat_token
    two.one.tell(events.BridgeWith(two.two))
    two.one.tell(events.PeerAt(two.two, two.two.seat_token, two.two.leg.seat.link.name))
    two.one.run()

    assert two.one.leg.state is State.MOVED
    assert two.one.leg.facts.is_running
    assert two.one.seat_token == old


def test_legs_in_one_worker_need_not_move(two):
    two.bridge()
    two.one.tell(events.Unbridge())
    two.settle()
    assert not two.one.leg.facts.is_bridged
    assert not two.two.leg.facts.is_bridged
    assert two.one.told_worker(wire.Unbridge)
    places = len(two.place)

    two.bridge()

    assert two.are_bridged
    assert len(two.place) == places


def test_where_the_worker_of_the_other_is_full_both_go_to_a_third_one(two):
    two.full.add(two.two.leg.seat.link.name)
    two.bridge()

    assert two.are_bridged
    assert two.one.seat_token not in two.full


def test_a_move_that_the_peer_refuses_leaves_the_leg_where_it_is(two):
    old = two.one.seat_token
    two.one.tell(events.BridgeWith(two.two))
    two.one.tell(events.PeerAt(two.two, two.two.seat_token, two.two.leg.seat.link.name))
    two.one.run()
    two.one.tell(events.Revert())

    assert two.one.leg.state is State.RUNNING
    assert two.one.seat_token == old


def test_a_pool_that_cannot_put_them_together_leaves_them_apart(two):
    two.one.tell(events.BridgeWith(two.two))
    two.one.tell(events.PeerAt(two.two, two.two.seat_token, two.two.leg.seat.link.name))
    two.one.tell(messages.Refused(two.one.leg.candidate.token, 0, "a worker holds one call only"))

    assert two.one.leg.state is State.RUNNING
    assert not two.one.leg.facts.is_bridged


def test_the_end_of_one_is_the_end_of_the_bridge(two):
    two.bridge()
    two.two.tell(events.End())
    two.settle()

    assert two.one.leg.bridge is None
    assert not two.one.leg.facts.is_bridged


@pytest.mark.parametrize("lost", [("one",), ("two",), ("one", "two"), ("two", "one")])
def test_a_bridge_outlives_lost_workers(two, lost):
    two.bridge()
    for name in lost:
        world = getattr(two, name)
        two.place.pop(world.seat_token)
        world.lose()
    two.settle()

    assert two.are_bridged


def test_a_bridge_with_a_third_one_ends_the_first(two):
    two.bridge()
    third = World()
    third.running()
    two.two.tell(events.PeerAt(third, third.seat_token, "worker-9", is_asking=True))
    told = two.two.peer[0]

    assert told.is_gone
    assert told.peer is two.one


def test_both_asking_at_once_come_together(two):
    two.one.tell(events.BridgeWith(two.two))
    two.two.tell(events.BridgeWith(two.one))
    two.settle()

    assert two.are_bridged


def test_a_recording_goes_on_in_a_file_of_its_own_after_a_planned_move(two):
    two.one.tell(events.StartRecording("/tmp/a.wav"))
    two.one.run()
    two.bridge()

    files = [
        (name.removeprefix("SCSession").removesuffix("RecordingAudio"), data["file_name"])
        for name, data in two.one.notifications
    ]
    assert files == [
        ("WillStart", "/tmp/a.wav"),
        ("DidStart", "/tmp/a.wav"),
        ("WillStop", "/tmp/a.wav"),
        ("DidStop", "/tmp/a.wav"),
        ("WillStart", "/tmp/a-2.wav"),
        ("DidStart", "/tmp/a-2.wav"),
    ]
    assert not two.one.repaired
    assert not two.one.leg.partings


def test_a_question_of_the_session_during_a_planned_move_is_answered(two):
    two.one.tell(events.BridgeWith(two.two))
    two.one.tell(events.PeerAt(two.two, two.two.seat_token, two.two.leg.seat.link.name))
    local = two.one.prepared(PEER)
    two.one.tell(events.Start(PEER, local))
    two.settle()

    assert two.are_bridged
