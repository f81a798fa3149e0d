"""What becomes of a subscription when something goes wrong: it is tried again, at once or later, or is over.

RFC: 6665 4.1.2.2, 4.1.2.4, 4.1.3.
"""

from __future__ import annotations

from typing import TypeAlias

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.renewals import Backoff, retry_after
from sipsimple.protocols.sip.request.outputs import Outcome
from sipsimple.protocols.sip.requesting import abandon, draw
from sipsimple.protocols.sip.subscription import asking
from sipsimple.protocols.sip.subscription import state as names
from sipsimple.protocols.sip.subscription.state import State
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription, become, end
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import replace

Step: TypeAlias = tuple[Subscription, Outputs]

BACKOFF = Backoff()
"""How long the pauses are."""

_STOPS = tuple([StopTimer(name) for name in (names.REFRESH, names.EXPIRY, names.FIRST_NOTIFY, names.STEADY)])


def renew(subscription: Subscription, outcome: Outcome, asked: float | None = None) -> Step:
    """Subscribe anew at once, unless that was done before and has not held: then after a pause."""
    if subscription.failures or asked or not subscription.terms.expires:
        return fail(subscription, outcome, asked)
    note = Note("subscription.renewed", {"code": outcome.code, "reason": outcome.reason})
    subscription, sent = asking.begin(replace(subscription, failures=1), None)
    return subscription, (note, *sent)


def fail(subscription: Subscription, outcome: Outcome, asked: float | None = None) -> Step:
    """Tell the failure, and try again after a pause that grows; a fetch is not tried again."""
    if not subscription.terms.expires:
        return refuse(subscription, outcome)
    subscription, stopped = abandon(subscription)
    subscription, pause = _failed_once_more(subscription, outcome, asked)
    subscription, lost = _lost(subscription, outcome)
    return subscription, (*stopped, StartTimer(names.RETRY, pause), *lost)


def _lost(subscription: Subscription, outcome: Outcome) -> Step:
    subscription = replace(subscription, dialog=None, is_confirmed=False)
    subscription, changed = become(subscription, State.WAITING, outcome)
    return subscription, (*_STOPS, *changed, _told(outcome, subscription.pause))


def refuse(subscription: Subscription, outcome: Outcome) -> Step:
    """Be over: the failure will not pass by itself."""
    subscription, stopped = abandon(subscription)
    subscription, outputs = end(subscription, outcome, _told(outcome, None))
    return subscription, (*stopped, *outputs)


def refresh_failed(subscription: Subscription, outcome: Outcome) -> Step:
    """Tell the failure; the subscription lives on until it expires, and is refreshed again before."""
    subscription, pause = _failed_once_more(subscription, outcome, None)
    timers = StartTimer(names.RETRY, pause), StopTimer(names.REFRESH), StopTimer(names.STEADY)
    return subscription, (*timers, _told(outcome, pause))


def expire(subscription: Subscription, _: object) -> Step:
    """Tell that the subscription has run out, and try anew after a pause: that which runs already."""
    outcome = Outcome(None, 408, "the subscription was not refreshed in time", "local")
    return _lost(subscription, outcome) if subscription.pause else fail(subscription, outcome)


def unnotified(subscription: Subscription, _: object) -> Step:
    """Give the subscription up: the NOTIFY that must come did not."""
    return fail(subscription, Outcome(None, 408, "no NOTIFY came", "local"))


def steady(subscription: Subscription, _: object) -> Step:
    """Forget the failures of before."""
    return replace(subscription, failures=0, is_holding=False), ()


# While leaving


def goodbye_failed(subscription: Subscription, outcome: Outcome) -> Step:
    """Be over; but if it was another SUBSCRIBE that failed, the one that ends the subscription is still to be sent."""
    if not subscription.is_leaving and subscription.dialog is not None and outcome.code != 481:
        return asking.say_goodbye(subscription)
    return end(subscription, None)


def lapse(subscription: Subscription, _: object) -> Step:
    """Be over without the last NOTIFY."""
    subscription, stopped = abandon(subscription)
    subscription, outputs = end(subscription, None, expired=True)
    return subscription, (*stopped, *outputs)


def _failed_once_more(subscription: Subscription, outcome: Outcome, asked: float | None) -> tuple[Subscription, float]:
    subscription, drawn = draw(replace(subscription, failures=subscription.failures + 1, is_holding=False, left=None))
    wanted = asked if outcome.retry_after is None else float(outcome.retry_after)
    pause = retry_after(BACKOFF, subscription.failures, drawn, wanted)
    return replace(subscription, pause=pause), pause


def _told(outcome: Outcome, pause: float | None) -> Notify:
    data = {"code": outcome.code, "reason": outcome.reason, "originator": outcome.origin, "retry_after": pause}
    return Notify("SCSubscriptionDidFail", data)
