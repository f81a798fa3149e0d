"""The audio stream as applications hold it: what is read of the leg, live, and what is refused."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from sipsimple.api.audio.statistics import AudioStatistics
from sipsimple.api.audio.transport import require_digits
from sipsimple.api.configuration import RTPConfiguration
from sipsimple.core import AudioTransport, RTPTransport, SIPCoreError
from sipsimple.media import wire
from sipsimple.media.leg.facts import Facts

FLOWING = Facts(
    is_running=True,
    codec="PCMU",
    sample_rate=8000,
    direction="sendrecv",
    srtp_suite="AES_CM_128_HMAC_SHA1_80",
    local=("192.0.2.1", 40000),
    remote=("192.0.2.2", 50000),
    received=("192.0.2.3", 60000),
    was_received=True,
    statistics=wire.Statistics("t", 10, 9, 1600, 1440, 1, 2, 3.5, 20.0, "192.0.2.3:60000", "PCMU"),
    recording_file_name="/a.wav",
    restarts=1,
)


class Leg:
    """A leg that only has facts."""

    def __init__(self, facts):
        self.state = SimpleNamespace(facts=facts)
        self.is_alive = True
        self.told = []
        self.system = SimpleNamespace(thread=None, hub=None)


def transport(facts=None):
    audio = AudioTransport(RTPTransport("192.0.2.9", use_ice=True, ice_stun_address="192.0.2.8"))
    if facts is not None:
        audio.transport.attach(Leg(facts))
    return audio


def test_before_there_is_a_leg_nothing_is_known_but_what_was_asked_for():
    audio = transport()
    rtp = audio.transport
    assert (rtp.state, audio.is_active, audio.is_started, audio.codec, audio.sample_rate) == (
        "NULL",
        False,
        False,
        None,
        None,
    )
    assert (rtp.local_rtp_address, rtp.local_rtp_port, rtp.srtp_active, rtp.srtp_suite) == (
        "192.0.2.9",
        None,
        False,
        None,
    )
    assert (rtp.remote_rtp_address_sdp, rtp.remote_rtp_port_sdp) == (None, None)
    assert (rtp.remote_rtp_address_received, rtp.remote_rtp_port_received) == (None, None)
    assert (rtp.use_srtp, rtp.srtp_forced, rtp.use_ice) == (False, False, True)
    assert (rtp.ice_stun_address, rtp.ice_stun_port) == ("192.0.2.8", 3478)
    assert (audio.direction, audio.statistics, audio.was_received) == (None, None, False)
    with pytest.raises(SIPCoreError, match="does not run"):
        audio.send_dtmf("1")
    with pytest.raises(SIPCoreError, match="exactly one"):
        audio.send_dtmf("12")


def test_while_it_flows_everything_is_read_from_the_leg():
    audio = transport(FLOWING)
    rtp = audio.transport
    assert (rtp.state, audio.is_active, audio.is_started) == ("ESTABLISHED", True, True)
    assert (audio.codec, audio.sample_rate, audio.direction, audio.was_received) == ("PCMU", 8000, "sendrecv", True)
    assert (rtp.srtp_active, rtp.srtp_suite) == (True, "AES_CM_128_HMAC_SHA1_80")
    assert (rtp.local_rtp_address, rtp.local_rtp_port) == ("192.0.2.1", 40000)
    assert (rtp.remote_rtp_address_sdp, rtp.remote_rtp_port_sdp) == ("192.0.2.2", 50000)
    assert (rtp.remote_rtp_address_received, rtp.remote_rtp_port_received) == ("192.0.2.3", 60000)
    assert audio.recording_file_name == "/a.wav"
    assert audio.statistics == AudioStatistics(10, 9, 1600, 1440, 1, 2, 3.5, 20.0, "PCMU", 1)


def test_the_last_values_stay_when_the_leg_has_ended():
    audio = transport(FLOWING)
    audio.ref.is_alive = False
    assert (audio.transport.state, audio.is_active) == ("INVALID", False)
    assert (audio.codec, audio.transport.local_rtp_port) == ("PCMU", 40000)


@pytest.mark.parametrize(("facts", "state"), [(Facts(), "INIT"), (Facts(local=("192.0.2.1", 1)), "LOCAL")])
def test_the_state_tells_how_far_it_has_come(facts, state):
    assert transport(facts).transport.state == state


def test_statistics_cannot_be_changed_and_count_from_nothing():
    statistics = transport(Facts(codec="PCMA")).statistics
    assert statistics == AudioStatistics(codec="PCMA")
    with pytest.raises(dataclasses.FrozenInstanceError):
        statistics.packets_sent = 1


def test_what_it_is_made_with_is_checked():
    with pytest.raises(ValueError, match="local_rtp_address"):
        RTPTransport("::1")
    with pytest.raises(TypeError, match="RTPTransport"):
        AudioTransport(RTPConfiguration())
    assert RTPTransport().local_rtp_address == RTPConfiguration().local_rtp_address


def test_digits_are_refused_to_a_peer_that_takes_none():
    require_digits(Facts())
    with pytest.raises(SIPCoreError, match="telephone-event"):
        require_digits(Facts(takes_digits=False))
