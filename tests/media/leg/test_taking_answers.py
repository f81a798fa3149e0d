"""The peer's answer as the worker gets it: what it may not see, what it refuses, what it says of digits."""

from __future__ import annotations

import pytest

from sipsimple.media import wire
from sipsimple.media.leg import events
from sipsimple.media.leg.state import State
from sipsimple.protocols.sdp.media import Attribute
from sipsimple.protocols.sip.usage.events import StreamFailed
from tests.media.leg.caller import PEER
from tests.media.leg.world import World


@pytest.fixture
def world() -> World:
    return World()


def test_digits_are_taken_until_the_peer_turns_out_to_name_no_events(world):
    local = world.prepared()
    assert world.leg.facts.takes_digits
    world.tell(events.Start(PEER.with_(formats=("0",), attributes=()), local))
    assert not world.leg.facts.takes_digits
    world.tell(events.Start(PEER, local))
    assert world.leg.facts.takes_digits


def test_the_worker_sees_nothing_of_the_answer_that_could_harm_it(world):
    local = world.prepared()
    more = (*PEER.attributes, Attribute("rtcp", "40001 IN IP4 media.example.com"))
    peer = PEER.with_(formats=("0", "120", "101"), attributes=more)
    world.tell(events.Start(peer, local))
    world.run()

    assert world.callers[world.seat_token].remote == PEER
    assert world.leg.remote == peer


@pytest.mark.parametrize("end", ["BYE", "Closed"])
def test_an_answer_that_the_worker_hangs_up_over_fails_the_stream_and_costs_no_other_worker(world, end):
    local = world.prepared()
    world.tell(events.Start(PEER, local))
    token = world.seat_token
    caller = world.callers[token]
    world.todo.clear()
    world.tell(caller.ack())
    world.tell(caller.arrived("BYE") if end == "BYE" else wire.Closed(token, "406 SDP offer/answer incomplete"))

    assert isinstance(world.session[-1], StreamFailed)
    assert world.session[-1].code == 488
    assert world.leg.state is State.IDLE
    assert token in world.released
    assert len(world.wanted) == 1
