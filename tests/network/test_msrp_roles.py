"""Who connects to whom, and to where: a=setup (RFC 6135) and a=msrp-cema (RFC 6714), with raw peers in both roles."""

from __future__ import annotations

import re

import pytest

from sipsimple.core import SIPURI, Credentials
from sipsimple.session import Session, SessionManager
from tests.endpoints import alice, port
from tests.interop.msrp_peer import PassivePeer, connected
from tests.interop.msrp_relay import Relay
from tests.interop.sip_peer import chat_line, description

OUR_PATH = "msrp://127.0.0.1:9/peersession;tcp"
ALICE = Credentials(SIPURI("example.com", "alice"), "secret")
NOWHERE = "msrp://192.0.2.1:9/peersession;tcp"


def offered(peer):
    """Call the peer; return its INVITE."""
    session = Session()
    session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), chat=True)
    return session, peer.receive("INVITE")


def answer(peer, invite, *lines):
    peer.respond(invite, 200, "OK", body=description(*lines))
    peer.receive("ACK")


def called(watch, peer, line):
    """Be called with a line; return the session and our answer."""
    invite = peer.invite(port(), description(line))
    session = watch.wait_for("SCSessionNewIncoming").sender
    session.accept(chat=True)
    response = peer.receive("SIP/2.0 200")
    peer.send(peer.within(invite, "ACK", response))
    watch.wait_for("SCSessionDidStart", session)
    return session, response


def leading_to(line, host, at):
    """Change where c= and m= of a line lead, as somebody between the ends would."""
    line = re.sub(r"m=message \d+", f"m=message {at}", line)
    first, _, rest = line.partition("\r\n")
    return f"{first}\r\nc=IN IP4 {host}\r\n{rest}"


# Our offer: the answer says who connects


@pytest.mark.parametrize("setup", [("setup:passive",), (), ("setup:actpass",)])
def test_we_connect_unless_the_answer_says_active(ring, tmp_path, setup):
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        session, invite = offered(peer)
        assert invite.attribute("setup") == "actpass"
        answer(peer, invite, chat_line(f"msrp://127.0.0.1:{msrp.port}/passive;tcp", *setup))
        watch.wait_for("MSRPChatDidStart", session.chat_transport)


def test_the_peer_connects_when_its_answer_says_active(ring):
    watch, peer = ring
    session, invite = offered(peer)
    answer(peer, invite, chat_line(OUR_PATH, "setup:active"))
    with connected(OUR_PATH, invite.path) as msrp:
        msrp.send(None)
        assert msrp.read().start == "200 OK"
        watch.wait_for("MSRPChatDidStart", session.chat_transport)


# The peer's offer: our answer says who connects


@pytest.mark.parametrize("setup", ["setup:active", "setup:actpass", None])
def test_we_listen_when_the_offer_allows_it(ring, setup):
    watch, peer = ring
    session, response = called(watch, peer, chat_line(OUR_PATH, *([setup] if setup else [])))
    assert response.attribute("setup") == "passive"
    with connected(OUR_PATH, response.path) as msrp:
        msrp.send(None)
        assert msrp.read().start == "200 OK"
        watch.wait_for("MSRPChatDidStart", session.chat_transport)


def test_we_connect_when_the_offer_says_passive(ring, tmp_path):
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        line = chat_line(f"msrp://127.0.0.1:{msrp.port}/passive;tcp", "setup:passive")
        session, response = called(watch, peer, line)
        assert response.attribute("setup") == "active"
        watch.wait_for("MSRPChatDidStart", session.chat_transport)


def test_an_offer_to_hold_the_connection_is_answered_so_and_nobody_connects(ring):
    """RFC 4145 section 4.1."""
    watch, peer = ring
    session, response = called(watch, peer, chat_line(NOWHERE, "setup:holdconn"))
    assert response.attribute("setup") == "holdconn"
    assert session.chat_transport.state == "STARTING"
    assert watch.count("MSRPChatDidFail") == 0


# The peer leaves the offer to us, and answers it in its ACK


def called_without_offer(watch, peer, line):
    """Be called without a description; return the session and our offer."""
    invite = peer.invite(port(), "")
    session = watch.wait_for("SCSessionNewIncoming").sender
    session.accept(chat=True)
    response = peer.receive("SIP/2.0 200")
    assert response.attribute("setup") == "actpass"
    peer.send(peer.within(invite, "ACK", response, body=description(line)))
    watch.wait_for("SCSessionDidStart", session)
    return session, response


@pytest.mark.parametrize("setup", [("setup:passive",), ()])
def test_we_connect_unless_the_answer_in_the_ack_says_active(ring, tmp_path, setup):
    """RFC 6135 section 4.2: who offers is who sent the offer, not who called."""
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        line = chat_line(f"msrp://127.0.0.1:{msrp.port}/passive;tcp", *setup)
        session, _offer = called_without_offer(watch, peer, line)
        watch.wait_for("MSRPChatDidStart", session.chat_transport)


def test_the_peer_connects_when_its_answer_in_the_ack_says_active(ring):
    watch, peer = ring
    session, offer = called_without_offer(watch, peer, chat_line(OUR_PATH, "setup:active"))
    with connected(OUR_PATH, offer.path) as msrp:
        msrp.send(None)
        assert msrp.read().start == "200 OK"
        watch.wait_for("MSRPChatDidStart", session.chat_transport)


# CEMA


def test_our_line_leads_to_where_its_path_does(ring):
    """RFC 6714 section 4.2."""
    _, peer = ring
    _, invite = offered(peer)
    at = re.search(r"msrp://127\.0\.0\.1:(\d+)/", invite.path)[1]
    media = invite.body.partition("m=message ")[2]
    assert media.startswith(f"{at} TCP/MSRP")
    assert "\r\nc=IN IP4 127.0.0.1\r\n" in media
    assert "\r\na=msrp-cema\r\n" in media


@pytest.mark.parametrize("role", ["offerer", "answerer"])
def test_with_cema_we_connect_to_where_somebody_between_the_ends_has_led_the_line(ring, tmp_path, role):
    """RFC 6714 section 4: the path leads nowhere, c= and m= do; the messages go by the path all the same."""
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        line = leading_to(chat_line(NOWHERE, "setup:passive", "msrp-cema"), "127.0.0.1", msrp.port)
        if role == "offerer":
            session, invite = offered(peer)
            answer(peer, invite, line)
        else:
            session, response = called(watch, peer, line)
            assert "a=msrp-cema" in response.body
        watch.wait_for("MSRPChatDidStart", session.chat_transport)
        assert msrp.requests[0].headers["To-Path"] == NOWHERE


def test_an_answer_without_cema_that_somebody_has_led_elsewhere_gets_a_second_offer_without(ring, tmp_path):
    """RFC 6714 section 4.2: who stands between changes the path then, and the chat starts by that."""
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        session, invite = offered(peer)
        answer(peer, invite, leading_to(chat_line(NOWHERE, "setup:passive"), "127.0.0.1", msrp.port))
        second = peer.receive("INVITE")
        assert "msrp-cema" not in second.body
        assert second.path == invite.path
        assert session.state == "ESTABLISHED"
        assert session.chat_transport.state == "INITIALIZED"
        answer(peer, second, chat_line(f"msrp://127.0.0.1:{msrp.port}/between;tcp", "setup:passive"))
        watch.wait_for("MSRPChatDidStart", session.chat_transport)
        assert msrp.requests[0].headers["To-Path"].endswith("/between;tcp")
        assert not [each for each in watch.seen if "Proposal" in each.name or "Update" in each.name]


@pytest.mark.parametrize("status", [200, 488])
def test_without_cema_the_path_says_where_to_connect(ring, tmp_path, status):
    """What is answered to the second offer, or to the first one where the second is refused: RFC 4975 section 8.1."""
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        line = leading_to(chat_line(f"msrp://127.0.0.1:{msrp.port}/passive;tcp", "setup:passive"), "192.0.2.1", 9)
        session, invite = offered(peer)
        answer(peer, invite, line)
        second = peer.receive("INVITE")
        peer.respond(second, status, "As you like", body=description(line) if status == 200 else "")
        watch.wait_for("MSRPChatDidStart", session.chat_transport)
        assert session.state == "ESTABLISHED"


def test_the_second_offer_goes_through_the_relay_of_the_first(ring, tmp_path):
    watch, peer = ring
    with Relay() as relay, PassivePeer(tmp_path) as msrp:
        configuration = SessionManager().msrp_config
        configuration.use_relay_outgoing, configuration.relay_use_tls = True, False
        configuration.relay_host, configuration.relay_port = "127.0.0.1", relay.port
        session = Session()
        session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), ALICE, chat=True)
        invite = peer.receive("INVITE")
        assert len(invite.path.split()) == 2
        answer(peer, invite, leading_to(chat_line(NOWHERE, "setup:passive"), "192.0.2.2", 9))
        second = peer.receive("INVITE")
        assert second.path == invite.path
        assert "msrp-cema" not in second.body
        answer(peer, second, chat_line(f"msrp://127.0.0.1:{msrp.port}/between;tcp", "setup:passive"))
        watch.wait_for("MSRPChatDidStart", session.chat_transport)


def test_a_second_offer_that_leads_nowhere_ends_the_chat_and_says_why(ring, tmp_path):
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        closed = msrp.port
    session, invite = offered(peer)
    line = leading_to(chat_line(f"msrp://127.0.0.1:{closed}/passive;tcp", "setup:passive"), "192.0.2.1", 9)
    answer(peer, invite, line)
    peer.respond(peer.receive("INVITE"), 488, "No")
    failure = watch.wait_for("MSRPChatDidFail", session.chat_transport)
    assert failure.data.context == "start"
    assert failure.data.reason
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)


def test_an_offer_without_cema_is_answered_without(ring):
    watch, peer = ring
    _, response = called(watch, peer, chat_line(OUR_PATH, "setup:active"))
    assert "msrp-cema" not in response.body
