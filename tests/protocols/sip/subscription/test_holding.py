"""A subscription that stands: refreshed, moved by NOTIFYs, ended by the notifier (RFC 6665 4.1.2.2, 4.1.3)."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.subscription.state import EXPIRY, REFRESH, RETRY
from sipsimple.protocols.sip.subscription.step import Unsubscribe
from sipsimple.protocols.sip.usage.events import Resumed
from tests.protocols.sip.subscription.subscriber import PIDF, Subscriber, active


def test_a_refresh_goes_within_the_dialog():
    subscriber = active()
    first = subscriber.requests[0]
    subscriber.fire(REFRESH)
    again = subscriber.requests[-1]

    assert (again.uri, again.to.tag) == ("sip:server@192.0.2.9", "theirs")
    assert (again.call_id, again.cseq.number) == (first.call_id, 2)
    assert subscriber.expires() == "300"
    subscriber.accept(200)
    assert subscriber.names() == ["DidSucceed"]
    assert subscriber.timers[EXPIRY] == 200


def test_a_refresh_goes_where_the_notifier_says_it_is():
    """RFC 3261 12.2.1.1: to the target of the dialog, which each NOTIFY may move."""
    subscriber = active()
    subscriber.notify(contact="<sip:elsewhere@198.51.100.7>")
    del subscriber.resolved[:]
    subscriber.fire(REFRESH)

    assert subscriber.requests[-1].uri == "sip:elsewhere@198.51.100.7"
    assert subscriber.resolved == ["sip:elsewhere@198.51.100.7"]


def test_a_refresh_stays_on_the_way_that_leads_there():
    subscriber = active()
    del subscriber.resolved[:]
    subscriber.fire(REFRESH)

    assert subscriber.resolved == []


def test_a_refresh_passes_the_proxies_that_recorded_themselves():
    subscriber = Subscriber()
    subscriber.notify(headers=(("Record-Route", "<sip:one@192.0.2.7;lr>"), ("Record-Route", "<sip:two@192.0.2.6;lr>")))
    subscriber.accept()
    subscriber.fire(REFRESH)

    assert subscriber.requests[-1].get_all("route") == ["<sip:one@192.0.2.7;lr>", "<sip:two@192.0.2.6;lr>"]


def test_a_notify_says_how_long_the_subscription_lasts():
    subscriber = active(300)
    subscriber.notify("active;expires=60")

    assert subscriber.timers[EXPIRY] == 60
    assert subscriber.timers[REFRESH] < 60


def test_no_notify_puts_the_refresh_off():
    """However often the notifier tells what is left, the refresh comes when it was to come."""
    subscriber = active(1000)
    left = 1000 - subscriber.timers[REFRESH]
    for seconds in (900, left + 2):
        subscriber.notify(f"active;expires={seconds:.0f}")
        assert subscriber.timers[REFRESH] == pytest.approx(seconds - left, abs=1)


def test_no_notify_ends_the_pause_after_a_refresh_that_failed():
    subscriber = active(1000)
    subscriber.fire(REFRESH)
    subscriber.answer(503, (("Retry-After", "200"),))
    pause = subscriber.timers[RETRY]
    subscriber.notify("active;expires=700")

    assert subscriber.timers[RETRY] == pause
    assert subscriber.timers[EXPIRY] == 700
    assert REFRESH not in subscriber.timers


def test_what_expires_while_the_next_try_is_waited_for_is_no_further_failure():
    """The pause goes on as it was: who misses one refresh is back after one pause."""
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.answer(500)
    pause = subscriber.timers[RETRY]
    subscriber.fire(EXPIRY)

    assert subscriber.names() == ["DidFail", "=NULL", "DidFail"]
    assert {name: each for name, each in subscriber.timers.items() if isinstance(name, str)} == {RETRY: pause}
    assert subscriber.data("DidFail")["retry_after"] == pause
    subscriber.fire(RETRY)
    assert subscriber.requests[-1].to.tag is None
    assert subscriber.core.failures == 1


def test_a_refresh_that_comes_through_early_ends_the_pause():
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.answer(500)
    subscriber.take(NetworkChanged())
    subscriber.accept()

    assert RETRY not in subscriber.timers
    assert REFRESH in subscriber.timers


@pytest.mark.parametrize("is_refreshing", [False, True])
def test_a_subscription_expires_that_nobody_refreshes_after_a_crash(is_refreshing):
    subscriber = active(1000)
    if is_refreshing:
        subscriber.fire(REFRESH)
    subscriber.timers.clear()
    subscriber.take(Resumed())
    subscriber.answer(500)

    assert subscriber.timers[EXPIRY] == 1000
    assert subscriber.timers[RETRY] <= 60


def test_481_to_a_refresh_means_to_subscribe_anew():
    subscriber = active()
    call_id = subscriber.core.call_id
    subscriber.fire(REFRESH)
    subscriber.answer(481)
    again = subscriber.requests[-1]

    assert (again.uri, again.to.tag) == ("sip:bob@example.com", None)
    assert again.call_id != call_id
    assert subscriber.names() == ["=SENT"]
    subscriber.accept()
    subscriber.notify()
    assert subscriber.names() == ["=SENT", "=ACCEPTED", "DidSucceed", "=ACTIVE", "GotNotify"]


def test_481_again_and_again_is_not_followed_without_a_pause():
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.answer(481)
    subscriber.answer(481)

    assert subscriber.core.state == "WAITING"
    assert RETRY in subscriber.timers


def test_a_refresh_that_fails_is_tried_again_while_the_subscription_lasts():
    """RFC 6665 4.1.2.2: the subscription stands for as long as it was granted."""
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.answer(500)

    assert subscriber.core.state == "ACTIVE"
    assert subscriber.names() == ["DidFail"]
    subscriber.fire(RETRY)
    subscriber.accept()
    assert subscriber.names() == ["DidFail", "DidSucceed"]


def test_what_was_never_refreshed_expires_and_is_tried_anew():
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.fire(EXPIRY)

    assert subscriber.names() == ["=NULL", "DidFail"]
    subscriber.fire(RETRY)
    assert subscriber.requests[-1].to.tag is None


def test_a_refused_refresh_ends_it():
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.answer(403)

    assert subscriber.names() == ["=TERMINATED", "DidFail", "DidEnd"]


@pytest.mark.parametrize("reason", ["deactivated", "timeout"])
def test_after_these_reasons_it_is_subscribed_anew_at_once(reason):
    subscriber = active()
    subscriber.notify(f"terminated;reason={reason}")

    assert subscriber.names() == ["GotNotify", "=SENT"]
    assert subscriber.requests[-1].to.tag is None
    assert not [name for name in subscriber.timers if isinstance(name, str)]


@pytest.mark.parametrize("reason", ["probation", "giveup", "", "unheard-of"])
@pytest.mark.parametrize("retry_after", [None, 500])
def test_after_these_reasons_it_is_tried_anew_later(reason, retry_after):
    subscriber = active()
    parameters = (f";reason={reason}" if reason else "") + (
        "" if retry_after is None else f";retry-after={retry_after}"
    )
    subscriber.notify(f"terminated{parameters}")

    assert subscriber.names() == ["GotNotify", "=NULL", "DidFail"]
    assert subscriber.timers[RETRY] >= (retry_after or 1)


@pytest.mark.parametrize("reason", ["rejected", "noresource"])
def test_after_these_reasons_there_is_no_use_in_it(reason):
    subscriber = active()
    subscriber.notify(f"terminated;reason={reason}")

    assert subscriber.names() == ["GotNotify", "=TERMINATED", "DidFail", "DidEnd"]
    assert reason in subscriber.data("DidFail")["reason"]
    assert not [name for name in subscriber.timers if isinstance(name, str)]


def test_a_state_that_never_changes_ends_it_without_failure():
    subscriber = active()
    subscriber.notify("terminated;reason=invariant", headers=PIDF, body=b"<presence/>")

    assert subscriber.names() == ["GotNotify", "=TERMINATED", "DidEnd"]


def test_deactivated_with_a_time_is_tried_anew_then():
    subscriber = active()
    subscriber.notify("terminated;reason=deactivated;retry-after=90")

    assert subscriber.timers[RETRY] >= 90


def test_a_pending_subscription_may_become_active_and_pending_again():
    subscriber = active()
    for state in ("pending", "active", "active"):
        subscriber.notify(state)

    assert subscriber.names() == ["=PENDING", "GotNotify", "=ACTIVE", "GotNotify", "GotNotify"]


def test_each_notify_is_told_also_one_without_a_body():
    subscriber = active()
    subscriber.notify()
    expected = {"state": "active", "reason": None, "content_type": None, "content_subtype": None, "body": b""}
    assert subscriber.data("GotNotify").items() >= expected.items()

    subscriber.notify("terminated;reason=giveup", headers=PIDF, body=b"<presence/>")
    told = {"state": "terminated", "reason": "giveup", "content_type": "application", "content_subtype": "pidf+xml"}
    assert subscriber.data("GotNotify").items() >= {**told, "body": b"<presence/>"}.items()


def test_what_does_not_hold_is_not_subscribed_anew_without_a_pause():
    subscriber = active()
    for _ in range(2):
        subscriber.fire(REFRESH)
        subscriber.answer(481)
        if subscriber.core.state == "SENT":
            subscriber.accept()
            subscriber.notify()

    assert subscriber.core.state == "WAITING"
    assert subscriber.names()[-1] == "DidFail"


def _accepted():
    subscriber = Subscriber()
    subscriber.accept()
    return subscriber


@pytest.mark.parametrize("make", [active, _accepted])
def test_while_it_waits_for_the_next_try_nothing_else_runs(make):
    subscriber = make()
    subscriber.notify("terminated;reason=giveup")

    assert {name for name in subscriber.timers if isinstance(name, str)} == {RETRY}


def test_the_2xx_of_another_notifier_does_not_move_the_dialog():
    subscriber = Subscriber()
    subscriber.notify(tag="one")
    subscriber.answer(200, (("Contact", "<sip:other@192.0.2.8>"),), to_tag="another")
    subscriber.fire(REFRESH)

    assert subscriber.requests[-1].uri == "sip:server@192.0.2.9"


def test_what_comes_after_the_end_changes_nothing():
    subscriber = active()
    subscriber.fire(REFRESH)
    subscriber.notify("terminated;reason=rejected")
    over = subscriber.core
    subscriber.accept()
    subscriber.take(Unsubscribe())

    assert subscriber.core is over
