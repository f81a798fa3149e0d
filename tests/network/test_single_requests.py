"""Requests of any method outside of sessions."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI, Request
from sipsimple.session import SessionStateError
from tests.endpoints import alice
from tests.network.presence_server import serving


def test_a_request_of_any_method_has_an_outcome_and_an_end():
    with serving() as (server, watch):
        options = Request("OPTIONS", server.alice, server.uri(), server.uri(), extra_headers={"X-Colour": "red"})
        assert options.state == "INIT"
        options.send()
        assert options.state == "IN_PROGRESS"
        with pytest.raises(SessionStateError):
            options.send()
        watch.wait_for("SCRequestDidEnd", options)

        assert options.state == "TERMINATED"
        assert watch.names(options) == ["SCRequestDidSucceed", "SCRequestDidEnd"]
        assert watch.data("SCRequestDidSucceed")["code"] == 200
        assert (server.requests[0].call_id, server.requests[0].get("x-colour")) == (options.call_id, "red")


def test_a_request_is_what_it_was_asked_to_be():
    with serving() as (server, watch):
        own = Request(
            "X-TEA",
            server.alice,
            server.uri("carol"),
            server.uri("bob"),
            SIPURI("192.0.2.1", "me"),
            server.route,
            call_id="tea@time",
            cseq=7,
            content_type="application/x-tea",
            body=b"hot",
        )
        own.send(timeout=5)
        watch.wait_for("SCRequestDidEnd", own)
        sent = server.requests[0]

        assert (sent.method, sent.call_id, sent.cseq.number, sent.body) == ("X-TEA", "tea@time", 7, b"hot")
        assert (sent.uri, sent.to.uri.user) == (str(server.uri("bob")), "carol")
        assert sent.get("contact") == "<sip:me@192.0.2.1>"
        assert str(sent.content_type) == "application/x-tea"


def test_what_is_granted_for_a_time_is_announced_to_end():
    with serving() as (server, watch):
        server.statuses.append((200, (("Expires", "1"),)))
        publish = Request("PUBLISH", server.alice, server.uri(), server.uri())
        publish.send()
        watch.wait_for("SCRequestDidSucceed", publish)
        assert publish.state == "EXPIRING"
        watch.wait_for("SCRequestDidEnd", publish)

        assert watch.names(publish) == ["SCRequestDidSucceed", "SCRequestWillExpire", "SCRequestDidEnd"]


def test_a_request_can_be_given_less_time_and_be_ended():
    with serving() as (server, watch):
        server.statuses.extend([None] * 50)
        short, ended = [Request("OPTIONS", server.alice, server.uri(), server.uri()) for _ in range(2)]
        short.send(timeout=0.05)
        ended.send()
        ended.terminate()
        for each in (short, ended):
            watch.wait_for("SCRequestDidEnd", each)

        assert watch.data("SCRequestDidFail", short)["code"] == 408
        assert watch.names(ended) == ["SCRequestDidEnd"]


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "INVITE"},
        {"method": "not a method"},
        {"body": b"x"},
        {"content_type": "text/plain"},
        {"cseq": -1},
        {"extra_headers": {"Route": "<sip:x>"}},
        {"extra_headers": {"Content-Type": "x/y"}},
        {"to_uri": "sip:bob@example.com"},
        {"call_id": "a\r\nb"},
    ],
)
def test_bad_requests_raise_at_once(changes):
    bob = SIPURI("example.com", "bob")
    with pytest.raises((ValueError, TypeError)):
        Request(**{"method": "OPTIONS", "credentials": alice(), "to_uri": bob, "request_uri": bob, **changes})
