"""The one way into a subscription: what happens goes through the table.

RFC: 6665 4.1; 3261 17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.subscription.answers import stimulus_of
from sipsimple.protocols.sip.subscription.notified import Heard, hear
from sipsimple.protocols.sip.subscription.state import TIMERS, Stimulus
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription
from sipsimple.protocols.sip.subscription.table import TRANSITIONS
from sipsimple.protocols.sip.usage.events import RequestArrived, Resumed
from sipsimple.protocols.sip.way_in import WayIn
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
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

WAY: WayIn[Subscription] = WayIn(TRANSITIONS, _COMMANDS, TIMERS, stimulus_of)

step = WAY.step
"""Take a command, or news of the request that is under way."""
timer_fired = WAY.timer_fired
"""Take a timer: one of the subscription's own by its word, one of a transaction by (key, name)."""


def request_arrived(subscription: Subscription, event: RequestArrived) -> Step:
    """Take a request that bears our tag, or a repeated one."""
    if subscription.is_over:
        return subscription, ()
    return requesting.request_arrived(subscription, event, hear, _received)


def _received(subscription: Subscription, event: RequestReceived, heard: Heard) -> Step:
    """Answer a NOTIFY, then have it change what it changes."""
    subscription, sent = requesting.respond(subscription, event, 200)
    subscription, outputs = WAY.take(subscription, heard.stimulus, heard)
    return subscription, (*sent, *outputs)
