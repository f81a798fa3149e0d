"""ICE finds a way that no `c=` line names: two ends behind one NAT, which both know themselves by its address."""

from __future__ import annotations

import pytest

from sipsimple.session import RTPConfiguration, SessionManager
from tests.api.audio_calls import needs_audio, sounding, talk
from tests.endpoints import hang_up
from tests.media.worker.test_ice import MAPPED, StunServer, needs_network

pytestmark = [needs_audio, needs_network, pytest.mark.slow]


def test_two_ends_behind_one_nat_hear_each_other_by_the_candidates_that_ice_chooses():
    with StunServer() as stun, sounding(local_ip=None) as watch:
        host, _, number = str(stun).partition(":")
        SessionManager().rtp_config = RTPConfiguration(use_ice=True, ice_stun_address=host, ice_stun_port=int(number))
        call = talk(watch)
        for end in (call.caller, call.callee):
            assert end.audio_remote_rtp_address_sdp == MAPPED, "nobody is there"
            watch.until(lambda end=end: end.audio_remote_rtp_address_received, "where the audio comes from")
            assert end.audio_remote_rtp_address_received != MAPPED
            assert end.audio_local_rtp_address == MAPPED
            assert end.state == "ESTABLISHED"
        hang_up(watch, call)
        assert watch.count("SCSessionDidFail") == 0
