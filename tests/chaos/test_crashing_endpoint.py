"""The endpoint crashes over what it was asked for: the peer is answered, and the next one is served."""

from __future__ import annotations

import pytest

from sipsimple.core import Engine
from sipsimple.session import RTPConfiguration, SessionManager
from tests.endpoints import port, running
from tests.interop.sip_peer import SIPPeer, chat_line, description

OUR_PATH = "msrp://127.0.0.1:9/peersession;tcp"


@pytest.fixture
def broken_configuration():
    """One that no session can be made with, broken as no check can see."""
    manager = SessionManager()
    manager.rtp_config = broken = RTPConfiguration()
    del broken.use_ice
    yield
    manager.rtp_config = RTPConfiguration()


def test_an_invite_of_which_no_session_can_be_made_gets_500_and_the_next_one_rings(broken_configuration):
    with SIPPeer() as peer, running(hub="own", crashes=True) as watch:
        refused = peer.invite(port(), description(chat_line(OUR_PATH)))
        peer.send(peer.within(refused, "ACK", peer.receive("SIP/2.0 500")))
        assert watch.count("SCSessionNewIncoming") == 0
        SessionManager().rtp_config = RTPConfiguration()
        invite = peer.invite(port(), description(chat_line(OUR_PATH)))
        peer.receive("SIP/2.0 180")
        watch.wait_for("SCSessionNewIncoming").sender.reject()
        peer.send(peer.within(invite, "ACK", peer.receive("SIP/2.0 486")))
        watch.wait_for("SCSessionDidEnd")
        assert Engine().core.router.endpoint.restarts == 1
