"""What a NOTIFY changes: the state, the time that is left, and after the end what comes next.

RFC: 6665 4.1.2.3, 4.1.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip.request.outputs import Outcome
from sipsimple.protocols.sip.requesting import abandon
from sipsimple.protocols.sip.subscription import state as names
from sipsimple.protocols.sip.subscription import trouble
from sipsimple.protocols.sip.subscription.answers import MOST_EXPIRES, told_what_is_left
from sipsimple.protocols.sip.subscription.state import State
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription, become, end
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.subscription.notified import Heard

Step: TypeAlias = tuple[Subscription, Outputs]

AT_ONCE = frozenset({"deactivated", "timeout"})
"""Reasons after which to subscribe anew without a pause."""
NEVER = frozenset({"rejected", "noresource"})
"""Reasons after which there is no use in it; after any other it is later."""
INVARIANT = "invariant"
"""The reason of a state that never changes: there is nothing more to be told."""


def activate(subscription: Subscription, heard: Heard) -> Step:
    """Be active: what the notifier tells is the state."""
    return _told(subscription, heard, State.ACTIVE)


def wait(subscription: Subscription, heard: Heard) -> Step:
    """Be pending: whoever is watched has not decided yet."""
    return _told(subscription, heard, State.PENDING)


def _told(subscription: Subscription, heard: Heard, state: State) -> Step:
    subscription = _in_dialog(subscription, heard)
    subscription, changed = become(subscription, state)
    outputs = StopTimer(names.FIRST_NOTIFY), *changed, heard.told
    if not subscription.terms.expires:  # a fetch: this is all
        if subscription.client.is_busy:
            return subscription, outputs
        subscription, ended = end(subscription, None)
        return subscription, (*outputs, *ended)
    if heard.state.expires is None:
        return subscription, outputs
    subscription, timers = told_what_is_left(subscription, float(min(heard.state.expires, MOST_EXPIRES)))
    return subscription, (*timers, *outputs)


def terminate(subscription: Subscription, heard: Heard) -> Step:
    """Be over, or subscribe anew, as the reason says."""
    state = heard.state
    if not subscription.terms.expires and state.reason not in NEVER:
        return _told(subscription, heard, State.ACTIVE)
    outcome = Outcome(
        None, 0, f"terminated by the notifier: {state.reason or 'no reason'}", "remote", state.retry_after
    )
    if state.reason == INVARIANT:
        subscription, stopped = abandon(subscription)
        subscription, outputs = end(subscription, outcome)
        return subscription, (*stopped, heard.told, *outputs)
    if state.reason in NEVER:
        subscription, outputs = trouble.refuse(subscription, outcome)
    elif state.reason in AT_ONCE:
        subscription, outputs = trouble.renew(subscription, outcome, outcome.retry_after)
    else:
        subscription, outputs = trouble.fail(subscription, outcome)
    return subscription, (heard.told, *outputs)


# While leaving


def hear_out(subscription: Subscription, heard: Heard) -> Step:
    """Take what crossed the SUBSCRIBE that ends it."""
    return _in_dialog(subscription, heard), (heard.told,)


def finish(subscription: Subscription, heard: Heard) -> Step:
    """Be over: this was the last NOTIFY."""
    stopped: Outputs = ()
    if not subscription.is_leaving:
        subscription, stopped = abandon(subscription)
    subscription, outputs = end(subscription, None)
    return subscription, (*stopped, heard.told, *outputs)


def _in_dialog(subscription: Subscription, heard: Heard) -> Subscription:
    return replace(subscription, dialog=heard.dialog, is_confirmed=True)
