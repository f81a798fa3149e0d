"""Audio legs with real workers: offers and answers in every direction, and what the peer hears."""

from __future__ import annotations

import pytest

from sipsimple.media.leg import events
from sipsimple.media.leg.facts import SRTP_FORCED, SRTP_OPTIONAL
from sipsimple.protocols.sip.usage.events import StreamFailed
from tests.media.rtp_peer import RTPPeer

pytestmark = pytest.mark.slow


def test_an_offer_of_ours_runs(real, tone):
    call = real.call()
    local = call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    call.peer.wait_to_hear(600)

    facts = call.facts
    assert (facts.codec, facts.sample_rate, facts.direction) == ("PCMU", 8000, "sendrecv")
    assert facts.local == ("127.0.0.1", local.port)
    assert facts.remote == ("127.0.0.1", call.peer.port)
    call.until(lambda: call.facts.received, "counters")
    assert call.facts.received == ("127.0.0.1", call.peer.port)


def test_an_offer_of_the_peer_is_answered_and_runs(real, tone):
    call = real.call()
    remote = call.line()
    local = call.answered(remote)
    call.start(local, remote)
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    call.peer.wait_to_hear(600)

    assert call.facts.codec == "PCMU"


def test_an_offer_that_the_worker_cannot_take_fails(real):
    call = real.call()
    call.ref.tell(events.Prepare(call.line().with_(formats=("18",), attributes=())))

    assert call.next(StreamFailed).code == 488


def test_early_media_of_several_forks(real, tone):
    """Each later answer counts, and the last one is that of the 200."""
    call = real.call()
    local = call.offered()
    with RTPPeer() as second, RTPPeer() as third:
        call.ref.tell(events.PlayFile(1, tone, loop_count=0))
        call.ref.tell(events.Start(call.line(), local, early=True))
        call.peer.wait_to_hear(600)
        for other in (second, third):
            line = call.line().with_(port=other.port)
            call.ref.tell(events.Start(line, local, early=True))
            other.wait_to_hear(600)
        call.ref.tell(events.Start(call.line(), local))
        call.peer.forget()
        call.peer.wait_to_hear(600)
        call.until(lambda: call.ref.state.seat.success is None, "ACK")


def test_the_peer_moves_and_is_followed(real, tone):
    call = real.call()
    call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    with RTPPeer() as second:
        line = call.line().with_(port=second.port)
        call.peer.send_to(None)  # pjsip would follow whoever speaks; what waits for it counts, too
        call.ref.tell(events.Start(line, call.answered(line)))
        second.wait_to_hear(600)


def test_a_new_offer_of_ours_is_agreed_on(real, tone):
    call = real.call()
    call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    call.start(call.offered())
    call.peer.forget()
    call.peer.wait_to_hear(600)


def test_a_new_offer_that_is_refused_changes_nothing(real, tone):
    call = real.call()
    call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    call.offered()
    call.ref.tell(events.Revert())
    call.peer.forget()
    call.peer.wait_to_hear(600)
    call.start(call.offered())
    call.peer.forget()
    call.peer.wait_to_hear(600)


def test_an_offer_of_the_peer_that_came_to_nothing_is_taken_back(real, tone):
    call = real.call()
    call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    with RTPPeer() as second:
        call.answered(call.line().with_(port=second.port))
        call.ref.tell(events.Revert())
        call.peer.forget()
        call.peer.wait_to_hear(600)


def test_a_running_call_refuses_what_it_cannot_take_and_goes_on(real, tone):
    call = real.call()
    call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    call.ref.tell(events.Prepare(call.line().with_(formats=("18",), attributes=())))

    assert call.next(StreamFailed).code == 488
    call.peer.forget()
    call.peer.wait_to_hear(600)


def test_hold_mutes_and_unhold_does_not(real, tone):
    call = real.call()
    call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    call.peer.wait_to_hear(600)
    call.ref.tell(events.Hold(True))
    call.peer.wait_for_quiet()
    call.ref.tell(events.Hold(False))
    call.peer.wait_to_hear(600)


def test_digits_go_both_ways(real):
    call = real.call()
    local = call.run()
    call.ref.tell(events.SendDigit("7"))
    call.peer.wait_for_digits("7")
    names = dict(reversed(each.split()) for each in local.all("rtpmap"))
    call.peer.says_events_as = int(names["telephone-event/8000"])
    call.peer.send_digit("9")

    assert call.notified("SCSessionGotDTMF") == {"digit": "9"}


def test_silence_is_told(real):
    call = real.call()
    call.peer.play_nothing()
    call.run()

    assert call.notified("SCSessionGotNoAudio") == {}


def test_srtp_is_offered_where_it_is_optional_and_forced(real):
    assert real.call(srtp=SRTP_OPTIONAL).offered().protocol == "RTP/AVP"
    offer = real.call(srtp=SRTP_FORCED).offered()

    assert offer.protocol == "RTP/SAVP"
    assert offer.attribute("crypto")


def test_two_legs_with_forced_srtp_hear_each_other(real, tone):
    one, two = real.call(srtp=SRTP_FORCED), real.call(srtp=SRTP_FORCED)
    offer = one.offered()
    answer = two.answered(offer)
    one.ref.tell(events.Start(answer, offer))
    two.ref.tell(events.Start(offer, answer))
    for call in (one, two):
        call.until(lambda call=call: call.facts.srtp_suite, "SRTP")
        call.until(lambda call=call: call.facts.was_received, "audio")
