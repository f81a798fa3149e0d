"""unsubscribe(): a SUBSCRIBE for no time, and the last NOTIFY (RFC 6665 4.1.2.3)."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.subscription.state import FIRST_NOTIFY, REFRESH, RETRY
from sipsimple.protocols.sip.subscription.step import Unsubscribe
from tests.protocols.sip.subscription.subscriber import Subscriber, active


def leaving(**changes):
    subscriber = active(**changes)
    subscriber.take(Unsubscribe())
    return subscriber


def test_it_ends_with_the_last_notify():
    subscriber = leaving(headers=(("X-Colour", "red"),))
    assert subscriber.expires() == "0"
    assert subscriber.requests[-1].get("x-colour") == "red"  # extra headers also here
    subscriber.accept(0)
    assert subscriber.names() == ["WillEnd"]
    assert subscriber.notify("terminated;reason=timeout") == 200

    assert subscriber.names() == ["WillEnd", "GotNotify", "=TERMINATED", "DidEnd"]
    assert subscriber.data("DidEnd")["expired"] is False


def test_the_last_notify_may_come_before_the_2xx():
    subscriber = leaving()
    subscriber.notify("terminated;reason=timeout")

    assert subscriber.names() == ["WillEnd", "GotNotify", "=TERMINATED", "DidEnd"]
    assert subscriber.handed_over[0].transactions.entries  # the 2xx has somewhere to arrive


def test_a_refresh_that_the_end_overtakes_is_forgotten():
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.take(Unsubscribe())
    subscriber.notify("terminated;reason=timeout")

    assert subscriber.names() == ["WillEnd", "GotNotify", "=TERMINATED", "DidEnd"]
    assert len(subscriber.requests) == 2
    assert not {"E", "F"} & {name[1] for name in subscriber.timers}, "it is not sent again"


def test_it_ends_without_the_last_notify_after_64_t1():
    subscriber = leaving()
    subscriber.accept(0)
    assert subscriber.fire(FIRST_NOTIFY) == 32.0

    assert subscriber.names() == ["WillEnd", "=TERMINATED", "DidEnd"]
    assert subscriber.data("DidEnd")["expired"] is True


@pytest.mark.parametrize(
    "fail", [lambda each: each.answer(481), lambda each: each.answer(500), lambda each: each.time_out()]
)
def test_it_ends_when_the_goodbye_fails(fail):
    subscriber = leaving()
    fail(subscriber)

    assert subscriber.names() == ["WillEnd", "=TERMINATED", "DidEnd"]


def test_the_goodbye_waits_for_the_subscribe_that_is_under_way():
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.take(Unsubscribe())
    assert subscriber.expires() == "300"
    subscriber.accept()
    assert subscriber.expires() == "0"
    subscriber.accept(0)
    subscriber.notify("terminated")

    assert subscriber.names() == ["WillEnd", "GotNotify", "=TERMINATED", "DidEnd"]


def test_the_goodbye_follows_a_refresh_that_failed():
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.take(Unsubscribe())
    subscriber.answer(500)

    assert subscriber.expires() == "0"


def test_before_the_2xx_it_waits_for_it():
    subscriber = Subscriber()
    subscriber.take(Unsubscribe())
    subscriber.accept()
    assert subscriber.expires() == "0"
    assert subscriber.requests[-1].to.tag == "theirs"
    assert subscriber.notify("active") == 200
    subscriber.accept(0)
    subscriber.notify("terminated")

    assert subscriber.names() == ["=SENT", "WillEnd", "GotNotify", "GotNotify", "=TERMINATED", "DidEnd"]


def test_before_the_next_try_it_ends_at_once():
    subscriber = Subscriber()
    subscriber.answer(500)
    subscriber.told.clear()
    subscriber.take(Unsubscribe())

    assert subscriber.names() == ["WillEnd", "=TERMINATED", "DidEnd"]
    assert RETRY not in subscriber.timers


def test_what_crosses_the_goodbye_is_told_still():
    subscriber = leaving()
    assert subscriber.notify("active;expires=200") == 200
    assert subscriber.names() == ["WillEnd", "GotNotify"]


def test_a_challenge_to_the_goodbye_is_answered():
    subscriber = leaving()
    subscriber.answer(401, (("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"'),))

    assert subscriber.expires() == "0"
    assert "authorization" in subscriber.requests[-1].headers
