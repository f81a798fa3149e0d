"""Messages outside of sessions, both ways, and what else comes in outside of them."""

from __future__ import annotations

import contextlib

import pytest

from sipsimple.api.serving import incoming
from sipsimple.core import SIPURI, Engine, SIPCoreError, send_message
from tests.endpoints import alice, port, running, target
from tests.interop.sip_peer import SIPPeer
from tests.network.presence_server import PresenceServer, serving
from tests.network.slow_observer import held


@contextlib.contextmanager
def visited(**options):
    """A raw peer, and a running engine that it may send to."""
    with SIPPeer() as peer, running(hub="own", sip_t1=0.05, **options) as watch:
        peer.address = ("127.0.0.1", port())
        yield peer, watch


def request(method, *headers, body="", branch="1"):
    return "\r\n".join(
        [
            f"{method} sip:bob@127.0.0.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{branch};rport",
            'From: "Carol" <sip:carol@example.net>;tag=c',
            "To: <sip:bob@example.com>",
            f"Call-ID: call-{branch}",
            f"CSeq: 1 {method}",
            "User-Agent: peer",
            *headers,
            f"Content-Length: {len(body.encode())}",
            "",
            body,
        ]
    )


# Sending


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_message_to_ourselves_is_sent_and_received(transport):
    with running(sip_t1=0.05) as watch:
        message_id = send_message(alice(), target(transport), "text", "plain", "grüß dich")
        watch.wait_for("SCEngineGotMessageResponse", Engine())
        watch.wait_for("SCEngineGotMessage", Engine())

        assert watch.data("SCEngineGotMessageResponse") == {
            "to_uri": target(transport),
            "code": 200,
            "reason": "OK",
            "message_id": message_id,
        }
        told = watch.data("SCEngineGotMessage")
        assert (told["body"], told["content_type"], told["content_subtype"]) == ("grüß dich", "text", "plain")
        assert (str(told["from_uri"]), told["to_uri"].user) == ('"Alice" <sip:alice@example.com>', "bob")
        assert told["user_agent"] == Engine().user_agent


def test_an_empty_text_is_a_text():
    with running(sip_t1=0.05) as watch:
        send_message(alice(), target("udp"), "text", "plain", "")
        told = watch.wait_for("SCEngineGotMessage").data
        assert (told.body, told.content_type, told.content_subtype) == ("", "text", "plain")


def test_a_large_message_goes_by_tcp():
    """RFC 3428 8: more than 1300 bytes want congestion control."""
    with running(sip_t1=0.05) as watch:
        both = SIPURI(Engine().local_ip, "bob", port=port("tcp"))
        send_message(alice(), both, "text", "plain", "x" * 2000)
        told = watch.wait_for("SCEngineGotMessage").data

        assert told.body == "x" * 2000
        assert "/TCP " in told.headers["Via"]


def test_messages_to_one_address_wait_for_each_other():
    with serving() as (server, watch):
        for number in range(5):
            send_message(server.alice, server.uri(), "text", "plain", str(number))
        other = send_message(server.alice, server.uri("carol"), "text", "plain", "other")
        watch.wait_for("SCEngineGotMessageResponse", count=6)

        assert [each.body for each in server.requests if each.uri == str(server.uri())] == [
            b"0",
            b"1",
            b"2",
            b"3",
            b"4",
        ]
        assert other in [each.data.message_id for each in watch.seen if each.name == "SCEngineGotMessageResponse"]
        assert len(Engine().core.messages) == 0


def test_a_message_that_fails_lets_the_next_one_go():
    with serving() as (server, watch):
        server.statuses.append((404, ()))
        for _ in range(2):
            send_message(server.alice, server.uri(), "text", "plain", "hello")
        watch.wait_for("SCEngineGotMessageResponse", count=2)

        assert [each.data.code for each in watch.seen if each.name == "SCEngineGotMessageResponse"] == [404, 200]


def test_what_waits_when_the_engine_stops_is_told_to_have_failed():
    with PresenceServer() as server:
        with running() as watch:
            server.statuses.extend([None] * 100)
            for _ in range(3):
                send_message(server.alice, server.uri(), "text", "plain", "hello")
            watch.until(lambda: server.requests, "the first message")
            Engine().stop()
            told = [each.data for each in watch.seen if each.name == "SCEngineGotMessageResponse"]
        assert [(each.code, each.reason) for each in told] == [(0, "the engine is stopping")] * 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("text", "plain", 7),
        ("text", "pl ain", "x"),
        ("text", "plain;charset=ascii", "ü"),
        (b"text", "plain", "x"),
    ],
)
def test_bad_messages_raise_at_once(arguments):
    with serving() as (server, _watch), pytest.raises((ValueError, TypeError)):
        send_message(server.alice, server.uri(), *arguments)


def test_without_an_engine_no_message_is_sent():
    with pytest.raises(SIPCoreError):
        send_message(alice(), SIPURI("127.0.0.1"), "text", "plain", "x")


# Receiving


def test_a_repeated_message_is_answered_again_and_told_once():
    with visited() as (peer, watch):
        text = request("MESSAGE", "Content-Type: text/plain", body="hi")
        peer.send(text)
        assert peer.receive("SIP/2.0 200").tag("To")
        watch.wait_for("SCEngineGotMessage")
        for _ in range(3):
            peer.send(text)
        peer.send(request("MESSAGE", "Content-Type: text/plain", body="again", branch="2"))
        watch.wait_for("SCEngineGotMessage", count=2)

        assert [each.data.body for each in watch.seen if each.name == "SCEngineGotMessage"] == ["hi", "again"]
        assert str(watch.data("SCEngineGotMessage")["from_uri"]) == '"Carol" <sip:carol@example.net>'
        assert watch.data("SCEngineGotMessage")["user_agent"] == "peer"


def test_what_more_comes_than_can_wait_for_an_observer_is_refused_and_all_that_was_answered_200_is_heard(monkeypatch):
    """Strangers may send messages, and an observer may wait as long as it likes."""
    monkeypatch.setattr(incoming, "MOST_UNHEARD", 2)
    with visited() as (peer, watch):
        texts = [request("MESSAGE", "Content-Type: text/plain", body=each, branch=each) for each in "abcd"]
        with held("SCEngineGotMessage") as hold:
            peer.send(texts[0])
            hold.has_come.wait(30)
            for text in texts[:3]:
                peer.send(text)
                peer.receive("SIP/2.0 200")
            peer.send(texts[3])
            assert peer.receive("SIP/2.0 503").get("Retry-After")
        watch.until(lambda: watch.count("SCEngineGotMessage") == 3, "the first three")
        peer.send(texts[3])  # what was refused is no repeat
        watch.until(lambda: watch.count("SCEngineGotMessage") == 4, "the last one")

        assert [each.data.body for each in watch.seen if each.name == "SCEngineGotMessage"] == list("abcd")


def test_a_body_that_is_no_text_is_told_as_it_is():
    with visited() as (peer, watch):
        peer.send(request("MESSAGE", "Content-Type: application/x-tea", body="hot"))
        assert watch.wait_for("SCEngineGotMessage").data.body == b"hot"


REFUSED = {
    "a type that is not wanted": (("MESSAGE", "Content-Type: text/html"), "x", 415, "Accept: text/plain"),
    "a compressed body": (
        ("MESSAGE", "Content-Type: text/plain", "Content-Encoding: gzip"),
        "x",
        415,
        "Accept-Encoding: identity",
    ),
    "a body without type": (("MESSAGE",), "x", 400, ""),
    "a subscription": (
        ("SUBSCRIBE", "Event: x-tea", "Contact: <sip:c@h>"),
        "",
        489,
        "Allow-Events: dialog, message-summary, presence",
    ),
    "a subscription to nothing": (("SUBSCRIBE", "Contact: <sip:c@h>"), "", 400, ""),
    "a NOTIFY without subscription": (("NOTIFY", "Event: presence", "Subscription-State: active"), "", 481, ""),
    "an extension": (("MESSAGE", "Require: x-tea"), "", 420, "Unsupported: x-tea"),
}


@pytest.mark.parametrize(("lines", "body", "status", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_taken_is_refused_and_not_told(lines, body, status, line):
    with visited(message_types=["text/plain"]) as (peer, watch):
        peer.send(request(*lines, body=body))
        answer = peer.receive(f"SIP/2.0 {status}")

        assert line in "\n".join(answer.lines)
        assert not [each for each in watch.seen if each.name.startswith("SCEngineGot")]


def test_an_engine_may_take_no_messages_at_all():
    with visited(message_types=()) as (peer, _watch):
        peer.send(request("MESSAGE", "Content-Type: text/plain", body="hi"))
        assert "MESSAGE" not in peer.receive("SIP/2.0 405").get("Allow")


def test_a_notify_that_nobody_asked_for_is_told_where_it_is_wanted():
    with visited(unsolicited_events=["message-summary"]) as (peer, watch):
        lines = (
            "Event: message-summary",
            "Subscription-State: active",
            "Content-Type: application/simple-message-summary",
        )
        peer.send(request("NOTIFY", *lines, body="Messages-Waiting: yes\r\n"))
        peer.receive("SIP/2.0 200")
        told = watch.wait_for("SCEngineGotNotify", Engine()).data

        assert (told.event, told.body) == ("message-summary", b"Messages-Waiting: yes\r\n")
        peer.send(request("NOTIFY", "Event: presence", "Subscription-State: active", branch="2"))
        peer.receive("SIP/2.0 481")


def test_options_tells_what_is_taken():
    with visited() as (peer, _watch):
        peer.send(request("OPTIONS"))
        answer = peer.receive("SIP/2.0 200")

        assert {"MESSAGE", "NOTIFY"} <= set(answer.get("Allow").split(", "))
        assert "presence" in answer.get("Allow-Events")
