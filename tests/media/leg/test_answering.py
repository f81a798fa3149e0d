"""The peer's offers: put to the worker in our 200 or in a re-INVITE of ours, and answered by it."""

from __future__ import annotations

import pytest

from sipsimple.media import messages, wire
from sipsimple.media.leg import events
from sipsimple.media.leg.facts import Settings
from sipsimple.media.leg.state import State
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.usage.events import StreamPrepared
from tests.media.leg.caller import CRYPTO, OTHER_PEER, PEER, described, line
from tests.media.leg.world import World


@pytest.fixture
def world() -> World:
    return World()


def answering(world: World) -> None:
    """Have it run by an offer of the peer."""
    local = world.prepared(PEER)
    world.tell(events.Start(PEER, local))
    world.run()


def requests(world: World, method: str) -> list[Request]:
    sent = [each.message for each in world.outputs if isinstance(each, Send)]
    return [each for each in sent if isinstance(each, Request) and each.method == method]


def test_the_answer_is_in_the_ack_of_the_worker(world):
    local = world.prepared(PEER)

    caller = next(iter(world.callers.values()))
    assert not world.told_worker(wire.Open)[0].with_offer
    assert caller.remote.port == PEER.port
    assert local.port == caller.line.port


def test_what_flowed_before_the_start_is_known_at_the_start(world):
    answering(world)

    assert world.leg.state is State.RUNNING
    assert world.leg.facts.codec == "PCMU"


def test_a_worker_that_acknowledges_without_an_answer_does_not_take_the_offer(world):
    world.worker_refuses = True
    world.tell(events.Prepare(PEER))
    world.run()

    assert world.failed().code == 488
    assert world.leg.state is State.IDLE
    assert set(world.wanted) == set(world.released)


def test_a_worker_that_hangs_up_on_the_offer_does_not_take_it(world):
    """Another worker would not take it either."""
    world.tell(events.Prepare(PEER))
    world.tell_next()
    world.tell_next()
    world.todo.clear()
    world.tell(wire.Closed(world.leg.candidate.token, "488 Not Acceptable Here"))

    assert world.failed().code == 488
    assert len(world.wanted) == 1


def test_a_new_offer_of_the_peer_is_put_to_the_worker_by_a_re_invite(world):
    answering(world)
    local = world.prepared(OTHER_PEER)
    world.tell(events.Start(OTHER_PEER, local))

    assert len(requests(world, "INVITE")) == 1
    assert len(requests(world, "ACK")) == 1
    assert world.leg.facts.remote == ("127.0.0.1", OTHER_PEER.port)


def test_the_description_for_the_worker_is_ours_and_its_version_rises(world):
    """RFC 3264 8: the worker sees one session whose version goes up by one with each change."""
    world.running()
    world.prepared(OTHER_PEER)

    origins = [
        each.message.body.split(b"\r\n")[1].split()
        for each in world.outputs
        if isinstance(each, Send) and each.message.body
    ]
    assert [each[0] for each in origins] == [b"o=-"] * 2
    assert origins[0][1] == origins[1][1]
    assert [int(each[2]) for each in origins] == [1, 2]


def test_a_repeated_200_is_acknowledged_again(world):
    answering(world)
    world.prepared(OTHER_PEER)
    invite = requests(world, "INVITE")[0]
    caller = world.callers[world.seat_token]

    world.tell(caller.answered(invite, 200, described(caller.line)))

    first, again = requests(world, "ACK")
    assert bytes(first) == bytes(again)
    assert len(world.session) == 2


def test_an_offer_that_the_worker_refuses_fails_the_question_and_the_call_goes_on(world):
    """No codec in common is answered 500 by pjsip within a call."""
    answering(world)
    world.worker_refuses = True

    world.tell(events.Prepare(OTHER_PEER))
    world.run()

    assert world.failed().code == 488
    assert world.leg.state is State.RUNNING
    assert world.leg.facts.remote == ("127.0.0.1", PEER.port)


def test_491_of_the_worker_is_tried_again(world):
    answering(world)
    world.tell(events.Prepare(OTHER_PEER))
    invite = requests(world, "INVITE")[0]
    world.todo.clear()
    world.tell(world.callers[world.seat_token].answered(invite, 491))

    world.fire(("seat", world.seat_token, "retry"))
    world.run()

    assert len(requests(world, "INVITE")) == 2
    assert isinstance(world.session[-1], StreamPrepared)


def test_481_of_the_worker_is_the_loss_of_the_call_in_it(world):
    answering(world)
    world.tell(events.Prepare(OTHER_PEER))
    invite = requests(world, "INVITE")[0]
    world.todo.clear()

    world.tell(world.callers[world.seat_token].answered(invite, 481))
    world.run()

    assert world.leg.state is State.PREPARED
    assert not world.told_worker(wire.Open)[-1].with_offer


def test_an_offer_that_comes_to_nothing_is_taken_back_from_the_worker(world):
    answering(world)
    world.prepared(OTHER_PEER)

    world.tell(events.Revert())
    world.run()

    assert world.callers[world.seat_token].remote.port == PEER.port
    assert world.leg.state is State.RUNNING
    assert len(world.session) == 2


def test_an_offer_that_comes_to_nothing_before_the_worker_answers_is_taken_back_too(world):
    answering(world)
    world.tell(events.Prepare(OTHER_PEER))
    world.tell(events.Revert())
    world.run()

    assert world.callers[world.seat_token].remote.port == PEER.port
    assert len(world.session) == 1


def test_the_last_question_counts(world):
    answering(world)
    third = line(40020)
    world.tell(events.Prepare(OTHER_PEER))
    world.tell(events.Prepare(third))
    world.run()

    assert len(world.session) == 2
    assert world.callers[world.seat_token].remote.port == third.port


def test_the_peers_offer_overtakes_an_offer_of_ours(world):
    """The worker's own re-INVITE is on its way: it is refused, then the peer's line is put to it."""
    world.running()
    world.tell(events.Prepare())
    world.tell(events.Prepare(OTHER_PEER))
    world.run()

    assert len(world.session) == 2
    assert world.callers[world.seat_token].remote.port == OTHER_PEER.port


def test_an_offer_of_ours_after_one_of_the_peers(world):
    world.running()
    world.tell(events.Prepare(OTHER_PEER))
    world.tell(events.Prepare())
    world.run()

    assert len(world.session) == 2
    assert world.leg.ask.remote is None


def test_what_the_peer_says_without_a_question_is_told_to_the_worker(world):
    local = world.running()

    world.tell(events.Start(OTHER_PEER, local))
    world.run()

    assert world.callers[world.seat_token].remote.port == OTHER_PEER.port
    assert len(world.session) == 1


def test_what_the_peer_says_again_is_not(world):
    local = world.running()

    world.tell(events.Start(PEER, local))

    assert not requests(world, "INVITE")


def test_an_encrypted_offer_is_never_answered_plain():
    world = World(settings=Settings())
    world.tell(events.Prepare(line(40000, srtp=CRYPTO)))
    world.run()

    assert world.failed().reason == "the audio line is not encrypted"


def test_a_line_cannot_be_asked_for_before_the_peer_answered(world):
    local = world.prepared()
    world.tell(events.Start(PEER, local, early=True))

    world.tell(events.Prepare(OTHER_PEER))

    assert world.failed().code == 500
    assert world.leg.state is State.RUNNING


def test_a_late_grant_is_given_back(world):
    world.tell(events.Prepare())
    granted = world.todo.popleft()
    world.tell(events.Revert())
    world.released.clear()

    world.tell(granted)

    assert world.released == [granted.token]
    assert isinstance(granted, messages.Granted)
