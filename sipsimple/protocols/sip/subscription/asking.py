"""Sending SUBSCRIBE: for the first time, to refresh, and to end.

RFC: 6665 4.1.2.1 to 4.1.2.3, 4.1.2.4; 3261 12.2.1.1.
"""

from __future__ import annotations

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.ids import call_id
from sipsimple.protocols.sip.next_hop import still
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.request.client import State as ClientState
from sipsimple.protocols.sip.request.draft import Draft, draft_in_dialog
from sipsimple.protocols.sip.requesting import abandon
from sipsimple.protocols.sip.subscription.state import EXPIRY, FIRST_NOTIFY, REFRESH, RETRY, State
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription, become, end
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.values import replace


def begin(subscription: Subscription, _: object) -> tuple[Subscription, Outputs]:
    """Subscribe, with a dialog yet to be made."""
    subscription, stopped = abandon(subscription)
    subscription = replace(
        subscription,
        client=replace(subscription.client, flow=None),
        attempts=subscription.attempts + 1,
        call_id=call_id(subscription.client.entropy, subscription.terms.host),
        dialog=None,
        is_confirmed=False,
        next_hop="",
        granted=0.0,
        left=None,
        is_apart=False,
    )
    subscription, changed = become(subscription, State.SENT)
    stops = StopTimer(REFRESH), StopTimer(EXPIRY), StopTimer(FIRST_NOTIFY), StopTimer(RETRY)
    subscription, sent = send(subscription, subscription.expires)
    return subscription, (*stopped, *stops, *changed, *sent)


def try_now(subscription: Subscription, _: object) -> tuple[Subscription, Outputs]:
    """Subscribe before the pause is over: what it was for may be no more."""
    return begin(subscription, None)


def refresh(subscription: Subscription, _: object) -> tuple[Subscription, Outputs]:
    """Subscribe again within the dialog; not while a SUBSCRIBE is under way: its outcome decides."""
    if subscription.client.is_busy:
        return subscription, ()
    return send(replace(subscription, is_apart=True), subscription.expires)


def move(subscription: Subscription, _: object) -> tuple[Subscription, Outputs]:
    """Refresh by whatever way leads there now; the Contact of a refresh that is under way may reach us no more."""
    subscription, stopped = abandon(subscription)
    moved = replace(subscription, client=replace(subscription.client, flow=None), next_hop="")
    subscription, sent = send(moved, subscription.expires)
    return subscription, (*stopped, *sent)


def leave(subscription: Subscription, _: object) -> tuple[Subscription, Outputs]:
    """End the subscription: at once where the far end knows nothing of it yet, else by a SUBSCRIBE for no time."""
    told = (Notify("SCSubscriptionWillEnd"),)
    client = subscription.client
    is_unsent = subscription.state is State.SENT and client.state is ClientState.RESOLVING
    if is_unsent or subscription.state in (State.NULL, State.WAITING):
        subscription, stopped = abandon(subscription)
        subscription, outputs = end(subscription, None)
        return subscription, (*told, *stopped, *outputs)
    subscription, changed = become(subscription, State.LEAVING)
    last = StartTimer(FIRST_NOTIFY, 2 * client.transactions.timing.timeout)
    stops = StopTimer(REFRESH), StopTimer(EXPIRY), StopTimer(RETRY), last
    if client.is_busy:
        return subscription, (*changed, *stops, *told)
    subscription, sent = say_goodbye(subscription)
    return subscription, (*changed, *stops, *sent, *told)


def say_goodbye(subscription: Subscription) -> tuple[Subscription, Outputs]:
    """Send the SUBSCRIBE that ends it."""
    return send(replace(subscription, is_leaving=True), 0)


def send(subscription: Subscription, expires: int) -> tuple[Subscription, Outputs]:
    """Send a SUBSCRIBE within the dialog that there is, or the one that makes it."""
    terms, dialog, client = subscription.terms, subscription.dialog, subscription.client
    headers = (
        ("Event", str(terms.event)),
        ("Expires", str(expires)),
        *([("Accept", ", ".join(terms.accept))] if terms.accept else ()),
        *terms.headers,
    )
    if dialog is not None:
        draft = draft_in_dialog(dialog, "SUBSCRIBE", terms.contact, headers)
        if draft.next_hop != subscription.next_hop:
            client = replace(client, flow=still(client.flow, draft.next_hop))
            subscription = replace(subscription, next_hop=draft.next_hop)
    else:
        local = f"{terms.local};tag={subscription.token}"
        draft = Draft(
            "SUBSCRIBE", terms.uri, local, terms.remote, subscription.call_id, terms.routes, terms.contact, headers
        )
    client, outputs = requests.begin(client, draft)
    return replace(subscription, client=client, pause=0.0), outputs
