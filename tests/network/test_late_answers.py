"""What answers an INVITE after its call is over gets its ACK over real sockets too, and repeats itself no more."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI
from sipsimple.session import Session
from tests.endpoints import alice, running, wait_until_forgotten
from tests.interop.sip_peer import SIPPeer, chat_line, description, parse

LINE = chat_line("msrp://127.0.0.1:9/late;tcp", "setup:active")


@pytest.fixture
def given_up():
    """A peer that has rung, was cancelled and never answered; its INVITE, as it came."""
    with SIPPeer() as peer, running(hub="own", sip_t1=0.02) as watch:
        session = Session()
        session.connect(SIPURI("127.0.0.1", "bob", port=peer.port), alice(), chat=True)
        invite = peer.receive("INVITE")
        peer.respond(invite, 180, "Ringing")
        watch.wait_for("SCSessionGotRingIndication", session)
        session.terminate()
        peer.respond(peer.receive("CANCEL"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
        yield peer, invite
        wait_until_forgotten(watch)


def test_a_failure_that_comes_late_is_acknowledged_once_for_each_repeat(given_up):
    peer, invite = given_up
    peer.respond(invite, 487, "Request Terminated")
    ack = peer.receive("ACK")
    assert ack.get("Via") == invite.get("Via")
    peer.respond(invite, 487, "Request Terminated")
    assert parse(peer.socket.recv(65535)) == ack


def test_a_2xx_that_comes_late_is_acknowledged_and_its_session_ended(given_up):
    peer, invite = given_up
    peer.respond(invite, 200, "OK", body=description(LINE))
    assert peer.receive("ACK").get("CSeq") == "1 ACK"
    bye = peer.receive("BYE")
    assert bye.start.startswith(f"BYE sip:peer@127.0.0.1:{peer.port} ")
    assert bye.tag("To") == "rawtag"
    peer.respond(bye, 200, "OK")


def test_the_answer_to_a_change_that_a_bye_overtook_is_acknowledged():
    with SIPPeer() as peer, running(hub="own", sip_t1=0.02) as watch:
        session = Session()
        session.connect(SIPURI("127.0.0.1", "bob", port=peer.port), alice(), chat=True)
        invite = peer.receive("INVITE")
        peer.respond(invite, 200, "OK", body=description(LINE))
        peer.receive("ACK")
        watch.wait_for("SCSessionDidStart", session)
        session.hold()
        change = peer.receive("INVITE")
        asked = "\r\n".join([invite.start, *invite.lines]) + "\r\n\r\n"
        bye = peer.within(asked, "BYE", None, 1).replace(f"From: {invite.get('From')}", f"From: {change.get('To')}")
        bye = bye.replace(f"To: {invite.get('To')}", f"To: {change.get('From')}")
        peer.send(bye.replace(invite.get("Via"), f"SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bKlast"))
        peer.receive("SIP/2.0 200")
        watch.wait_for("SCSessionDidEnd", session)
        peer.respond(change, 487, "Request Terminated")
        assert peer.receive("ACK").get("Via") == change.get("Via")
        wait_until_forgotten(watch)
