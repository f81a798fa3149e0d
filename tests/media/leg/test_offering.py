"""Our offer: the line that a worker makes, the peer's answer to it, early or not, and what comes to nothing."""

from __future__ import annotations

import pytest

from sipsimple.media import messages, wire
from sipsimple.media.leg import events
from sipsimple.media.leg.facts import SRTP_FORCED, Settings
from sipsimple.media.leg.state import State
from sipsimple.protocols.sip.message import Response
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.usage.events import StreamPrepared
from tests.media.leg.caller import CRYPTO, OTHER_PEER, PEER, described, line, read_line
from tests.media.leg.world import World


@pytest.fixture
def world() -> World:
    return World()


def responses(world: World, status: int) -> list[Response]:
    sent = [each.message for each in world.outputs if isinstance(each, Send)]
    return [each for each in sent if isinstance(each, Response) and each.status == status]


def test_the_offer_is_the_line_of_the_worker(world):
    local = world.prepared()

    assert world.leg.state is State.PREPARED
    assert local.port == next(iter(world.callers.values())).line.port
    assert world.told_worker(wire.Open)[0].with_offer


def test_the_worker_is_kept_waiting_with_180_while_the_peer_rings(world):
    world.prepared()
    token = world.leg.candidate.token

    world.fire(("seat", token, "ringing"))

    assert len(responses(world, 180)) == 2
    assert ("seat", token, "ringing") in world.timers


def test_the_answer_of_the_peer_is_put_to_the_worker(world):
    world.running()

    caller = world.callers[world.seat_token]
    assert caller.remote.port == PEER.port
    assert world.leg.facts.is_running
    assert world.leg.facts.codec == "PCMU"
    assert world.leg.facts.remote == ("127.0.0.1", PEER.port)


def test_the_200_is_repeated_until_the_ack_comes(world):
    local = world.prepared()
    world.tell(events.Start(PEER, local))
    name = ("seat", world.seat_token, "2xx")

    world.fire(name)
    assert len(responses(world, 200)) == 2
    assert world.timers[name] == 1.0
    world.run()

    assert name not in world.timers
    assert ("seat", world.seat_token, "ack") not in world.timers


def test_a_worker_that_does_not_acknowledge_is_lost(world):
    local = world.prepared()
    world.tell(events.Start(PEER, local))
    lost = world.seat_token
    world.todo.clear()

    world.fire(("seat", lost, "ack"))

    assert world.leg.state is State.MOVING
    assert lost in world.released


def test_early_media_flows_before_the_answer(world):
    local = world.prepared()

    world.tell(events.Start(PEER, local, early=True))
    early = responses(world, 183)
    world.tell(events.Start(PEER, local))

    assert read_line(early[0].body).port == PEER.port
    assert read_line(responses(world, 200)[0].body).port == PEER.port
    assert responses(world, 200)[0].to.tag == early[0].to.tag


def test_the_answer_of_another_fork_comes_by_another_tag(world):
    """Within one early dialog a user agent does not look at a second answer, RFC 3261 13.2.1."""
    local = world.prepared()

    world.tell(events.Start(PEER, local, early=True))
    world.tell(events.Start(PEER, local, early=True))
    world.tell(events.Start(OTHER_PEER, local, early=True))
    world.tell(events.Start(PEER, local))
    world.run()

    first, second = responses(world, 183)
    answer = responses(world, 200)[0]
    assert len({first.to.tag, second.to.tag, answer.to.tag}) == 3
    assert world.leg.state is State.RUNNING
    assert ("seat", world.seat_token, "ack") not in world.timers


def test_the_same_question_gets_the_same_answer(world):
    """A session that crashed asks again."""
    world.prepared()

    world.tell(events.Prepare())

    first, second = world.session
    assert first == second
    assert len(world.wanted) == 1


def test_a_question_asked_twice_before_it_is_answered_is_answered_once(world):
    world.tell(events.Prepare())
    world.tell(events.Prepare())
    world.run()

    assert [type(each) for each in world.session] == [StreamPrepared]


def test_a_first_offer_that_came_to_nothing_leaves_nothing(world):
    world.prepared()
    token = world.leg.candidate.token

    world.tell(events.Revert())

    assert world.leg.state is State.IDLE
    assert world.released == [token]
    assert responses(world, 487)
    assert not world.timers


def test_a_pool_without_room_fails_the_stream_with_its_code(world):
    world.tell(events.Prepare())
    world.tell(messages.Refused(world.leg.candidate.token, 503, "limit of 256 audio calls reached"))

    assert (world.failed().code, world.failed().reason) == (503, "limit of 256 audio calls reached")
    assert world.leg.state is State.IDLE


def test_start_before_a_line_was_told_changes_nothing(world):
    world.tell(events.Prepare())
    before = world.leg

    assert world.tell(events.Start(PEER, line(30002))) == []
    assert world.leg is before


def test_a_start_with_a_line_that_is_not_the_present_one_changes_nothing(world):
    world.prepared()

    world.tell(events.Start(PEER, line(12345)))

    assert world.leg.state is State.PREPARED


# ---------------------------------------------------------- renegotiation


def test_a_running_worker_makes_a_new_offer_when_it_is_asked(world):
    world.running()
    world.tell(events.Prepare())
    world.run()
    local = world.session[-1].media
    world.tell(events.Start(OTHER_PEER, local))
    world.run()

    assert world.leg.state is State.RUNNING
    assert world.callers[world.seat_token].remote.port == OTHER_PEER.port
    assert len(world.wanted) == 1


def test_a_new_offer_that_the_peer_refused_is_refused_to_the_worker(world):
    """RFC 3261 14.1: the session goes on as if the re-INVITE had never been."""
    world.running()
    world.prepared()

    world.tell(events.Revert())

    assert responses(world, 488)
    assert world.leg.state is State.RUNNING
    assert world.leg.facts.remote == ("127.0.0.1", PEER.port)


def test_a_new_offer_that_is_not_wanted_any_more_is_refused_when_it_comes(world):
    world.running()
    world.tell(events.Prepare())
    world.tell(events.Revert())
    world.run()

    assert responses(world, 488)
    assert len(world.session) == 1


def test_a_worker_that_cannot_offer_now_fails_only_the_question(world):
    world.running()
    world.tell(events.Prepare())
    world.todo.clear()

    world.tell(wire.Refused(world.seat_token, "Offer", "EINVALIDOP"))

    assert world.failed().reason == "EINVALIDOP"
    assert world.leg.state is State.RUNNING


# ------------------------------------------------------------- encryption


def forced() -> World:
    return World(settings=Settings(srtp=SRTP_FORCED), srtp=CRYPTO)


def test_an_encrypted_line_is_told_where_encryption_is_forced():
    world = forced()

    assert world.prepared().protocol == "RTP/SAVP"
    assert world.told_worker(wire.Open)[0].srtp == SRTP_FORCED


def test_a_plain_line_of_the_worker_is_never_told_where_encryption_is_forced():
    world = forced()
    world.srtp = None

    world.tell(events.Prepare())
    world.run()

    assert world.failed().reason == "the audio line is not encrypted"
    assert not any(isinstance(each, StreamPrepared) for each in world.session)
    assert set(world.wanted) == set(world.released)


def test_a_plain_line_of_the_peer_is_never_started_where_encryption_is_forced():
    world = forced()
    local = world.prepared()

    world.tell(events.Start(PEER, local))

    assert (world.failed().code, world.failed().reason) == (488, "the peer's audio line is not encrypted")
    assert not responses(world, 200)


def test_garbage_from_the_worker_is_its_end(world):
    world.tell(events.Prepare())
    world.tell_next()
    caller = next(iter(world.callers.values()))
    world.todo.clear()

    world.tell(caller.arrived("INVITE", b"this is no SDP"))

    assert caller.token in world.released
    assert world.failed().reason


def test_what_nobody_asked_for_is_refused(world):
    """The worker does not renegotiate by itself; if it did, what was agreed with the peer would stay."""
    world.running()
    caller = world.callers[world.seat_token]

    world.tell(caller.arrived("INVITE", described(line(31000))))

    assert responses(world, 488)
    assert world.leg.state is State.RUNNING
