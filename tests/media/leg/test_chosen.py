"""ICE has chosen another address than the line says: the worker offers it, and the leg tells (RFC 8839 4.4.1)."""

from __future__ import annotations

import pytest

from sipsimple.media.leg import events
from sipsimple.media.leg.state import State
from sipsimple.media.seat.state import State as SeatState
from sipsimple.protocols.sdp.media import Attribute, Connection
from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.usage.events import StreamOutdated, StreamPrepared
from tests.media.leg.caller import OTHER_PEER, described
from tests.media.leg.world import World

CHOSEN = "198.51.100.7"
OUTDATED = StreamOutdated("audio")


@pytest.fixture
def world():
    """A leg that runs, with ICE."""
    world = World()
    world.tell(events.Prepare())
    world.tell_next()
    caller = next(iter(world.callers.values()))
    caller.line = with_ice(caller.line, "u")
    world.todo[0] = caller.invite()
    world.run()
    world.tell(events.Start(OTHER_PEER, world.session[-1].media))
    world.run()
    assert world.leg.state is State.RUNNING
    return world


def with_ice(line, ufrag):
    more = (Attribute("ice-ufrag", ufrag), Attribute("ice-pwd", f"{ufrag}-secret"))
    return line.with_(attributes=(*line.attributes, *more))


def caller_of(world):
    return world.callers[world.seat_token]


def choose(world):
    """Let the worker tell of what ICE has chosen."""
    caller = caller_of(world)
    caller.line = caller.line.with_(connection=Connection.to(CHOSEN))
    world.tell(caller.arrived("INVITE", described(caller.line, 7)))
    world.run()


def statuses(world):
    return [each.message.status for each in world.outputs if isinstance(each, Send) and type(each.message) is Response]


def test_the_session_is_told_and_the_worker_has_to_wait_until_it_asks(world):
    choose(world)
    assert world.session[-1] == OUTDATED
    assert statuses(world)[-1] == 488
    assert world.leg.state is State.RUNNING


def test_asked_for_the_line_the_leg_tells_it_and_goes_on_by_it(world):
    choose(world)
    world.tell(events.Prepare())
    world.run()
    told = world.session[-1]
    assert isinstance(told, StreamPrepared)
    assert told.media.connection.address == CHOSEN
    world.tell(events.Start(OTHER_PEER, told.media))
    world.run()
    assert world.leg.state is State.RUNNING
    assert world.leg.facts.local[0] == CHOSEN
    assert statuses(world)[-1] == 200


def test_where_the_peer_refuses_it_the_worker_hears_so_and_what_was_agreed_holds(world):
    agreed = world.leg.local
    choose(world)
    world.tell(events.Prepare())
    world.run()
    world.tell(events.Revert())
    world.run()
    assert statuses(world)[-1] == 488
    assert (world.leg.state, world.leg.local) == (State.RUNNING, agreed)
    invites = len([each for each in world.outputs if isinstance(each, Send) and type(each.message) is Request])
    world.tell(events.Start(OTHER_PEER.with_direction("sendonly"), agreed))
    world.run()
    assert caller_of(world).remote.direction == "sendonly", "a line that the peer knows is still of this worker"
    assert len([each for each in world.outputs if isinstance(each, Send) and type(each.message) is Request]) > invites


def test_what_was_told_already_is_no_news(world):
    choose(world)
    world.tell(events.Prepare())
    world.run()
    world.tell(events.Start(OTHER_PEER, world.session[-1].media))
    world.run()
    choose(world)
    assert world.session.count(OUTDATED) == 1


@pytest.mark.parametrize("line", ["another session of ICE", "garbage"])
def test_any_other_offer_of_the_worker_is_only_refused(world, line):
    caller = caller_of(world)
    other = with_ice(caller.line.with_(attributes=()), "other").with_(connection=Connection.to(CHOSEN))
    world.tell(caller.arrived("INVITE", b"garbage" if line == "garbage" else described(other)))
    world.run()
    assert statuses(world)[-1] == 488
    assert OUTDATED not in world.session


def test_an_offer_that_meets_one_of_ours_waits(world):
    """Its answer is made later than that offer, and says what was chosen."""
    world.tell(events.Prepare(OTHER_PEER))
    assert world.leg.seat.state is SeatState.REASKED
    world.todo.clear()
    choose(world)
    assert statuses(world)[-1] == 491
    assert OUTDATED not in world.session
