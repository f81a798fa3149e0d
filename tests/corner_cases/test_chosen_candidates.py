"""ICE finds a way that no `c=` line names: the peer is told by a re-INVITE, which it may refuse (RFC 8839 4.4.1)."""

from __future__ import annotations

import contextlib
import re

import pytest
from gevent import socket as gevent_socket

from sipsimple.core import SIPURI
from sipsimple.session import RTPConfiguration, Session, SessionManager
from tests.api.audio.calls import needs_audio, sounding, talk
from tests.endpoints import alice, hang_up
from tests.interop.sip_peer import SECONDS, SIPPeer, description
from tests.media.ice_peer import ICEPeer
from tests.media.worker.test_ice import MAPPED, StunServer, needs_network

pytestmark = [needs_audio, needs_network, pytest.mark.slow]

OF_PROPOSALS = (
    "SCSessionGotStreamProposal",
    "SCSessionAcceptedStreamProposal",
    "SCSessionRejectedStreamProposal",
    "SCSessionGotStreamUpdate",
    "SCSessionMediaDidRestart",
    "SCSessionDidFail",
)


@contextlib.contextmanager
def behind_nat():
    """Run an engine that knows itself by an address of nobody, as one behind a NAT does; its own one is a candidate."""
    with StunServer() as stun, sounding(local_ip=None) as watch:
        host, _, number = str(stun).partition(":")
        SessionManager().rtp_config = RTPConfiguration(use_ice=True, ice_stun_address=host, ice_stun_port=int(number))
        yield watch


def test_two_ends_behind_one_nat_hear_each_other_and_tell_each_other_what_ice_has_chosen():
    with behind_nat() as watch:
        call = talk(watch)
        for end in (call.caller, call.callee):
            watch.until(lambda end=end: end.audio_remote_rtp_address_sdp not in (None, MAPPED), "the chosen address")
            watch.until(lambda end=end: end.audio_remote_rtp_address_received, "where the audio comes from")
            assert end.audio_remote_rtp_address_received == end.audio_remote_rtp_address_sdp
            assert end.audio_local_rtp_address != MAPPED
            assert end.state == "ESTABLISHED"
        watch.until(lambda: not call.caller.call.is_busy and not call.callee.call.is_busy, "the end of the exchange")
        assert [each for each in OF_PROPOSALS if watch.count(each)] == []
        hang_up(watch, call)


class GreenPeer(SIPPeer):
    """A raw peer on the hub of the engine and of the servers beside it."""

    def __init__(self):
        super().__init__()
        self.socket = gevent_socket.socket(fileno=self.socket.detach())
        self.socket.settimeout(SECONDS)


class Talking:
    """A call of ours to a raw peer that takes part in ICE."""

    def __init__(self, watch, sip, rtp):
        self.watch, self.sip, self.rtp = watch, sip, rtp
        self.session = Session()
        self.session.connect(SIPURI("127.0.0.1", "peer", port=sip.port), alice(), audio=True)
        self.invite = sip.receive("INVITE")
        assert MAPPED in self.invite.body.partition("m=audio")[2]
        self.accept(self.invite)
        watch.wait_for("SCSessionDidStart", self.session)
        self.update = sip.receive("INVITE")
        assert rtp.checks

    def accept(self, invite, direction="sendrecv"):
        """Answer with 200 and take the ACK."""
        self.sip.respond(invite, 200, "OK", body=description(self.rtp.line(direction), host=self.rtp.host))
        self.sip.receive("ACK")

    def end(self):
        """Hang up."""
        self.session.terminate()
        self.sip.respond(self.sip.receive("BYE"), 200, "OK")
        self.watch.wait_for("SCSessionDidEnd", self.session)


@pytest.fixture
def talking():
    with behind_nat() as watch, GreenPeer() as sip, ICEPeer() as rtp:
        yield Talking(watch, sip, rtp)


def address(message):
    return re.search(r"m=audio (\d+) .*?\r\nc=IN IP4 (\S+)", message.body, re.DOTALL).groups()


def test_the_offer_says_what_was_chosen_and_with_which_candidates_of_the_peer(talking):
    port, host = address(talking.update)
    assert (port, host) == (address(talking.invite)[0], talking.rtp.host)
    assert talking.update.attribute("ice-ufrag") == talking.invite.attribute("ice-ufrag"), "no restart"
    assert re.findall(r"a=candidate:\S+ 1 UDP \d+ (\S+) (\d+)", talking.update.body) == [(host, port)]
    assert talking.update.attribute("remote-candidates").startswith(f"1 {talking.rtp.host} ")
    talking.accept(talking.update)
    talking.watch.until(lambda: talking.session.audio_local_rtp_address == host, "the line to be agreed")
    assert [each for each in OF_PROPOSALS if talking.watch.count(each)] == []
    talking.end()


@pytest.mark.parametrize("status", [488, 603])
def test_a_peer_that_refuses_to_hear_of_it_keeps_its_audio(talking, status):
    talking.sip.respond(talking.update, status, "No")
    talking.sip.receive("ACK")
    session, watch = talking.session, talking.watch
    watch.until(lambda: not session.call.is_busy, "the end of the exchange")
    assert session.state == "ESTABLISHED"
    assert session.audio_local_rtp_address == MAPPED, "what was agreed"
    for command, directions in ((session.hold, ("sendonly", "recvonly")), (session.unhold, ("sendrecv", "sendrecv"))):
        command()
        invite = talking.sip.receive("INVITE")
        assert address(invite) == address(talking.invite)
        assert f"a={directions[0]}\r\n" in invite.body
        talking.accept(invite, directions[1])
        watch.until(lambda: not session.call.is_busy, "the end of the exchange")
    assert session.has_audio
    assert [each for each in OF_PROPOSALS if watch.count(each)] == []
    talking.end()
