"""Going on after a crash of the actor, which may have cost a message or a timer."""

from __future__ import annotations

from typing import TypeAlias

from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.subscription import asking
from sipsimple.protocols.sip.subscription import state as names
from sipsimple.protocols.sip.subscription.state import RUNNING, State
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription

Step: TypeAlias = tuple[Subscription, Outputs]


def resume(subscription: Subscription, _: object) -> Step:
    """Wait on for what the state waits for, with whole intervals; refresh at once, as a clock may be lost."""
    subscription, outputs = requesting.resumed(subscription)
    outputs += timers(subscription)
    if subscription.state not in RUNNING or subscription.client.is_busy:
        return subscription, outputs
    subscription, sent = asking.send(subscription, subscription.expires)
    return subscription, outputs + sent


def timers(subscription: Subscription) -> Outputs:
    """Return the timers that the state needs, but for those that follow from the answer to a refresh."""
    patience = subscription.client.transactions.timing.timeout
    expiry: Outputs = (StartTimer(names.EXPIRY, subscription.granted),) if subscription.granted else ()
    steady: Outputs = (StartTimer(names.STEADY, names.STEADY_SECONDS),) if subscription.is_holding else ()
    match subscription.state:
        case State.WAITING:
            return (StartTimer(names.RETRY, subscription.pause),)
        case State.LEAVING:
            return (StartTimer(names.FIRST_NOTIFY, 2 * patience),)
        case State.ACCEPTED:
            return (StartTimer(names.FIRST_NOTIFY, patience), *expiry, *steady)
        case State.PENDING | State.ACTIVE:
            return (*expiry, *steady)
        case _:
            return ()
