"""From SUBSCRIBE to the first NOTIFY (RFC 6665 4.1.2)."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.subscription.state import EXPIRY, FIRST_NOTIFY, REFRESH, RETRY, STEADY
from sipsimple.protocols.values import replace
from tests.protocols.sip.subscription.subscriber import PIDF, Subscriber, active

DIGEST = (("WWW-Authenticate", 'Digest realm="example.com", nonce="n", algorithm=MD5, qop="auth"'),)


def test_a_subscribe_names_the_event_what_is_accepted_and_for_how_long():
    subscriber = Subscriber(headers=(("X-Colour", "red"),), routes=("<sip:proxy.example.com;lr>",))
    request = subscriber.requests[0]

    assert (request.method, request.uri) == ("SUBSCRIBE", "sip:bob@example.com")
    assert request.get("event") == "presence"
    assert request.get("expires") == "300"
    assert request.get("accept") == "application/pidf+xml"
    assert request.get("x-colour") == "red"
    assert request.get("route") == "<sip:proxy.example.com;lr>"
    assert request.contact is not None
    assert subscriber.resolved == ["<sip:proxy.example.com;lr>"]


def test_it_is_accepted_by_the_2xx_and_active_by_the_notify():
    subscriber = Subscriber()
    subscriber.accept()
    assert subscriber.notify(headers=PIDF, body=b"<presence/>") == 200

    assert subscriber.names() == ["=SENT", "=ACCEPTED", "DidSucceed", "=ACTIVE", "GotNotify"]
    assert subscriber.data("DidSucceed") == {"code": 200, "reason": "OK", "expires": 300}
    told = subscriber.data("GotNotify")
    assert (told["content_type"], told["content_subtype"], told["body"]) == ("application", "pidf+xml", b"<presence/>")
    assert told["headers"]["Subscription-State"] == "active;expires=300"
    assert FIRST_NOTIFY not in subscriber.timers


def test_the_notify_may_come_before_the_2xx():
    subscriber = Subscriber()
    assert subscriber.notify("pending") == 200
    assert subscriber.core.state == "PENDING"
    subscriber.accept(120)

    assert subscriber.names() == ["=SENT", "=PENDING", "GotNotify", "DidSucceed"]
    assert FIRST_NOTIFY not in subscriber.timers
    assert subscriber.timers[EXPIRY] == 120


def test_a_2xx_without_notify_is_given_up_after_64_t1():
    subscriber = Subscriber()
    subscriber.accept()
    assert subscriber.fire(FIRST_NOTIFY) == 32.0

    assert subscriber.names()[-2:] == ["=NULL", "DidFail"]
    assert subscriber.data("DidFail")["reason"] == "no NOTIFY came"
    assert RETRY in subscriber.timers


def test_of_a_forked_subscribe_the_first_notifier_is_taken_and_the_others_are_refused():
    """RFC 6665 4.4.1: what is not wanted is answered 481."""
    subscriber = Subscriber()
    assert subscriber.notify(tag="one") == 200
    assert subscriber.notify(tag="two", cseq=1) == 481
    assert subscriber.notify(tag="one", cseq=2) == 200
    subscriber.accept()  # of a third
    subscriber.fire(REFRESH)

    assert subscriber.requests[-1].to.tag == "one"


def test_the_notifier_of_a_notify_counts_rather_than_that_of_the_2xx():
    subscriber = Subscriber()
    subscriber.answer(200, (("Contact", "<sip:other@192.0.2.8>"),), to_tag="another")
    assert subscriber.notify(tag="one") == 200
    subscriber.fire(REFRESH)

    assert subscriber.requests[-1].to.tag == "one"
    assert subscriber.requests[-1].uri == "sip:server@192.0.2.9"


def test_a_challenge_is_answered_and_not_told():
    subscriber = Subscriber()
    subscriber.answer(401, DIGEST)

    assert "authorization" in subscriber.requests[-1].headers
    assert subscriber.requests[-1].cseq.number == 2
    subscriber.accept()
    assert subscriber.names() == ["=SENT", "=ACCEPTED", "DidSucceed"]


def test_423_is_followed_when_it_asks_for_more():
    subscriber = Subscriber()
    subscriber.answer(423, (("Min-Expires", "3600"),))
    assert subscriber.expires() == "3600"
    subscriber.accept(3600)

    assert subscriber.data("DidSucceed")["expires"] == 3600


@pytest.mark.parametrize(
    "header", [(), (("Min-Expires", "10"),), (("Min-Expires", "x"),), (("Min-Expires", "99999999"),)]
)
def test_423_that_asks_for_nothing_usable_is_a_refusal(header):
    subscriber = Subscriber()
    subscriber.answer(423, header)

    assert subscriber.names() == ["=SENT", "=TERMINATED", "DidFail", "DidEnd"]


@pytest.mark.parametrize("status", [400 + 3, 404, 405, 407 - 6, 489, 603, 302])
def test_what_will_not_pass_ends_it(status):
    subscriber = Subscriber()
    subscriber.answer(status)

    assert subscriber.names() == ["=SENT", "=TERMINATED", "DidFail", "DidEnd"]
    assert subscriber.data("DidFail")["code"] == status
    assert subscriber.data("DidFail")["retry_after"] is None
    assert len(subscriber.handed_over) == 1
    assert not [name for name in subscriber.timers if isinstance(name, str)]


@pytest.mark.parametrize(
    "fail", [lambda each: each.answer(480), lambda each: each.time_out(), lambda each: each.lose()]
)
def test_what_may_pass_is_tried_again_after_pauses_that_grow(fail):
    subscriber = Subscriber()
    pauses = []
    for _ in range(4):
        fail(subscriber)
        assert subscriber.data("DidFail")["retry_after"] == subscriber.timers[RETRY]
        pauses.append(subscriber.fire(RETRY))

    assert 30 <= pauses[0] <= 60
    assert pauses[3] > 2 * pauses[0]
    assert len({request.call_id for request in subscriber.requests}) == 5


def test_retry_after_is_respected():
    subscriber = Subscriber()
    subscriber.answer(500, (("Retry-After", "700"),))

    assert subscriber.timers[RETRY] >= 700


def test_a_fetch_is_over_with_its_notify():
    subscriber = Subscriber(0)
    assert subscriber.expires() == "0"
    subscriber.accept(0)
    assert subscriber.notify("terminated;reason=timeout", headers=PIDF, body=b"<presence/>") == 200

    assert subscriber.names() == ["=SENT", "=ACCEPTED", "DidSucceed", "=ACTIVE", "GotNotify", "=TERMINATED", "DidEnd"]
    assert len(subscriber.requests) == 1


def test_a_fetch_whose_notify_is_first_is_over_with_its_2xx():
    subscriber = Subscriber(0)
    subscriber.notify("terminated;reason=timeout")
    subscriber.accept(0)

    assert subscriber.names() == ["=SENT", "=ACTIVE", "GotNotify", "=TERMINATED", "DidSucceed", "DidEnd"]


@pytest.mark.parametrize("asked", [0, 300])
def test_what_is_granted_for_no_time_is_not_refreshed(asked):
    subscriber = Subscriber(asked)
    subscriber.accept(0)

    assert {name for name in subscriber.timers if isinstance(name, str)} == {FIRST_NOTIFY}


def test_a_fetch_that_fails_is_not_tried_again():
    subscriber = Subscriber(0)
    subscriber.answer(480)

    assert subscriber.names() == ["=SENT", "=TERMINATED", "DidFail", "DidEnd"]


def test_what_has_held_for_a_minute_forgets_the_failures_before():
    subscriber = Subscriber()
    subscriber.answer(500)
    subscriber.fire(RETRY)
    subscriber.accept()
    subscriber.notify()
    assert subscriber.core.failures == 1
    assert subscriber.fire(STEADY) == 60

    assert subscriber.core.failures == 0


def test_a_refresh_does_not_put_off_that_the_failures_before_are_forgotten():
    """Else those of what is granted for less than a minute would count for ever."""
    subscriber = Subscriber()
    subscriber.answer(500)
    subscriber.fire(RETRY)
    subscriber.accept(30)
    subscriber.notify("active;expires=30")
    subscriber.timers[STEADY] = 33.0  # are left
    subscriber.fire(REFRESH)
    subscriber.accept(30)

    assert subscriber.timers[STEADY] == 33.0


def test_what_has_not_held_has_its_minute_anew():
    subscriber = Subscriber()
    subscriber.answer(500)
    subscriber.fire(RETRY)
    subscriber.accept()
    subscriber.notify()
    subscriber.fire(REFRESH)
    subscriber.answer(500)
    assert STEADY not in subscriber.timers
    subscriber.fire(RETRY)
    subscriber.accept()

    assert subscriber.timers[STEADY] == 60


def test_the_refresh_comes_before_the_end_and_not_for_all_at_once():
    subscriber = active(1000)
    assert 100 <= subscriber.timers[REFRESH] <= 900
    assert subscriber.timers[EXPIRY] == 1000

    subscriber.fire(REFRESH)
    subscriber.accept(1000)
    assert 750 <= subscriber.timers[REFRESH] <= 900


def test_the_first_refresh_is_spread_over_the_whole_time():
    """Of thousands that began together each finds its own place."""
    places = set()
    for lots in range(50):
        subscriber = Subscriber()
        subscriber.core = replace(subscriber.core, client=replace(subscriber.core.client, lots=lots))
        subscriber.accept(1000)
        subscriber.notify("active;expires=1000")
        places.add(int(subscriber.timers[REFRESH] / 100))

    assert len(places) >= 7


def test_a_notifier_that_is_never_content_is_not_followed_for_long():
    """Else 423 with one second more each time would be followed as fast as the network carries it."""
    subscriber = Subscriber(300)
    while subscriber.requests[-1].cseq.number < 100 and not subscriber.handed_over:
        subscriber.answer(423, (("Min-Expires", str(int(subscriber.expires()) + 1)),))

    assert len(subscriber.requests) < 20
    assert subscriber.names()[-1] == "DidEnd"
