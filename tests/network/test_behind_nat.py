"""Behind NAT: what a peer says of where it sees us stands in our next requests to it."""

from __future__ import annotations

import dataclasses

from sipsimple.core import SIPURI
from sipsimple.session import Session
from tests.endpoints import alice, port, running
from tests.interop.sip_peer import SIPPeer

SEEN = "127.0.0.3"  # loopback too, so that what the peer sends there arrives


def seen_at(message, host, number):
    """The request as the far side of a NAT would have it."""
    vias = [f"Via: {message.get('Via').replace(';rport', f';received={host};rport={number}')}"]
    others = [line for line in message.lines if not line.lower().startswith("via:")]
    return dataclasses.replace(message, lines=(*vias, *others))


def call(peer):
    session = Session()
    session.connect(SIPURI("127.0.0.1", "bob", port=peer.port), alice(), chat=True)
    return session


def test_contact_and_via_say_what_the_peer_saw_from_the_next_request_on():
    """RFC 3581 4; the NAT forwards, as here another loopback address does."""
    with SIPPeer() as peer, running(hub="own", local_ip="0.0.0.0") as watch:
        session = call(peer)
        invite = peer.receive("INVITE")
        assert f"127.0.0.1:{port()}" in invite.contact
        peer.respond(seen_at(invite, SEEN, port()), 486, "Busy Here")
        watch.wait_for("SCSessionDidEnd", session)
        peer.receive("ACK")
        session = call(peer)
        invite = peer.receive("INVITE")
        assert f"{SEEN}:{port()}" in invite.contact
        assert f"{SEEN}:{port()};" in invite.get("Via")
        assert f"c=IN IP4 {SEEN}" in invite.body
        peer.address = (SEEN, port())
        peer.respond(seen_at(invite, SEEN, port()), 486, "Busy Here")
        watch.wait_for("SCSessionDidEnd", session)


def test_a_call_that_is_challenged_says_in_the_same_breath_where_it_is_seen():
    with SIPPeer() as peer, running(hub="own") as watch:
        session = call(peer)
        invite = peer.receive("INVITE")
        challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
        peer.respond(seen_at(invite, SEEN, 4444), 401, "Unauthorized", challenge)
        peer.receive("ACK")
        again = peer.receive("INVITE")
        assert again.get("Authorization")
        assert f"{SEEN}:4444" in again.contact
        assert f"{SEEN}:4444;" in again.get("Via")
        peer.respond(again, 486, "Busy Here")
        watch.wait_for("SCSessionDidEnd", session)


def test_a_call_goes_on_with_the_address_that_it_learned_but_its_cancel_repeats_the_invite():
    with SIPPeer() as peer, running(hub="own") as watch:
        session = call(peer)
        invite = peer.receive("INVITE")
        peer.respond(seen_at(invite, SEEN, 4444), 180, "Ringing")
        watch.wait_for("SCSessionGotRingIndication", session)
        assert session.call.flow.local == (SEEN, 4444)
        session.terminate()
        cancel = peer.receive("CANCEL")
        assert cancel.get("Via") == invite.get("Via")
        peer.respond(cancel, 200, "OK")
        peer.respond(invite, 487, "Request Terminated")
        watch.wait_for("SCSessionDidEnd", session)


def test_a_peer_that_sees_us_where_we_are_changes_nothing():
    with SIPPeer() as peer, running(hub="own") as watch:
        for _ in range(2):
            session = call(peer)
            invite = peer.receive("INVITE")
            assert f"127.0.0.1:{port()}" in invite.contact
            peer.respond(seen_at(invite, "127.0.0.1", port()), 486, "Busy Here")
            watch.wait_for("SCSessionDidEnd", session)
            peer.receive("ACK")
