"""The one way into a subscription: what happens goes through the table.

RFC: 6665 4.1; 3261 17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.subscription.answers import stimulus_of
from sipsimple.protocols.sip.subscription.notified import hear
from sipsimple.protocols.sip.subscription.state import TIMERS, State, Stimulus
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription
from sipsimple.protocols.sip.subscription.table import TRANSITIONS
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.outputs import RequestReceived, ResponseNotSent, TransactionEnded
from sipsimple.protocols.sip.usage.events import RequestArrived, Resumed
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.protocols.sip.request.outputs import Outcome

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
    client = subscription.client
    try:
        transactions, outputs = layer.receive_request(client.transactions, event.request, event.flow)
    except RemoteProtocolError as error:
        return subscription, (Note("request.dropped", {"method": event.request.method, "why": str(error)}),)
    subscription = replace(subscription, client=replace(client, transactions=transactions))
    done: list[object] = []
    for output in outputs:
        if isinstance(output, RequestReceived):
            subscription, more = _received(subscription, output)
            done += more
        elif not isinstance(output, ResponseNotSent | TransactionEnded):
            done.append(output)
    return subscription, tuple(done)


def take(subscription: Subscription, stimulus: Stimulus, event: object) -> Step:
    """Advance by the table's row; a stimulus without a row changes nothing."""
    row = TRANSITIONS[subscription.state].get(stimulus)
    if row is None:
        return subscription, ()
    action, states = row
    after, outputs = action(subscription, event)
    if after.state not in states:
        raise AssertionError(f"{stimulus.name} led from {subscription.state} to {after.state}")
    return after, outputs


def _answered(subscription: Subscription, outcome: Outcome) -> Step:
    return take(subscription, stimulus_of(outcome), outcome)


def _received(subscription: Subscription, event: RequestReceived) -> Step:
    """Answer a NOTIFY, then have it change what it changes."""
    if event.request.method == "ACK":
        return subscription, ()
    try:
        heard = hear(subscription, event.request)
    except RemoteProtocolError as error:
        headers = () if error.header is None else (error.header,)
        subscription, sent = _respond(subscription, event, error.status or 400, *headers)
        why = {"method": event.request.method, "status": error.status, "reason": str(error)}
        return subscription, (*sent, Note("request.rejected", why))
    subscription, sent = _respond(subscription, event, 200)
    subscription, outputs = take(subscription, heard.stimulus, heard)
    return subscription, (*sent, *outputs)


def _respond(subscription: Subscription, event: RequestReceived, status: int, *headers: tuple[str, str]) -> Step:
    client = subscription.client
    server = (("Server", client.user_agent),) if client.user_agent else ()
    response = response_to(event.request, status, to_tag=subscription.token, headers=(*headers, *server))
    transactions, outputs = layer.respond(client.transactions, event.key, response)
    return replace(subscription, client=replace(client, transactions=transactions)), tuple(
        [each for each in outputs if not isinstance(each, StopTimer | TransactionEnded | ResponseNotSent)]
    )
