"""Where requests and responses go when the connection is lost, the target is another one, or is a name.

RFC: 3261 8.1.3.1, 12.2.1.1, 17.1.4, 18.2.2; 3263 4.
"""

from __future__ import annotations

import contextlib
from queue import SimpleQueue

import gevent
import pytest

from sipsimple.actors.wire.names import Names
from sipsimple.api.engine import running as lives
from sipsimple.core import SIPURI, Engine
from sipsimple.session import Session
from tests.actors.wire.dns_server import DNSServer
from tests.endpoints import alice, port, running
from tests.interop.sip_peer import SECONDS, SIPPeer, chat_line, description
from tests.network.in_dialog import CHAT, OUR_PATH, called_by
from tests.network.tcp_peer import TCPPeer

ANSWER = description(chat_line(OUR_PATH, "setup:active"))
SUBSCRIBE = "\r\n".join(
    [
        "SUBSCRIBE sip:bob@127.0.0.1:{port} SIP/2.0",
        "Via: SIP/2.0/TCP 127.0.0.1:{peer.port};branch=z9hG4bKsub{peer.port}",
        "Max-Forwards: 70",
        "From: <sip:peer@127.0.0.1>;tag=sub{peer.port}",
        "To: <sip:bob@127.0.0.1>",
        "Call-ID: sub{peer.port}",
        "CSeq: 1 SUBSCRIBE",
        "Contact: <{peer.contact}>",
        "Event: presence",
        "Expires: 300",
        "Content-Length: 0\r\n\r\n",
    ]
)
NOWHERE = "sip:peer@192.0.2.1:5060;transport=tcp"
"""A Contact behind NAT: nothing gets there."""


@pytest.fixture
def ring(monkeypatch):
    """The engine, which does not wait long for peers at its end, and a raw SIP peer over TCP."""
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with TCPPeer() as peer, running(hub="own", served_events=["presence"]) as watch:
        yield watch, peer


def on_hub(function, *args):
    """Run a function in a greenlet of the engine's hub, as this thread blocks; return what it returns."""
    done = SimpleQueue()
    Engine().core.system.post(gevent.spawn, lambda: done.put(function(*args)))
    return done.get(timeout=SECONDS)


@contextlib.contextmanager
def knowing_names():
    """A name server that knows one name."""
    dns = on_hub(DNSServer)
    dns.add("A", "peer.example", "127.0.0.1")
    resolver = Engine().core.around.resolver
    resolver.names = on_hub(Names, resolver.supervisor, [dns.address])
    try:
        yield
    finally:
        on_hub(dns.close)


def connected(watch, peer, *headers):
    """Let the peer call over its own connection; return the session, the INVITE and the 200."""
    peer.connect(port("tcp"))
    return called_by(watch, peer, *headers)


def ends(watch, peer, session):
    """Hang up; the BYE comes to the peer by the connection that it has now."""
    bye = peer.receive("BYE")
    peer.respond(bye, 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    assert watch.count("SCSessionDidFail") == 0
    return bye


# ------------------------------------------------------------- the peer's connection


def test_an_answer_whose_connection_is_lost_goes_to_where_the_via_says(ring):
    watch, peer = ring
    peer.connect(port("tcp"))
    invite = peer.invite(port("tcp"), CHAT)
    peer.receive("SIP/2.0 180")
    session = watch.wait_for("SCSessionNewIncoming").sender
    peer.hang_up()
    session.accept(chat=True)
    peer.accept()
    answer = peer.receive("SIP/2.0 200")
    peer.send(peer.within(invite, "ACK", answer))
    watch.wait_for("SCSessionDidStart", session)
    session.terminate()
    ends(watch, peer, session)


def test_a_request_whose_connection_is_lost_goes_to_the_contact(ring):
    watch, peer = ring
    session, _invite, _answer = connected(watch, peer)
    peer.hang_up()
    session.terminate()
    peer.accept()
    bye = ends(watch, peer, session)
    assert bye.start == f"BYE {peer.contact} SIP/2.0"


def test_a_request_that_is_lost_with_its_connection_goes_to_the_contact(ring):
    """It was written, and nobody has answered it."""
    watch, peer = ring
    session, _invite, _answer = connected(watch, peer)
    session.terminate()
    first = peer.receive("BYE")
    peer.hang_up()
    peer.accept()
    assert ends(watch, peer, session).lines[1:] == first.lines[1:]  # but for Via


def test_the_bye_of_a_call_that_is_over_goes_to_the_contact_too():
    """Nobody acknowledged its 200, which went where the Via says: the call has failed, and waits for nothing."""
    with TCPPeer() as peer, TCPPeer() as home, running(hub="own", sip_t1=0.01) as watch:
        peer.contact = home.contact
        peer.connect(port("tcp"))
        peer.invite(port("tcp"), CHAT)
        session = watch.wait_for("SCSessionNewIncoming").sender
        peer.hang_up()
        session.accept(chat=True)
        peer.accept()
        peer.receive("SIP/2.0 200")
        home.accept()
        bye = home.receive("BYE")
        home.respond(bye, 200, "OK")
        assert bye.start == f"BYE {home.contact} SIP/2.0"
        assert watch.wait_for("SCSessionDidFail", session).data.code == 408


def test_a_peer_behind_nat_is_reached_by_its_connection(ring):
    watch, peer = ring
    peer.contact = NOWHERE
    session, _invite, _answer = connected(watch, peer)
    session.terminate()
    ends(watch, peer, session)


def test_a_peer_behind_nat_that_connects_again_is_reached_by_its_new_connection(ring):
    watch, peer = ring
    peer.contact = NOWHERE
    session, invite, answer = connected(watch, peer)
    peer.hang_up()
    peer.connect(port("tcp"))
    peer.send(peer.within(invite, "UPDATE", answer))
    peer.receive("SIP/2.0 200")
    session.terminate()
    ends(watch, peer, session)


def test_another_target_is_gone_to_while_the_connection_lives(ring):
    watch, peer = ring
    session, invite, answer = connected(watch, peer)
    with TCPPeer() as other:
        peer.contact = other.contact
        peer.send(peer.within(invite, "UPDATE", answer))
        peer.receive("SIP/2.0 200")
        session.terminate()
        other.accept()
        ends(watch, other, session)


def test_a_route_elsewhere_is_gone_to_while_the_connection_lives(ring):
    watch, peer = ring
    with TCPPeer() as router:
        route = f"<sip:127.0.0.1:{router.port};transport=tcp;lr>"
        session, _invite, _answer = connected(watch, peer, f"Record-Route: {route}")
        session.terminate()
        router.accept()
        assert ends(watch, router, session).get("Route") == route


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_subscriber_is_told_by_its_connection_and_when_it_is_lost_at_its_contact(ring, is_lost):
    watch, peer = ring
    peer.contact = peer.contact if is_lost else NOWHERE
    peer.connect(port("tcp"))
    peer.send(SUBSCRIBE.format(peer=peer, port=port("tcp")))
    subscription = watch.wait_for("SCEngineGotSubscribe").data.subscription
    subscription.accept(300, "text/plain", b"one")
    peer.receive("SIP/2.0 200")
    peer.respond(peer.receive("NOTIFY"), 200, "OK")
    watch.wait_for("SCIncomingSubscriptionNotifyDidSucceed")
    if is_lost:
        peer.hang_up()
    subscription.notify("text/plain", b"two")
    if is_lost:
        peer.accept()
    notify = peer.receive("NOTIFY")
    assert (notify.body, notify.start) == ("two", f"NOTIFY {peer.contact} SIP/2.0")
    peer.respond(notify, 481, "Gone")
    watch.wait_for("SCIncomingSubscriptionDidEnd")


# ------------------------------------------------------------- the peer that we call


def call(user="peer", **parameters):
    session = Session()
    transport = {"transport": "tcp"} if parameters.pop("tcp", False) else None
    session.connect(SIPURI("127.0.0.1", user, port=parameters["port"], parameters=transport), alice(), chat=True)
    return session


@pytest.mark.parametrize(
    ("contact", "route"),
    [
        ("sip:peer@peer.example:{port}", None),
        ("sip:peer@192.0.2.9:{port};maddr=127.0.0.1", None),
        ("sip:peer@192.0.2.9", "<sip:peer.example:{port};lr>"),
        ("sip:peer@192.0.2.9", "<sip:192.0.2.9:{port};maddr=127.0.0.1;lr>"),
        ("sip:peer@nobody.example", None),
    ],
)
def test_the_ack_and_all_that_follows_go_to_the_name_or_maddr_of_the_next_hop(ring, contact, route):
    """A name that nobody knows leaves them the way of the INVITE."""
    watch, _ = ring
    with knowing_names(), SIPPeer() as first, SIPPeer() as other:
        session = call(port=first.port)
        invite = first.receive("INVITE")
        headers = () if route is None else (f"Record-Route: {route.format(port=other.port)}",)
        first.send(_answer_to(invite, f"<{contact.format(port=other.port)}>", *headers))
        reached = first if "nobody" in contact else other
        assert reached.receive("ACK").start == f"ACK {contact.format(port=other.port)} SIP/2.0"
        session.terminate()
        reached.respond(reached.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)


def test_another_port_of_the_same_host_is_gone_to_by_tcp(ring):
    watch, first = ring
    with TCPPeer() as other:
        session = call(port=first.port, tcp=True)
        first.accept()
        first.send(_answer_to(first.receive("INVITE"), f"<{other.contact}>"))
        other.accept()
        assert other.receive("ACK").start == f"ACK {other.contact} SIP/2.0"
        session.terminate()
        ends(watch, other, session)


def test_a_request_that_is_lost_with_a_connection_that_was_heard_fails_at_once(ring):
    """The connection that a call before has used."""
    watch, peer = ring
    session = call(port=peer.port, tcp=True)
    peer.accept()
    peer.respond(peer.receive("INVITE"), 486, "Busy Here")
    watch.wait_for("SCSessionDidEnd", session)
    session = call(port=peer.port, tcp=True)
    peer.receive("INVITE")
    peer.hang_up()
    assert watch.wait_for("SCSessionDidFail", session).data.code == 503


def _answer_to(invite, contact, *headers):
    head = [
        "SIP/2.0 200 OK",
        *(f"Via: {each}" for each in invite.all("Via")),
        f"From: {invite.get('From')}",
        f"To: {invite.get('To')};tag=rawtag",
        f"Call-ID: {invite.get('Call-ID')}",
        f"CSeq: {invite.get('CSeq')}",
        f"Contact: {contact}",
        *headers,
        "Content-Type: application/sdp",
        f"Content-Length: {len(ANSWER)}",
    ]
    return "\r\n".join(head) + "\r\n\r\n" + ANSWER
