"""A subscription goes on after a crash of its actor, and by another network."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.subscription.state import EXPIRY, FIRST_NOTIFY, REFRESH, RETRY, STEADY
from sipsimple.protocols.sip.subscription.step import Unsubscribe
from sipsimple.protocols.sip.usage.events import Resumed
from tests.protocols.sip.subscription.subscriber import Subscriber, active


def _waiting():
    subscriber = Subscriber()
    subscriber.answer(500)
    return subscriber


def _accepted():
    subscriber = Subscriber()
    subscriber.accept()
    return subscriber


def _recovered():
    subscriber = _waiting()
    subscriber.fire(RETRY)
    subscriber.accept()
    subscriber.notify()
    return subscriber


def _leaving():
    subscriber = active()
    subscriber.take(Unsubscribe())
    return subscriber


@pytest.mark.parametrize(
    ("make", "timers"),
    [
        (_waiting, {RETRY}),
        (_accepted, {FIRST_NOTIFY, EXPIRY}),
        (active, {EXPIRY}),
        (_recovered, {EXPIRY, STEADY}),
        (_leaving, {FIRST_NOTIFY}),
    ],
)
def test_a_crash_costs_no_timer(make, timers):
    subscriber = make()
    before = subscriber.core.state
    subscriber.timers.clear()
    subscriber.take(Resumed())

    assert {name for name in subscriber.timers if isinstance(name, str)} == timers
    assert subscriber.timers.get(FIRST_NOTIFY) == {"ACCEPTED": 32, "LEAVING": 64}.get(before)
    assert subscriber.core.state == before


@pytest.mark.parametrize("make", [_accepted, active])
def test_after_a_crash_it_is_refreshed_at_once(make):
    """It may have cost the clock."""
    subscriber = make()
    subscriber.timers.clear()
    subscriber.take(Resumed())
    assert subscriber.requests[-1].to.tag == "theirs"
    subscriber.accept()

    assert {REFRESH, EXPIRY} <= set(subscriber.timers)


def test_a_crash_costs_no_request_that_is_under_way():
    subscriber = Subscriber()
    subscriber.timers.clear()
    subscriber.take(Resumed())
    subscriber.time_out()

    assert subscriber.names() == ["=SENT", "=NULL", "DidFail"]


def test_another_network_means_to_look_for_the_way_and_to_refresh():
    subscriber = active()
    del subscriber.resolved[:]
    subscriber.take(NetworkChanged())

    assert subscriber.resolved == ["sip:server@192.0.2.9"]
    assert subscriber.requests[-1].to.tag == "theirs"


def test_another_network_ends_the_pause():
    subscriber = _waiting()
    subscriber.take(NetworkChanged())

    assert subscriber.core.state == "SENT"
    assert RETRY not in subscriber.timers


def test_another_network_has_the_refresh_sent_again_that_is_under_way():
    """It bears a Contact that may not reach us any more."""
    subscriber = active()
    subscriber.fire(REFRESH)
    del subscriber.resolved[:]
    subscriber.take(NetworkChanged())

    assert subscriber.resolved == ["sip:server@192.0.2.9"]
    assert [each.cseq.number for each in subscriber.requests] == [1, 2, 3]
    subscriber.accept()
    assert subscriber.names() == ["DidSucceed"]


def test_another_network_has_the_first_subscribe_sent_anew():
    subscriber = Subscriber()
    call_id = subscriber.core.call_id
    subscriber.take(NetworkChanged())

    assert subscriber.core.call_id != call_id
    assert subscriber.notify(call_id=call_id) == 481
    subscriber.accept()
    assert subscriber.notify() == 200


def test_another_network_lets_the_goodbye_finish():
    subscriber = _leaving()
    number = len(subscriber.requests)
    subscriber.take(NetworkChanged())

    assert len(subscriber.requests) == number


def test_each_attempt_looks_for_its_own_way_and_takes_its_own_notifier():
    subscriber = active()
    looked = len(subscriber.resolved)
    subscriber.notify("terminated;reason=deactivated")
    assert len(subscriber.resolved) == looked + 1

    subscriber.answer(200, (("Contact", "<sip:other@192.0.2.8>"),), to_tag="another")
    assert subscriber.notify(tag="one") == 200
    subscriber.fire(REFRESH)
    assert subscriber.requests[-1].to.tag == "one"


def test_what_an_attempt_before_was_granted_is_not_counted_after_a_crash():
    subscriber = active()
    subscriber.notify("terminated;reason=deactivated")
    subscriber.notify("active")
    subscriber.take(Resumed())

    assert EXPIRY not in subscriber.timers
