"""The one way into a subscription: what happens goes through the table.

RFC: 6665 4.1; 3261 17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.subscription.answers import stimulus_of
from sipsimple.protocols.sip.subscription.notified import Heard, hear
from sipsimple.protocols.sip.subscription.state import TIMERS, State, Stimulus
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription
from sipsimple.protocols.sip.subscription.table import TRANSITIONS
from sipsimple.protocols.sip.usage.events import RequestArrived, Resumed
from sipsimple.protocols.tables import advance
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.protocols.sip.request.outputs import Outcome
    from sipsimple.protocols.sip.transaction import layer
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived

Step: TypeAlias = tuple[Subscription, Outputs]


class Subscribe(Value):
    """Subscribe, and stay subscribed."""


class Unsubscribe(Value):
    """End it."""


_COMMANDS: dict[type, Stimulus] = {
    Subscribe: Stimulus.SUBSCRIBE,
    Unsubscribe: Stimulus.UNSUBSCRIBE,
    requesting.NetworkChanged: Stimulus.MOVED,
    Resumed: Stimulus.RESUMED,
}


def step(subscription: Subscription, event: object) -> Step:
    """Take a command, or news of the request that is under way."""
    if subscription.state is State.TERMINATED:
        return subscription, ()
    stimulus = _COMMANDS.get(type(event))
    if stimulus is not None:
        return take(subscription, stimulus, event)
    return requesting.heard(subscription, event, _answered)


def timer_fired(subscription: Subscription, name: Hashable) -> Step:
    """Take a timer: one of the subscription's own by its word, one of a transaction by (key, name)."""
    if isinstance(name, str):
        return take(subscription, TIMERS[name], None)
    if subscription.state is State.TERMINATED:
        return subscription, ()
    return requesting.timer_fired(subscription, cast("layer.TimerName", name), _answered)


def request_arrived(subscription: Subscription, event: RequestArrived) -> Step:
    """Take a request that bears our tag, or a repeated one."""
    if subscription.state is State.TERMINATED:
        return subscription, ()
    return requesting.request_arrived(subscription, event, hear, _received)


def take(subscription: Subscription, stimulus: Stimulus, event: object) -> Step:
    """Advance by the table's row; a stimulus without a row changes nothing."""
    return advance(TRANSITIONS, subscription, stimulus, event)


def _answered(subscription: Subscription, outcome: Outcome) -> Step:
    return take(subscription, stimulus_of(outcome), outcome)


def _received(subscription: Subscription, event: RequestReceived, heard: Heard) -> Step:
    """Answer a NOTIFY, then have it change what it changes."""
    subscription, sent = requesting.respond(subscription, event, 200)
    subscription, outputs = take(subscription, heard.stimulus, heard)
    return subscription, (*sent, *outputs)
