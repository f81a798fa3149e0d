"""INVITE with Replaces of raw peers: RFC 3891 3."""

from __future__ import annotations

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.core import SIPURI, Manners
from sipsimple.session import Session
from tests.endpoints import alice, port, running
from tests.interop.sip_peer import SIPPeer, description
from tests.network.in_dialog import CHAT, called_by, replaces


def test_an_invite_with_replaces_takes_the_place_of_the_session_without_the_application(ring):
    watch, peer = ring
    old, invite, answer = called_by(watch, peer)
    with SIPPeer() as other:
        new, _, accepted = called_by(watch, other, replaces(invite, answer), "Require: replaces")
        assert new.replaces is old
        assert "m=message" in accepted.body
        bye = peer.receive("BYE")
        assert bye.get("Reason") == 'SIP;cause=200;text="replaced by another call"'
        peer.respond(bye, 200, "OK")
        watch.wait_for("SCSessionDidEnd", old)
        assert new.state == "ESTABLISHED"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"call_id": "another"}, 481),
        ({"to_tag": "0123456789abcdef"}, 481),
        ({"from_tag": "another"}, 481),
        ({"flags": ";early-only"}, 486),
        ({"flags": ";to-tag=again"}, 400),
        ({"flags": ", x@y;to-tag=1;from-tag=2"}, 400),
    ],
)
def test_what_cannot_be_replaced_is_refused_and_nothing_is_told(ring, changes, status):
    watch, peer = ring
    old, invite, answer = called_by(watch, peer)
    with SIPPeer() as other:
        other.invite(port(), CHAT, replaces(invite, answer, **changes))
        other.receive(f"SIP/2.0 {status}")
    assert watch.count("SCSessionNewIncoming") == 1
    assert old.state == "ESTABLISHED"


def test_two_replaces_are_one_too_many(ring):
    watch, peer = ring
    _, invite, answer = called_by(watch, peer)
    with SIPPeer() as other:
        other.invite(port(), CHAT, replaces(invite, answer), replaces(invite, answer))
        other.receive("SIP/2.0 400")
    assert watch.count("SCSessionNewIncoming") == 1


def test_an_early_dialog_of_the_peer_cannot_be_replaced(ring):
    watch, peer = ring
    invite = peer.invite(port(), CHAT)
    watch.wait_for("SCSessionNewIncoming")
    ringing = peer.receive("SIP/2.0 180")
    with SIPPeer() as other:
        other.invite(port(), CHAT, replaces(invite, ringing))
        other.receive("SIP/2.0 481")


def test_an_early_dialog_of_ours_is_replaced_and_cancelled(ring):
    watch, peer = ring
    session = Session()
    session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), chat=True)
    ours = peer.receive("INVITE")
    peer.respond(ours, 180, "Ringing")
    watch.wait_for("SCSessionGotRingIndication", session)
    header = f"Replaces: {ours.get('Call-ID')};to-tag={ours.tag('From')};from-tag=rawtag;early-only"
    with SIPPeer() as other:
        new, _, _ = called_by(watch, other, header)
        assert new.replaces is session
        cancel = peer.receive("CANCEL")
        assert "cause=200" in cancel.get("Reason")
        peer.respond(cancel, 200, "OK")
        peer.respond(ours, 487, "Request Terminated")
        watch.wait_for("SCSessionDidEnd", session)


def test_who_takes_the_place_of_a_call_of_ours_calls_its_contact_whoever_may_be_called_here(monkeypatch):
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    manners = Manners(users=frozenset({"bob"}))
    with SIPPeer() as peer, SIPPeer() as other, running(hub="own", manners=manners) as watch:
        old, invite, answer = called_by(watch, peer)
        uri = f"sip:{old.call.identity.token}@127.0.0.1:{port()}"
        other.invite(port(), CHAT, replaces(invite, answer, from_tag="another"), uri=uri)
        other.receive("SIP/2.0 481")
        other.invite(port(), CHAT, uri=uri)
        other.receive("SIP/2.0 404")
        other.invite(port(), CHAT, replaces(invite, answer), uri=uri)
        other.receive("SIP/2.0 200")


def test_a_session_that_has_ended_is_not_replaced(ring):
    watch, peer = ring
    session, invite, answer = called_by(watch, peer)
    peer.send(peer.within(invite, "BYE", answer, 3))
    peer.receive("SIP/2.0 200")
    watch.wait_for("SCSessionDidEnd", session)
    with SIPPeer() as other:
        other.invite(port(), CHAT, replaces(invite, answer))
        other.receive("SIP/2.0 603")


def test_an_invite_that_has_no_stream_of_the_session_is_refused(ring):
    watch, peer = ring
    session, invite, answer = called_by(watch, peer)
    with SIPPeer() as other:
        other.invite(port(), description("m=audio 4000 RTP/AVP 0\r\n"), replaces(invite, answer))
        other.receive("SIP/2.0 488")
    assert session.state == "ESTABLISHED"
