"""REFER, NOTIFY, INFO and Reason with raw peers, which do right and wrong what no library would."""

from __future__ import annotations

import re

import pytest

from sipsimple.api.session import notices
from sipsimple.core import SIPURI
from sipsimple.session import Session
from tests.endpoints import alice, port
from tests.interop.msrp_peer import PassivePeer
from tests.interop.sip_peer import Message, SIPPeer, chat_line, description
from tests.network.in_dialog import called_by, request_of
from tests.network.slow_observer import held

# REFER


def test_a_refer_outside_of_a_session_is_refused_with_a_reason(ring):
    _, peer = ring
    text = peer.invite(port(), "").replace("INVITE", "REFER").replace("raw", "refer")
    peer.send(text.replace("\r\nContact", "\r\nRefer-To: <sip:carol@127.0.0.1:9>\r\nContact"))
    answer = peer.receive("SIP/2.0 403")
    assert answer.get("Warning") == '399 sipsimple "REFER is for sessions only"'


@pytest.mark.parametrize("method", ["INFO", "PRACK", "UPDATE"])
def test_what_belongs_to_a_dialog_gets_481_outside_of_one(ring, method):
    _, peer = ring
    peer.send(peer.invite(port(), "").replace("INVITE", method).replace("raw", method.lower()))
    peer.receive("SIP/2.0 481")


def test_the_peer_refers_us_and_hears_how_it_went(ring):
    watch, peer = ring
    with SIPPeer() as carol:
        session, invite, answer = called_by(watch, peer)
        to = f"Refer-To: <sip:carol@127.0.0.1:{carol.port}>"
        peer.send(request_of(peer, invite, answer, "REFER", 3, to, "Referred-By: <sip:boss@example.org>"))
        peer.receive("SIP/2.0 202")
        first = peer.receive("NOTIFY")
        peer.respond(first, 200, "OK")
        assert (first.get("Event"), first.body) == ("refer", "SIP/2.0 100 Trying\r\n")
        watch.wait_for("SCSessionTransferNewIncoming", session)
        new = session.accept_transfer()
        call = carol.receive("INVITE")
        assert call.get("Referred-By") == "<sip:boss@example.org>"
        assert call.get("From").startswith("<sip:bob@127.0.0.1")
        assert "m=message" in call.body
        carol.respond(call, 180, "Ringing")
        peer.respond(peer.receive("NOTIFY"), 200, "OK")
        carol.respond(call, 603, "Decline", 'Reason: Q.850;cause=21;text="rejected"')
        last = peer.receive("NOTIFY")
        peer.respond(last, 200, "OK")
        assert last.body == "SIP/2.0 603 Decline\r\n"
        assert last.get("Subscription-State") == "terminated;reason=noresource"
        failure = watch.wait_for("SCSessionDidFail", new).data
        assert (failure.code, failure.cause, failure.protocol) == (603, 21, "Q.850")
        watch.wait_for("SCSessionTransferDidFail", session)
        assert session.state == "ESTABLISHED"


def test_we_refer_the_peer_and_hang_up_when_it_has_succeeded(ring):
    watch, peer = ring
    session, invite, answer = called_by(watch, peer)
    session.transfer(SIPURI("example.org", "carol", display="Carol"))
    refer = peer.receive("REFER")
    assert refer.get("Refer-To") == '"Carol" <sip:carol@example.org>'
    assert refer.get("Referred-By").startswith("<sip:bob@127.0.0.1")
    peer.respond(refer, 202, "Accepted")
    watch.wait_for("SCSessionTransferDidStart", session)
    fragment = {"content_type": "message/sipfrag", "body": "SIP/2.0 180 Ringing\r\n"}
    peer.send(
        request_of(
            peer, invite, answer, "NOTIFY", 3, "Event: refer", "Subscription-State: active;expires=60", **fragment
        )
    )
    peer.receive("SIP/2.0 200")
    assert watch.wait_for("SCSessionTransferGotProgress", session).data.code == 180
    fragment["body"] = "SIP/2.0 200 OK\r\n"
    peer.send(
        request_of(
            peer, invite, answer, "NOTIFY", 4, "Event: refer", "Subscription-State: terminated;reason=x", **fragment
        )
    )
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    names = [name for name in watch.names(session) if "Transfer" in name or name.endswith("End")]
    assert names[-4:] == [
        "SCSessionTransferGotProgress",
        "SCSessionTransferDidEnd",
        "SCSessionWillEnd",
        "SCSessionDidEnd",
    ]


def test_an_attended_transfer_names_the_dialog_of_the_other_session(ring):
    watch, peer = ring
    first, _, _ = called_by(watch, peer)
    with SIPPeer() as carol:
        other, _, answer = called_by(watch, carol)
        first.transfer(other)
        refer = peer.receive("REFER")
        value = refer.get("Refer-To")
        expected = f"{answer.get('Call-ID')}%3Bto-tag%3D{answer.tag('From')}%3Bfrom-tag%3D{answer.tag('To')}"
        assert value == f"<sip:peer@127.0.0.1:{carol.port}?Replaces={expected}>"
        peer.respond(refer, 403, "Forbidden")
        assert watch.wait_for("SCSessionTransferDidFail", first).data.code == 403


# INFO


def test_what_more_a_peer_says_than_can_wait_for_an_observer_it_is_to_say_later_but_it_can_hang_up(ring, monkeypatch):
    watch, peer = ring
    monkeypatch.setattr(notices, "MOST_UNHEARD_OF_CALL", 2)
    session, invite, answer = called_by(watch, peer)
    one, two, three, four = [
        request_of(peer, invite, answer, "INFO", number, content_type="text/x-own", body=str(number))
        for number in (3, 4, 5, 6)
    ]
    with held("SCSessionGotInfo", session) as hold:
        peer.send(one)
        hold.has_come.wait(30)
        for text in (one, two, three):
            peer.send(text)
            peer.receive("SIP/2.0 200")
        peer.send(four)
        assert peer.receive("SIP/2.0 503").get("Retry-After")
        peer.send(peer.within(invite, "BYE", answer, 7))
        peer.receive("SIP/2.0 200")
    watch.wait_for("SCSessionDidEnd", session)
    assert [each.data.body for each in watch.of(session) if each.name == "SCSessionGotInfo"] == [b"3", b"4", b"5"]


def test_info_both_ways(ring):
    watch, peer = ring
    session, invite, answer = called_by(watch, peer)
    digit = {"content_type": "application/dtmf-relay", "body": "Signal=5\r\nDuration=160\r\n"}
    peer.send(request_of(peer, invite, answer, "INFO", 3, **digit))
    peer.receive("SIP/2.0 200")
    assert watch.wait_for("SCSessionGotDTMF", session).data.digit == "5"
    peer.send(request_of(peer, invite, answer, "INFO", 4, content_type="text/x-own", body="caf\u00e9"))
    peer.receive("SIP/2.0 200")
    told = watch.wait_for("SCSessionGotInfo", session).data
    assert (told.content_type, told.body) == ("text/x-own", "caf\u00e9".encode())
    peer.send(request_of(peer, invite, answer, "INFO", 5, "Info-Package: nothing"))
    assert peer.receive("SIP/2.0 469").all("Recv-Info") == [""]
    first, second = session.send_info("text/plain", "one"), session.send_info("text/plain", b"two")
    request = peer.receive("INFO")
    assert (request.get("Content-Type"), request.body) == ("text/plain", "one")
    peer.respond(request, 200, "OK")
    assert watch.wait_for("SCSessionInfoDidSucceed", session).data.info_id == first
    peer.respond(peer.receive("INFO"), 415, "Unsupported Media Type")
    failed = watch.wait_for("SCSessionInfoDidFail", session).data
    assert (failed.info_id, failed.code) == (second, 415)
    session.send_dtmf("#", method="info")
    request = peer.receive("INFO")
    assert (request.get("Content-Type"), request.body) == ("application/dtmf-relay", "Signal=#\r\nDuration=160\r\n")
    session.terminate()
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    assert watch.count("SCSessionInfoDidFail", session) == 2
    assert watch.names(session)[-1] == "SCSessionDidEnd"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("nonsense", "x"), ValueError), (("text/plain", 5), TypeError), ((None, "x"), TypeError)],
)
def test_what_cannot_be_sent_is_refused_at_the_call(ring, arguments, error):
    watch, peer = ring
    session, _, _ = called_by(watch, peer)
    with pytest.raises(error):
        session.send_info(*arguments)
    with pytest.raises(ValueError, match="method"):
        session.send_dtmf("1", method="smoke")


# Forks


def test_a_fork_that_answers_after_the_end_of_the_call_is_acknowledged_and_ended(ring, tmp_path):
    watch, peer = ring
    with PassivePeer(tmp_path) as chats:
        session = Session()
        session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), chat=True)
        invite = peer.receive("INVITE")
        answer = description(chat_line(f"msrp://127.0.0.1:{chats.port}/peersession;tcp", "setup:passive"))
        peer.respond(invite, 200, "OK", body=answer)
        watch.wait_for("SCSessionDidStart", session)
        session.terminate()
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
        other = Message(
            invite.start, tuple([f"{each};tag=other" if each.startswith("To:") else each for each in invite.lines]), ""
        )
        for _ in range(2):
            peer.respond(other, 200, "OK", body=answer)
        assert peer.receive("ACK").tag("To") == "other"
        bye = peer.receive("BYE")
        assert bye.tag("To") == "other"
        peer.respond(bye, 200, "OK")


# Redirection and Reason


def test_a_redirection_is_followed_as_far_as_allowed(ring):
    watch, peer = ring
    with SIPPeer() as second:
        session = Session()
        callee = SIPURI("127.0.0.1", "peer", port=peer.port)
        session.connect(callee, alice(), chat=True, follow_redirects=1)
        invite = peer.receive("INVITE")
        copied = [f"{each}: {invite.get(each)}" for each in ("Via", "From", "Call-ID", "CSeq")]
        text = "\r\n".join(["SIP/2.0 302 Moved", *copied, f"To: {invite.get('To')};tag=x"])
        peer.send(f"{text}\r\nContact: <sip:second@127.0.0.1:{second.port}>\r\nContent-Length: 0\r\n\r\n")
        peer.receive("ACK")
        again = second.receive("INVITE")
        assert (again.get("Call-ID"), again.tag("From")) == (invite.get("Call-ID"), invite.tag("From"))
        assert again.get("CSeq") == "2 INVITE"
        assert re.match(rf"INVITE sip:second@127\.0\.0\.1:{second.port} ", again.start)
        second.respond(again, 486, "Busy Here")
        assert watch.wait_for("SCSessionGotRedirect", session).data.contacts == (f"sip:second@127.0.0.1:{second.port}",)
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.data("SCSessionDidFail", session)["code"] == 486


def test_reasons_go_both_ways(ring):
    watch, peer = ring
    session, invite, answer = called_by(watch, peer)
    session.terminate("Call completed elsewhere", 200)
    bye = peer.receive("BYE")
    assert bye.get("Reason") == 'SIP;cause=200;text="Call completed elsewhere"'
    peer.respond(bye, 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    session, invite, answer = called_by(watch, peer)
    peer.send(request_of(peer, invite, answer, "BYE", 3, "Reason: Q.850;cause=16"))
    peer.receive("SIP/2.0 200")
    told = watch.wait_for("SCSessionDidEnd", session).data
    assert (told.originator, told.cause, told.protocol) == ("remote", 16, "Q.850")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [(("a\r\nb",), ValueError), ((5,), TypeError), (("x", 99), ValueError), (("x", "200"), TypeError)],
)
def test_a_reason_that_cannot_be_written_is_refused_at_the_call(ring, arguments, error):
    watch, peer = ring
    session, _, _ = called_by(watch, peer)
    with pytest.raises(error):
        session.terminate(*arguments)
    assert session.state == "ESTABLISHED"
