"""Calls with peers of a few lines, which do right and wrong what no library would.

The engine runs in a thread of its own, so that the test may block in its sockets.
"""

from __future__ import annotations

import re
import socket

import pytest

from sipsimple.core import SIPURI, Credentials
from sipsimple.errors import MSRPChatError
from sipsimple.protocols.sip.usage.streams import streams as usage_streams
from sipsimple.session import Session, SessionManager
from tests.endpoints import alice, port, running
from tests.interop.msrp_peer import PassivePeer, connected, write_chunk
from tests.interop.sip_peer import SIPPeer, chat_line, description, parse

OUR_PATH = "msrp://127.0.0.1:9/peersession;tcp"


def call_peer(peer, **options):
    session = Session()
    session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), chat=True, **options)
    return session


def called_by(watch, peer, line, *, accept=True):
    """Let the peer call with an m-line; return the session, the INVITE and the 200."""
    invite = peer.invite(port(), description(line))
    session = watch.wait_for("SCSessionNewIncoming").sender
    if not accept:
        return session, invite, None
    session.accept(chat=True)
    answer = peer.receive("SIP/2.0 200")
    peer.send(peer.within(invite, "ACK", answer))
    watch.wait_for("SCSessionDidStart", session)
    return session, invite, answer


# What the offer and the answer look like


def test_the_offer_and_the_headers_are_what_peers_need(ring):
    watch, peer = ring
    session = call_peer(peer)
    invite = peer.receive("INVITE")
    assert invite.start == f"INVITE sip:peer@127.0.0.1:{peer.port} SIP/2.0"
    assert re.search(r"^m=message \d+ TCP/MSRP \*\r$", invite.body, re.MULTILINE)
    names = re.findall(r"^a=([a-z-]+)", invite.body.partition("m=message")[2], re.MULTILINE)
    assert names[:4] == ["path", "accept-types", "accept-wrapped-types", "setup"]
    assert invite.attribute("accept-types") == "message/cpim text/* application/im-iscomposing+xml"
    assert invite.attribute("setup") == "actpass"
    assert f"127.0.0.1:{port()}" in invite.contact
    assert invite.get("From").startswith('"Alice" <sip:alice@example.com>;tag=')
    assert invite.get("Max-Forwards") == "70"
    assert "p4ssw0rd" not in "\r\n".join(invite.lines)
    peer.respond(invite, 486, "Busy Here", 'Warning: 399 peer "at lunch"')
    assert peer.receive("ACK").tag("To") == "rawtag"
    watch.wait_for("SCSessionDidEnd", session)
    failure = watch.data("SCSessionDidFail", session)
    assert failure == {"originator": "remote", "code": 486, "reason": "Busy Here (at lunch)"}


def test_no_password_goes_out_and_the_contact_has_the_token(ring):
    watch, peer = ring
    credentials = Credentials(SIPURI("example.com", "alice", "hunter2", 5070), "p4ssw0rd", "me.and-you")
    callee = SIPURI("127.0.0.1", "peer", "s3same", peer.port, headers={"subject": "hello"})
    session = Session()
    session.connect(callee, credentials, chat=True)
    invite = peer.receive("INVITE")
    assert invite.start == f"INVITE sip:peer@127.0.0.1:{peer.port} SIP/2.0"
    assert invite.get("From").startswith("<sip:alice@example.com>;tag=")
    assert invite.get("To") == "<sip:peer@127.0.0.1>"
    assert f"<sip:me.and-you@127.0.0.1:{port()}>" in invite.get("Contact")
    assert not [each for each in ("hunter2", "p4ssw0rd", "s3same") if each in "\r\n".join(invite.lines)]
    assert (session.remote_uri, session.local_uri) == (callee, credentials.uri)
    assert session.remote_uri.password == "s3same"
    peer.respond(invite, 486, "Busy Here")
    watch.wait_for("SCSessionDidEnd", session)


def test_every_180_is_told_and_other_provisional_responses_are_not(ring):
    watch, peer = ring
    session = call_peer(peer)
    invite = peer.receive("INVITE")
    for status, reason in ((100, "Trying"), (180, "Ringing"), (183, "Progress"), (180, "Ringing again")):
        peer.respond(invite, status, reason)
    watch.wait_for("SCSessionGotRingIndication", session, 2)
    session.terminate()
    cancel = peer.receive("CANCEL")
    assert (cancel.get("Via"), cancel.get("CSeq").split()) == (invite.get("Via"), ["1", "CANCEL"])
    peer.respond(cancel, 200, "OK")
    peer.respond(invite, 487, "Request Terminated")
    watch.wait_for("SCSessionDidEnd", session)
    assert watch.count("SCSessionGotRingIndication") == 2
    assert watch.count("SCSessionDidFail") == 0


def test_cancel_waits_for_a_provisional_response(ring):
    watch, peer = ring
    session = call_peer(peer)
    invite = peer.receive("INVITE")
    session.terminate()
    watch.wait_for("SCSessionWillEnd", session)
    assert not [each for each in peer.received if each.method == "CANCEL"]
    peer.respond(invite, 180, "Ringing")
    peer.respond(peer.receive("CANCEL"), 200, "OK")
    peer.respond(invite, 487, "Request Terminated")
    assert watch.wait_for("SCSessionDidEnd", session).data.originator == "local"


def test_a_200_that_crosses_the_cancel_is_acknowledged_and_ended_by_bye(ring):
    watch, peer = ring
    session = call_peer(peer)
    invite = peer.receive("INVITE")
    peer.respond(invite, 180, "Ringing")
    watch.wait_for("SCSessionGotRingIndication", session)
    session.terminate()
    peer.receive("CANCEL")
    peer.respond(invite, 200, "OK", body=description(chat_line(OUR_PATH)))
    peer.receive("ACK")
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    assert watch.count("SCSessionWillStart") == watch.count("SCSessionDidFail") == 0


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "no description at all",
        description("m=message 0 TCP/MSRP *\r\n"),
        description("m=audio 4000 RTP/AVP 0\r\n"),
        description(chat_line(OUR_PATH), chat_line(OUR_PATH)),
        description("m=message 9 TCP/MSRP *\r\na=accept-types:*\r\n"),
    ],
)
def test_an_answer_that_cannot_be_used_is_acknowledged_and_fails_with_488(ring, answer):
    watch, peer = ring
    session = call_peer(peer)
    invite = peer.receive("INVITE")
    peer.respond(invite, 200, "OK", body=answer)
    peer.receive("ACK")
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    failure = watch.data("SCSessionDidFail", session)
    assert (failure["originator"], failure["code"]) == ("local", 488)
    names = watch.names(session)
    assert names[-4:] == ["SCSessionWillStart", "CALLING>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]


# The MSRP side, in both roles


def test_a_peer_that_listens_gets_an_empty_send_then_the_messages_and_reports(ring, tmp_path):
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        session = call_peer(peer)
        invite = peer.receive("INVITE")
        path = f"msrp://127.0.0.1:{msrp.port}/passive;tcp"
        peer.respond(invite, 200, "OK", "Server: raw server", body=description(chat_line(path, "setup:passive")))
        peer.receive("ACK")
        watch.wait_for("MSRPChatDidStart")
        message_id = session.send_message("hello wörld")
        delivered = watch.wait_for("SCSessionDidDeliverMessage", session).data
        assert (delivered.message_id, delivered.code) == (message_id, 200)
        first, second = msrp.requests
        assert (first.headers["Byte-Range"], first.body) == ("1-0/0", b"")
        assert "Content-Type" not in first.headers
        assert (first.headers["To-Path"], first.headers["From-Path"]) == (path, invite.path)
        assert second.headers["Content-Type"] == "message/cpim"
        assert second.headers["Success-Report"] == "yes"
        assert (second.flag, second.headers["Message-ID"]) == ("$", message_id)
        assert "charset=utf-8" in second.body.decode()
        assert 'From: "Alice" <sip:alice@example.com>' in second.body.decode()
        assert session.remote_user_agent == "raw server"
        session.terminate()
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)


@pytest.mark.parametrize(("size", "chunks"), [(250_000, 1), (400_000, 7)])
def test_a_message_goes_out_in_one_chunk_up_to_the_size_that_peers_without_reassembly_take(
    ring, tmp_path, size, chunks
):
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        session = call_peer(peer)
        invite = peer.receive("INVITE")
        path = f"msrp://127.0.0.1:{msrp.port}/passive;tcp"
        peer.respond(invite, 200, "OK", body=description(chat_line(path, "setup:passive")))
        peer.receive("ACK")
        session.send_message("x" * size)
        watch.until(lambda: len(msrp.requests) == 1 + chunks, "every chunk")
        sent = msrp.requests[1:]
        assert [each.flag for each in sent] == ["+"] * (chunks - 1) + ["$"]
        assert len({each.headers["Message-ID"] for each in sent}) == 1
        assert sum(each.body.count(b"x") for each in sent) >= size


def test_a_peer_that_takes_no_cpim_gets_the_bare_message_and_no_private_one(ring, tmp_path):
    watch, peer = ring
    with PassivePeer(tmp_path) as msrp:
        session = call_peer(peer)
        invite = peer.receive("INVITE")
        path = f"msrp://127.0.0.1:{msrp.port}/passive;tcp"
        peer.respond(invite, 200, "OK", body=description(chat_line(path, types="text/plain")))
        peer.receive("ACK")
        watch.wait_for("MSRPChatDidStart")
        for arguments in (("x", "text/html"), ("x", "text/plain", SIPURI("example.com", "carol"))):
            with pytest.raises(MSRPChatError):
                session.send_message(*arguments)
        session.send_message("bare")
        watch.wait_for("SCSessionDidDeliverMessage", session)
        assert msrp.requests[-1].body == b"bare"
        assert msrp.requests[-1].headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_peer_that_connects_is_bound_answered_reported_and_reassembled(ring):
    watch, peer = ring
    session, invite, answer = called_by(watch, peer, chat_line(OUR_PATH, "setup:active"))
    assert answer.attribute("setup") == "passive"
    with connected(OUR_PATH, answer.path) as msrp:
        msrp.send(None)
        assert msrp.read().start == "200 OK"
        watch.wait_for("MSRPChatDidStart")
        msrp.send(b"hello")
        assert msrp.read().start == "200 OK"
        report = msrp.read()
        assert (report.start, report.headers["Status"]) == ("REPORT", "000 200 OK")
        assert report.headers["Byte-Range"] == "1-5/5"
        got = watch.wait_for("SCSessionGotMessage", session).data
        assert (got.content, got.cpim_headers) == ("hello", {})
        send_in_chunks(msrp, b"x" * 150_000, 40_000)
        got = watch.wait_for("SCSessionGotMessage", session, 2).data
        assert got.content == "x" * 150_000
        session.send_message("back")
        chunk = next(chunk for chunk in iter(msrp.read, None) if chunk.start == "SEND")
        assert b"back" in chunk.body
        watch.wait_for("SCSessionDidDeliverMessage", session)
        peer.send(peer.within(invite, "BYE", answer))
        assert peer.receive("SIP/2.0 200").get("CSeq") == "2 BYE"
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.data("SCSessionDidEnd", session) == {"originator": "remote"}
    assert watch.count("SCSessionDidFail") == 0


def send_in_chunks(msrp, body, size):
    """Send one message in several chunks."""
    for number, start in enumerate(range(0, len(body), size)):
        part = body[start : start + size]
        headers = {
            **msrp._paths,
            "Message-ID": "chunked",
            "Byte-Range": f"{start + 1}-{start + len(part)}/{len(body)}",
            "Content-Type": "text/plain",
        }
        chunk = write_chunk(f"chunk{number}", "SEND", headers, part)
        last = start + size >= len(body)
        msrp._connection.sendall(chunk if last else chunk[:-3] + b"+\r\n")
        assert msrp.read().start == "200 OK"


def test_what_cannot_be_taken_is_refused_and_logged_and_not_told(logs, ring):
    watch, peer = ring
    _session, _invite, answer = called_by(watch, peer, chat_line(OUR_PATH, "setup:active"))
    with connected(OUR_PATH, answer.path) as msrp:
        msrp.send(None)
        msrp.read()
        headers = {**msrp._paths, "Message-ID": "m415", "Byte-Range": "1-2/2", "Content-Type": "image/png"}
        msrp._connection.sendall(write_chunk("tid415", "SEND", headers, b"\x89P"))
        assert msrp.read().start.startswith("415")
        headers = {**msrp._paths, "Message-ID": "m501"}
        msrp._connection.sendall(write_chunk("tid501", "DANCE", headers))
        assert msrp.read().start.startswith("501")
        headers = {**msrp._paths, "Message-ID": "m400", "Success-Report": "yes", "Content-Type": "message/cpim"}
        msrp._connection.sendall(write_chunk("tid200", "SEND", headers, b"hush, a secret"))
        assert msrp.read().start == "200 OK"
        assert msrp.read().headers["Status"].startswith("000 400")
    assert watch.count("SCSessionGotMessage") == 0
    refused = [each for each in logs if each["event"] == "message.refused"]
    assert [each["code"] for each in refused] == [415, 501, 400]
    assert [each.get("transaction", each.get("message_id")) for each in refused] == ["tid415", "tid501", "m400"]
    assert "hush" not in repr(logs)


def test_a_connection_for_no_session_is_answered_481_and_the_chat_waits_on(ring):
    watch, peer = ring
    _session, _invite, answer = called_by(watch, peer, chat_line(OUR_PATH, "setup:active"))
    stranger = re.sub(r"/[0-9a-f]+;", "/nosuchsession;", answer.path)
    with connected(OUR_PATH, stranger) as msrp:
        msrp.send(None)
        assert msrp.read().start.startswith("481")
    with connected(OUR_PATH, answer.path) as msrp:
        msrp.send(None)
        assert msrp.read().start == "200 OK"
        watch.wait_for("MSRPChatDidStart")
        with connected(OUR_PATH, answer.path) as second:
            second.send(None)
            assert second.read().start.startswith("506")
            assert second._stream.readline() == b""
        msrp.send(b"still here")
        assert msrp.read().start == "200 OK"


def test_a_connection_that_comes_before_our_answer_is_kept(ring):
    watch, peer = ring
    session = call_peer(peer)
    invite = peer.receive("INVITE")
    with connected(OUR_PATH, invite.path) as msrp:
        msrp.send(None)
        peer.respond(invite, 200, "OK", body=description(chat_line(OUR_PATH, "setup:active")))
        peer.receive("ACK")
        assert msrp.read().start == "200 OK"
        watch.wait_for("MSRPChatDidStart")
        session.terminate()
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)


# Losing the connection (DECISIONS 9)


def test_a_peer_that_closes_its_connection_and_sends_no_bye_loses_the_session(ring, monkeypatch):
    monkeypatch.setattr(usage_streams, "GRACE", 0.1)
    watch, peer = ring
    session, _invite, answer = called_by(watch, peer, chat_line(OUR_PATH, "setup:active"))
    stream = session.chat_transport
    with connected(OUR_PATH, answer.path) as msrp:
        msrp.send(None)
        msrp.read()
        watch.wait_for("MSRPChatDidStart")
    watch.wait_for("MSRPChatDidEnd", stream)
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", session)
    failure = watch.data("SCSessionDidFail", session)
    assert (failure["originator"], failure["code"]) == ("remote", 0)
    assert not session.has_chat
    assert "MSRPChatWillEnd" not in watch.names(stream)


def test_a_bye_within_the_grace_is_an_ordinary_end(ring):
    watch, peer = ring
    session, invite, answer = called_by(watch, peer, chat_line(OUR_PATH, "setup:active"))
    with connected(OUR_PATH, answer.path) as msrp:
        msrp.send(None)
        msrp.read()
        watch.wait_for("MSRPChatDidStart")
    watch.wait_for("MSRPChatDidEnd")
    watch.until(lambda: not session.has_chat, "the chat to be forgotten")
    assert session.state == "ESTABLISHED"
    peer.send(peer.within(invite, "BYE", answer))
    watch.wait_for("SCSessionDidEnd", session)
    assert watch.count("SCSessionDidFail") == 0


def test_a_connection_that_breaks_fails_chat_and_session_and_unsent_messages(ring):
    watch, peer = ring
    session, _invite, answer = called_by(watch, peer, chat_line(OUR_PATH, "setup:active"))
    stream = session.chat_transport
    with connected(OUR_PATH, answer.path) as msrp:
        msrp.send(None)
        msrp.read()
        watch.wait_for("MSRPChatDidStart")
        message_id = session.send_message("never reported")
        msrp._stream.readline()
        msrp._connection.sendall(b"this is no MSRP\r\n" * 4)
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.data("SCSessionDidNotDeliverMessage", session)["message_id"] == message_id
    assert watch.data("MSRPChatDidFail", stream)["context"] == "reading"
    assert watch.names(stream)[-2:] == ["MSRPChatDidNotDeliverMessage", "MSRPChatDidEnd"]
    assert stream.state == "ERROR"
    failure = watch.data("SCSessionDidFail", session)
    assert (failure["originator"], failure["code"]) == ("local", 0)
    assert failure["reason"] == watch.data("MSRPChatDidFail")["reason"]


def test_a_peer_that_cannot_be_connected_to_fails_the_chat_while_starting(ring):
    watch, peer = ring
    session = call_peer(peer)
    invite = peer.receive("INVITE")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        path = f"msrp://127.0.0.1:{closed.getsockname()[1]}/gone;tcp"
        peer.respond(invite, 200, "OK", body=description(chat_line(path, "setup:passive")))
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
    assert watch.data("MSRPChatDidFail")["context"] == "start"
    assert watch.data("SCSessionDidFail", session)["code"] == 0


@pytest.mark.parametrize("matches", [True, False])
def test_the_certificate_must_have_the_fingerprint_that_the_peer_gave(ring, tmp_path, matches):
    watch, peer = ring
    SessionManager().msrp_config.local_use_tls = True
    with PassivePeer(tmp_path) as msrp:
        session = call_peer(peer)
        invite = peer.receive("INVITE")
        assert invite.attribute("fingerprint").startswith("SHA-256 ")
        path = f"msrps://127.0.0.1:{msrp.port}/passive;tcp"
        fingerprint = _fingerprint(tmp_path) if matches else "SHA-256 " + ":".join(["AA"] * 32)
        line = chat_line(path, "setup:passive", f"fingerprint:{fingerprint}", protocol="TCP/TLS/MSRP")
        peer.respond(invite, 200, "OK", body=description(line))
        peer.receive("ACK")
        if matches:
            watch.wait_for("MSRPChatDidStart")
            session.terminate()
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
        if not matches:
            assert "fingerprint" in watch.data("SCSessionDidFail", session)["reason"]
            assert msrp.requests == []


def _fingerprint(directory):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    pem = next(file.read_bytes() for file in directory.iterdir() if b"CERTIFICATE" in file.read_bytes())
    digest = x509.load_pem_x509_certificate(pem).fingerprint(hashes.SHA256())
    return "SHA-256 " + ":".join(f"{byte:02X}" for byte in digest)


# Incoming calls


def test_the_answer_refuses_foreign_lines_in_place_and_has_the_host_of_the_invite_as_contact(ring):
    watch, peer = ring
    audio = "m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"
    invite = peer.invite(port(), description(audio, chat_line(OUR_PATH), "m=video 5000 RTP/AVP 96\r\n"))
    session = watch.wait_for("SCSessionNewIncoming").sender
    assert watch.data("SCSessionNewIncoming") == {
        "has_audio": True,
        "has_chat": True,
        "files": [],
        "refused_streams": {},
    }
    ringing = peer.receive("SIP/2.0 180")
    assert ringing.contact == f"sip:bob@127.0.0.1:{port()}"
    session.accept(chat=True)
    answer = peer.receive("SIP/2.0 200")
    lines = re.findall(r"^m=.*?(?=^m=|\Z)", answer.body, re.MULTILINE | re.DOTALL)
    assert lines[0] == "m=audio 0 RTP/AVP 0 8\r\n"
    assert lines[1].startswith("m=message ")
    assert lines[2] == "m=video 0 RTP/AVP 96\r\n"
    assert answer.attribute("setup") in ("active", "passive")
    peer.send(peer.within(invite, "ACK", answer))
    watch.wait_for("SCSessionDidStart", session)
    assert session.remote_user_agent == "raw peer"


def test_an_answer_without_ack_is_repeated_and_given_up_with_408():
    with SIPPeer() as peer, running(hub="own", sip_t1=0.01) as watch:
        peer.invite(port(), description(chat_line(OUR_PATH, "setup:active")))
        session = watch.wait_for("SCSessionNewIncoming").sender
        session.accept(chat=True)
        peer.respond(peer.receive("BYE"), 200, "OK")
        watch.wait_for("SCSessionDidEnd", session)
    assert peer.repeats > 3
    failure = watch.data("SCSessionDidFail", session)
    assert (failure["originator"], failure["code"]) == ("local", 408)
    assert session.start_time is not None
    assert session.stop_time is not None


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("hello", "text/plain", 415),
        ("v=0", "application/sdp", 488),
        (description("m=video 5000 RTP/AVP 96\r\n"), "application/sdp", 488),
        (description("m=message 0 TCP/MSRP *\r\n"), "application/sdp", 488),
        (description(chat_line(OUR_PATH, 'file-selector:name:"x"', "sendrecv")), "application/sdp", 488),
    ],
)
def test_an_invite_that_cannot_be_taken_is_refused_and_makes_no_session(ring, body, content_type, status):
    watch, peer = ring
    invite = peer.invite(port(), body, content_type=content_type)
    answer = peer.receive("SIP/2.0")
    assert answer.status == status
    assert answer.tag("To")
    peer.send(invite)
    again, _ = peer.socket.recvfrom(65535)
    assert parse(again) == answer
    peer.send(peer.within(invite, "ACK", answer))
    assert watch.count("SCSessionNewIncoming") == 0


def test_invites_that_come_in_one_burst_make_one_call_and_their_cancel_finds_it(ring):
    watch, peer = ring
    invite = peer.invite(port(), description(chat_line(OUR_PATH)))
    peer.send(invite)
    peer.send(invite)
    peer.send(peer.within(invite, "CANCEL", None))
    statuses = set()
    while not {"200 CANCEL", "487 INVITE"} <= statuses:
        message = peer.receive("SIP/2.0")
        statuses.add(f"{message.status} {message.get('CSeq').split()[1]}")
    assert "481 CANCEL" not in statuses
    session = watch.wait_for("SCSessionDidEnd").sender
    assert watch.count("SCSessionNewIncoming") == 1
    assert watch.data("SCSessionDidFail", session)["code"] == 487


def test_an_invite_that_comes_by_two_ways_is_one_call_and_482_for_the_other(ring):
    watch, peer = ring
    invite = peer.invite(port(), description(chat_line(OUR_PATH)))
    peer.send(re.sub(r"branch=z9hG4bK", "branch=z9hG4bKother", invite))
    assert peer.receive("SIP/2.0 482")
    watch.wait_for("SCSessionNewIncoming")
    assert watch.count("SCSessionNewIncoming") == 1


def test_a_caller_that_is_no_sip_uri_is_shown_as_one(ring):
    watch, peer = ring
    invite = peer.invite(port(), description(chat_line(OUR_PATH, "setup:active"))).replace("raw", "tel")
    peer.send(re.sub(r"From: <[^>]*>", "From: <tel:+3161234;phone-context=x>", invite))
    session = watch.wait_for("SCSessionNewIncoming", count=2).sender
    assert str(session.remote_uri) == "sip:+3161234@127.0.0.1"
    session.accept(chat=True)
    watch.wait_for("MSRPChatDidInitialize")
    assert peer.receive("SIP/2.0 200")


def test_what_belongs_to_no_call_is_answered_by_the_endpoint(ring):
    _watch, peer = ring
    invite = peer.invite(port(), description("m=video 5000 RTP/AVP 96\r\n")).replace("INVITE", "{0}")
    peer.receive("SIP/2.0 488")
    for method, status in (("OPTIONS", 200), ("BYE", 481), ("CANCEL", 481), ("SUBSCRIBE", 400), ("DANCE", 405)):
        peer.send(invite.replace("{0}", method).replace("z9hG4bKraw", f"z9hG4bK{method}"))
        answer = peer.receive("SIP/2.0")
        assert (method, answer.status) == (method, status)
        assert not answer.get("Server")  # scanners learn nothing
    assert "INVITE" in answer.get("Allow")
    peer.send(invite.replace("{0}", "OPTIONS").replace("z9hG4bKraw", "z9hG4bKbad").replace("Call-ID", "X-ID"))
    peer.send(invite.replace("{0}", "OPTIONS").replace("Max-Forwards", "Require: no-such\r\nMax-Forwards"))
    assert peer.receive("SIP/2.0 420").get("Unsupported") == "no-such"
