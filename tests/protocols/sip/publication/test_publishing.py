"""Publishing, refreshing, changing (RFC 3903 4.1 to 4.4, 11.3)."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.publication.state import EXPIRY, REFRESH, RETRY
from sipsimple.protocols.values import replace
from tests.protocols.sip.publication.publisher import Publisher, published


def test_the_first_publish_has_the_document_and_no_entity_tag():
    publisher = Publisher()
    publisher.publish()
    request = publisher.requests[0]

    assert (request.method, request.uri) == ("PUBLISH", "sip:alice@example.com")
    assert publisher.last() == (None, b"open", "300")
    assert (request.get("event"), request.get("x-colour")) == ("presence", "red")
    assert str(request.content_type) == "application/pidf+xml"
    publisher.accept()
    assert publisher.names() == ["=publishing", "=published", "DidSucceed"]
    assert publisher.data("DidSucceed") == {"code": 200, "reason": "OK", "expires": 300}


def test_a_refresh_has_the_entity_tag_and_no_document():
    publisher = published()
    publisher.fire(REFRESH)
    assert publisher.last() == ("e1", b"", "300")
    assert publisher.requests[-1].get("content-type") is None
    publisher.accept("e2")
    publisher.fire(REFRESH)

    assert publisher.last() == ("e2", b"", "300")
    assert publisher.names() == ["DidSucceed"]


def test_a_change_has_both():
    publisher = published()
    publisher.publish("closed")
    assert publisher.last() == ("e1", b"closed", "300")
    publisher.accept("e2")

    assert publisher.names() == ["DidSucceed"]


def test_of_what_is_published_meanwhile_the_last_document_wins():
    publisher = Publisher()
    for body in ("one", "two", "three"):
        publisher.publish(body)
    assert [request.body for request in publisher.requests] == [b"one"]
    publisher.accept("e1")
    assert publisher.last() == ("e1", b"three", "300")
    publisher.accept("e2")

    assert len(publisher.requests) == 2
    assert publisher.names() == ["=publishing", "=published", "DidSucceed", "DidSucceed"]


def test_412_starts_anew_with_the_document():
    publisher = published()
    publisher.fire(REFRESH)
    publisher.answer(412)

    assert publisher.last() == (None, b"open", "300")
    publisher.accept("e9")
    assert publisher.names() == ["=publishing", "=published", "DidSucceed"]


def test_412_to_a_change_starts_anew_with_the_new_document():
    publisher = published()
    publisher.publish("closed")
    publisher.answer(412)

    assert publisher.last() == (None, b"closed", "300")


def test_412_where_no_tag_was_sent_is_a_failure():
    publisher = Publisher()
    publisher.publish()
    publisher.answer(412)

    assert publisher.names() == ["=publishing", "=unpublished", "DidFail"]


def test_423_is_followed_when_it_asks_for_more():
    publisher = Publisher()
    publisher.publish()
    publisher.answer(423, (("Min-Expires", "1000"),))

    assert publisher.last() == (None, b"open", "1000")


@pytest.mark.parametrize("least", ["1", "x", "999999999"])
def test_423_that_asks_for_nothing_usable_is_a_refusal(least):
    publisher = Publisher()
    publisher.publish()
    publisher.answer(423, (("Min-Expires", least),))

    assert publisher.names()[-2:] == ["DidFail", "DidEnd"]


def test_a_challenge_is_answered_and_not_told():
    publisher = Publisher()
    publisher.publish()
    publisher.answer(401, (("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'),))

    assert "authorization" in publisher.requests[-1].headers
    assert publisher.requests[-1].body == b"open"
    assert publisher.names() == ["=publishing"]


def test_without_entity_tag_the_document_goes_again_each_time():
    publisher = Publisher()
    publisher.publish()
    publisher.accept(None)
    assert len(publisher.requests) == 1
    publisher.fire(REFRESH)

    assert publisher.last() == (None, b"open", "300")


def test_a_server_that_grants_nothing_has_failed():
    publisher = Publisher()
    publisher.publish()
    publisher.accept("e1", 0)

    assert publisher.names() == ["=publishing", "=unpublished", "DidFail"]
    assert RETRY in publisher.timers


@pytest.mark.parametrize("status", [403, 404, 415, 489, 301])
def test_what_will_not_pass_ends_it(status):
    publisher = Publisher()
    publisher.publish()
    publisher.answer(status)

    assert publisher.names() == ["=publishing", "=unpublished", "DidFail", "DidEnd"]
    assert publisher.data("DidFail")["code"] == status
    assert len(publisher.handed_over) == 1


@pytest.mark.parametrize(
    "fail", [lambda each: each.answer(500), lambda each: each.time_out(), lambda each: each.lose()]
)
def test_what_may_pass_is_tried_again_with_the_last_document(fail):
    publisher = Publisher()
    publisher.publish("one")
    fail(publisher)
    publisher.publish("two")
    publisher.fire(RETRY)

    assert publisher.last() == (None, b"two", "300")


def test_a_refresh_that_fails_is_tried_again_while_the_publication_lasts():
    publisher = published()
    publisher.fire(REFRESH)
    publisher.answer(500, (("Retry-After", "40"),))

    assert publisher.names() == ["DidFail"]
    assert publisher.timers[RETRY] >= 40
    publisher.fire(RETRY)
    assert publisher.last() == ("e1", b"", "300")


def test_what_expires_while_the_next_try_is_waited_for_is_no_further_failure():
    """The pause goes on as it was: who misses one refresh is back after one pause."""
    publisher = published()
    publisher.fire(REFRESH)
    publisher.answer(500)
    pause = publisher.timers[RETRY]
    publisher.fire(EXPIRY)

    assert publisher.names() == ["DidFail", "=unpublished", "DidFail"]
    assert {name: each for name, each in publisher.timers.items() if isinstance(name, str)} == {RETRY: pause}
    assert publisher.data("DidFail")["retry_after"] == pause
    publisher.fire(RETRY)
    assert publisher.last() == (None, b"open", "300")
    publisher.answer(500)
    assert publisher.timers[RETRY] <= 120  # the second pause, not the third


def test_what_expired_is_published_anew():
    publisher = published()
    publisher.fire(REFRESH)
    publisher.fire(EXPIRY)

    assert publisher.names() == ["=unpublished", "DidFail"]
    assert {name for name in publisher.timers if isinstance(name, str)} == {RETRY}
    publisher.fire(RETRY)
    assert publisher.last() == (None, b"open", "300")


def test_the_refresh_comes_before_the_end():
    publisher = published(1000)
    assert 100 <= publisher.timers[REFRESH] <= 900
    assert publisher.timers[EXPIRY] == 1000

    publisher.fire(REFRESH)
    publisher.accept("e2", expires=1000)
    assert 750 <= publisher.timers[REFRESH] <= 900
    assert published(4).timers[REFRESH] < 4


@pytest.mark.parametrize("trouble", ["expired", "forgotten"])
def test_what_was_published_anew_is_refreshed_anywhere_in_its_time(trouble):
    """Those whose server was away together part."""
    places = set()
    for lots in range(50):
        publisher = published(1000)
        publisher.fire(REFRESH)
        if trouble == "expired":
            publisher.fire(EXPIRY)
            publisher.fire(RETRY)
        else:
            publisher.answer(412)
        publisher.core = replace(publisher.core, client=replace(publisher.core.client, lots=lots))
        publisher.accept("e2", expires=1000)
        places.add(int(publisher.timers[REFRESH] / 100))

    assert len(places) >= 7


def test_what_expired_unnoticed_waits_for_the_next_try_only():
    """A suspended machine wakes up: both timers are due."""
    publisher = published()
    publisher.fire(EXPIRY)

    assert {name for name in publisher.timers if isinstance(name, str)} == {RETRY}


def test_a_refused_refresh_ends_it():
    publisher = published()
    publisher.fire(REFRESH)
    publisher.answer(403)

    assert publisher.names() == ["=unpublished", "DidFail", "DidEnd"]
    assert not [name for name in publisher.timers if isinstance(name, str)]


def test_a_document_that_is_given_twice_is_published_once():
    publisher = published()
    publisher.take(publisher.core.wanted)

    assert len(publisher.requests) == 1


def test_an_older_document_does_not_replace_a_newer_one():
    publisher = published()
    older = publisher.core.wanted
    publisher.publish("closed")
    publisher.take(older)
    publisher.accept("e2")

    assert [request.body for request in publisher.requests] == [b"open", b"closed"]


def test_412_where_there_is_no_tag_is_not_followed_without_a_pause():
    publisher = Publisher()
    publisher.publish()
    publisher.accept(None)
    publisher.fire(REFRESH)
    publisher.answer(412)

    assert len(publisher.requests) == 2
    assert RETRY in publisher.timers


def test_a_server_that_is_never_content_is_not_followed_for_long():
    publisher = Publisher()
    publisher.publish()
    while len(publisher.requests) < 100 and not publisher.handed_over:
        publisher.answer(423, (("Min-Expires", str(int(publisher.last()[2]) + 1)),))

    assert len(publisher.requests) < 20
    assert publisher.names()[-1] == "DidEnd"
