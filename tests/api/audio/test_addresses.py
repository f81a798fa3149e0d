"""Where the audio of a session is bound: an address that this host has not, and ICE where there can be none."""

from __future__ import annotations

import pytest

from sipsimple.session import RTPConfiguration, Session, SessionManager
from tests.api.audio.calls import needs_audio, ring, sounding, talk
from tests.endpoints import alice, hang_up, target

pytestmark = [needs_audio, pytest.mark.slow]


@pytest.mark.parametrize("address", ["203.0.113.1", "198.51.100.1"])
def test_audio_that_cannot_be_had_at_the_address_fails_with_code_0_and_the_cause(address):
    with sounding() as watch:
        SessionManager().rtp_config = RTPConfiguration(address)
        session = Session()
        session.connect(target(), alice(), audio=True)
        failure = watch.wait_for("SCSessionDidFail", session).data
        assert (failure.originator, failure.code) == ("local", 0)
        reason = f"audio stream: the audio engine cannot open RTP on {address}: Cannot assign requested address"
        assert failure.reason == reason
        watch.wait_for("SCSessionDidEnd", session)
    told = ["NULL>CALLING", "SCSessionNewOutgoing", "CALLING>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]
    assert watch.names(session) == told


def test_where_the_callee_cannot_have_audio_the_caller_gets_500():
    with sounding() as watch:
        call = ring(watch)
        call.callee.rtp_config.local_rtp_address = "203.0.113.1"
        call.callee.accept(audio=True)
        failure = watch.wait_for("SCSessionDidFail", call.callee).data
        assert (failure.originator, failure.code) == ("local", 0)
        assert "cannot open RTP on 203.0.113.1" in failure.reason
        failure = watch.wait_for("SCSessionDidFail", call.caller).data
        assert (failure.originator, failure.code) == ("remote", 500)


def test_with_ice_on_a_loopback_address_there_is_audio_without_ice():
    with sounding() as watch:
        SessionManager().rtp_config = RTPConfiguration("127.0.0.1", use_ice=True)
        hang_up(watch, talk(watch))
