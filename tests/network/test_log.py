"""The structured log of a call: every change with its names, every message without its body, and no secret."""

from __future__ import annotations

import socket

import pytest
import structlog

from sipsimple.actors.sip.redaction import msrp_head, sip_head, without_secrets
from sipsimple.api.engine.tracing import names_of
from sipsimple.core import SIPURI, Credentials, Engine, Route
from sipsimple.protocols.msrp.message import MSRPData
from sipsimple.session import Session, SessionManager
from tests.endpoints import deliver, established, hang_up, place, port, running
from tests.interop.sip_peer import SIPPeer

SECRETS = ("hush, a secret", "p4ssw0rd", "s3same")


def test_a_traced_call_shows_every_message_and_no_body_credential_or_key(logs):
    with running(trace_sip=True, trace_msrp=True) as watch:
        SessionManager().msrp_config.local_use_tls = True
        session = Session()
        callee = SIPURI("127.0.0.1", "bob", "s3same", port())
        session.connect(callee, Credentials(SIPURI("example.com", "alice"), "p4ssw0rd"), None, chat=True)
        other = watch.wait_for("SCSessionNewIncoming").sender
        other.accept(chat=True)
        watch.wait_for("MSRPChatDidStart", count=2)
        deliver(watch, session, other, "hush, a secret")
        session.terminate()
        watch.wait_for("SCSessionDidEnd", other)
        watch.wait_for("MSRPChatDidEnd", count=2)
    heads = {
        event: [each["message"].partition("\r\n")[0] for each in logs if each["event"] == event]
        for event in ("sip.sent", "sip.received", "msrp.sent", "msrp.received")
    }
    for direction in ("sent", "received"):
        starts = [head.split(" ")[0 if not head.startswith("SIP") else 1] for head in heads[f"sip.{direction}"]]
        assert [each for each in starts if each != "100"] == ["INVITE", "180", "200", "ACK", "BYE", "200"]
        kinds = sorted(head.split(" ")[2] for head in heads[f"msrp.{direction}"])
        assert kinds == ["200", "200", "REPORT", "SEND", "SEND"]
    assert all(each["log_level"] == "debug" for each in logs if each["event"] in heads)
    traced = [each for each in logs if each["event"].startswith("msrp.")]
    assert all({"session", "call_id", "size_bytes"} <= each.keys() for each in traced)
    text = repr(logs)
    for secret in (*SECRETS, "m=message", "a=path", "PRIVATE KEY", "DateTime:"):
        assert secret not in text
    bodies = [each.data.data for each in watch.seen if each.name == "SCEngineSIPTrace"]
    assert any("m=message" in body for body in bodies)
    assert watch.count("SCEngineSIPTrace") == len(heads["sip.sent"]) + len(heads["sip.received"])


def test_the_whole_msrp_session_id_stays_out_of_the_log(logs):
    """It is what an accepted connection is recognised by (RFC 4975 14.1)."""
    with running() as watch:
        call = established(watch)
        paths = [each.chat_transport.local_media.attribute("path") for each in (call.caller, call.callee)]
        hang_up(watch, call)
    ids = [path.rpartition("/")[2].partition(";")[0] for path in paths]
    text = repr(logs)
    assert all(each[:8] in text and each not in text for each in ids)


def test_each_message_is_traced_with_its_call_method_and_status(logs):
    with running(trace_sip=True) as watch:
        call = place(watch)
        call_id = call.caller.call.identity.call_id
        call.callee.reject(603)
        watch.wait_for("SCSessionDidEnd", call.caller)
        watch.wait_for("SCSessionDidEnd", call.callee)
    sent = [each for each in logs if each["event"] == "sip.sent"]
    assert {each["call_id"] for each in sent} == {call_id}
    found = [(each["method"], each["status"]) for each in sent if each["status"] != 100]
    assert found == [("INVITE", None), ("INVITE", 180), ("INVITE", 603), ("ACK", None)]


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("SIP/2.0 200 OK\r\ni : x@y \r\nCSEQ:  7  BYE", ("x@y", "BYE", 200)),
        ("INVITE sip:b SIP/2.0\r\nSubject: Call-ID: no", (None, None, None)),
        ("garbage \ufffd", (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_what_cannot_be_parsed_is_traced_by_what_can_be_found(head, names):
    assert tuple(names_of(head).values()) == names


def test_the_trace_notification_tells_the_two_ends_and_the_transport():
    with running(trace_sip=True) as watch:
        call = place(watch, "tcp")
        call.callee.reject()
        watch.wait_for("SCSessionDidEnd", call.caller)
        sent = next(each.data for each in watch.seen if each.name == "SCEngineSIPTrace" and not each.data.received)
        assert (sent.destination_ip, sent.destination_port) == ("127.0.0.1", port("tcp"))
        assert sent.transport == "tcp"
        assert sent.data.startswith("INVITE ")
        Engine().trace_sip = False
        before = watch.count("SCEngineSIPTrace")
        hang_up(watch, established(watch))
        assert watch.count("SCEngineSIPTrace") == before


def test_the_msrp_trace_can_be_switched_while_running(logs):
    with running() as watch:
        hang_up(watch, established(watch))
        assert not [each for each in logs if each["event"].startswith("msrp.")]
        Engine().trace_msrp = True
        hang_up(watch, established(watch))
        assert [each for each in logs if each["event"].startswith("msrp.")]


def test_each_change_of_state_rejection_failure_and_restart_bears_session_and_call_id(logs):
    with running(crashes=True) as watch:
        call = established(watch)
        names = {end.call.identity.token: end.call.identity.call_id for end in (call.caller, call.callee)}
        call.callee._ref.kill()
        call.caller.chat_transport._ref.kill()
        deliver(watch, call.caller, call.callee, "after the restarts")
        hang_up(watch, call)
        refused = place(watch, route=Route("127.0.0.1", port()))
        names |= {end.call.identity.token: end.call.identity.call_id for end in (refused.caller, refused.callee)}
        refused.callee.reject()
        watch.wait_for("SCSessionDidEnd", refused.caller)
    for event in ("session.changed", "session.failed", "session.restarted", "chat.restarted", "chat.started"):
        found = [each for each in logs if each["event"] == event]
        assert found, event
        assert all(names[each["session"]] == each["call_id"] for each in found)
    changed = [each for each in logs if each["event"] == "session.changed" and each["direction"] == "outgoing"]
    assert [each["state"] for each in changed][:2] == ["CALLING", "ESTABLISHED"]
    assert [each["actor"] for each in logs if each["event"] == "actor.crashed"]


def test_no_line_of_a_body_reaches_the_log_or_the_peer_though_it_cannot_be_read(logs):
    """A key may stand anywhere in it; over a stream also where a message seems to begin, its length counted wrong."""
    key = "inline:S3CRET"
    with SIPPeer() as peer, running(hub="own", trace_sip=True) as watch:
        for lines in (f"nonsense {key}", f"o={key}"):
            peer.invite(port(), f"v=0\r\n{lines}\r\ns=-\r\n")
            assert key not in peer.receive("SIP/2.0 488").get("Warning")
        with socket.create_connection(("127.0.0.1", port("tcp"))) as stream:
            stream.sendall(f"a=crypto:1 AES {key}\r\na=ice-pwd:{key}\r\nContent-Length: 0\r\n\r\n".encode())
            watch.until(lambda: [each for each in logs if "no SIP" in each.get("message", "")], "its trace")
            stream.sendall(f"a=crypto\r\n{key} 2: x\r\nContent-Length: 0\r\n\r\n".encode())
            watch.until(lambda: sum(each["event"] == "message.rejected" for each in logs) == 2, "two refusals")
    assert not [each for each in logs if key in repr(each)]


def test_nothing_is_logged_and_nothing_configured_unless_the_application_configures_structlog(capfd):
    assert not structlog.is_configured()
    with running(trace_sip=True, trace_msrp=True) as watch:
        hang_up(watch, established(watch))
    assert not structlog.is_configured()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Digest x=1\r\n y=2\r\nTo: b", "Authorization: <hidden>\r\nTo: b"),
        ("proxy-authenticate :x\r\n\ty", "proxy-authenticate: <hidden>"),
        ("From: <sip:a:pw@b>", "From: <sip:a:<hidden>@b>"),
        ("Via: SIP/2.0/UDP h:5060", "Via: SIP/2.0/UDP h:5060"),
        ("To: <sip:h:5060>, <sip:a@b>", "To: <sip:h:5060>, <sip:a@b>"),
    ],
)
def test_credentials_are_hidden(text, shown):
    assert without_secrets(text) == shown


def test_only_the_head_is_shown_of_whatever_bytes():
    assert sip_head(b"INVITE x SIP/2.0\r\nTo: b\r\n c\r\n\r\nbody") == "INVITE x SIP/2.0\r\nTo: b\r\n c"
    assert sip_head(b"garbage\n\nbody \xff") == "<15 bytes, no SIP message>"
    keys = "a=crypto:1 AES inline:KEY\r\na=ice-pwd:KEY\r\n\r\n"
    assert sip_head(keys.encode()) == f"<{len(keys)} bytes, no SIP message>"
    assert sip_head(b"INVITE x SIP/2.0\r\nTo: b\r\n" + keys.encode()) == (
        "INVITE x SIP/2.0\r\nTo: b\r\n<hidden>\r\n<hidden>"
    )
    assert sip_head(b"INVITE x SIP/2.0\rAuthorization: Digest x\r\r") == "<42 bytes, no SIP message>"
    assert sip_head(b"SIP/2.0 200 OK\nTo: b\rAuthorization: x\nVia: y") == "SIP/2.0 200 OK\r\n<hidden>\r\nVia: y"
    message = MSRPData("tid1", "SEND", fields={"To-Path": "msrp://a", "Authorization": "Digest"}, data=b"body")
    assert msrp_head(message) == "MSRP tid1 SEND\r\nTo-Path: msrp://a\r\nAuthorization: <hidden>"
