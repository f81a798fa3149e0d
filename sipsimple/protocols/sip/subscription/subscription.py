"""One subscription as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip.subscription.state import TIMERS, State
from sipsimple.protocols.sip.usage.outputs import HandOver, Notify
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.headers.event import Event
    from sipsimple.protocols.sip.request.client import RequestClient
    from sipsimple.protocols.sip.request.draft import OwnContact
    from sipsimple.protocols.sip.request.outputs import Outcome

Outputs: TypeAlias = tuple[object, ...]

PUBLISHED = {State.NULL: "TERMINATED", State.WAITING: "NULL", State.LEAVING: None}
"""What `Subscription.state` says where it is not the state's own name; None: what it said before."""


class Terms(Value):
    """What is settled when the subscription is made.

    Attributes:
        event: The package.
        uri: Whose state is wanted, for the Request-URI.
        local: From, without our tag.
        remote: To.
        host: Of ours, for Call-ID.
        contact: Where NOTIFYs reach us.
        routes: Route values to begin with.
        expires: Seconds to ask for; 0: once, now.
        accept: Content types of bodies that are taken; empty: any.
        headers: More lines for every SUBSCRIBE.
        supported: Option tags that a NOTIFY may require, such as `eventlist`.
    """

    event: Event
    uri: str
    local: str
    remote: str
    host: str
    contact: OwnContact
    routes: tuple[str, ...] = ()
    expires: int = 300
    accept: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    supported: frozenset[str] = frozenset()


class Subscription(Value):
    """State of one subscription; a value, replaced on each step.

    Attributes:
        terms: What never changes.
        client: Sends the SUBSCRIBEs; the NOTIFYs have their transactions in it too.
        state: Where it stands.
        shown: The published state.
        call_id: Of the present attempt.
        attempts: How many there were.
        expires: Seconds to ask for: more than the terms say, where the far end wants that.
        dialog: Made by the first NOTIFY; until then by the 2xx, and then it may be another one.
        is_confirmed: The dialog was made by a NOTIFY.
        next_hop: What the present flow leads to; empty: to where the first request went.
        granted: Seconds that were granted last.
        left: Seconds that are left of them when the refresh comes; None: it does not come because of that.
        is_apart: A refresh came due, so that later ones do not come together with those of others.
        failures: Failures in a row.
        is_holding: The time runs after which they are forgotten.
        pause: Seconds from the last failure to the next try; 0: one is under way, or nothing has failed.
        is_leaving: The SUBSCRIBE under way is the one that ends it.
    """

    terms: Terms
    client: RequestClient
    state: State = State.NULL
    shown: str = "TERMINATED"
    call_id: str = ""
    attempts: int = 0
    expires: int = 300
    dialog: Dialog | None = None
    is_confirmed: bool = False
    next_hop: str = ""
    granted: float = 0.0
    left: float | None = None
    is_apart: bool = False
    failures: int = 0
    is_holding: bool = False
    pause: float = 0.0
    is_leaving: bool = False

    @property
    def is_new(self) -> bool:
        """Nothing has happened yet."""
        return self.state is State.NULL

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return self.state is State.TERMINATED

    @property
    def token(self) -> str:
        """Our tag, and the stem of our branches."""
        return self.client.token


def become(subscription: Subscription, state: State, outcome: Outcome | None = None) -> tuple[Subscription, Outputs]:
    """Change the state, and tell when that shows."""
    before = subscription.shown
    shown = PUBLISHED.get(state, state.value) or before
    subscription = replace(subscription, state=state, shown=shown)
    if shown == before:
        return subscription, ()
    code, reason = (None, None) if outcome is None else (outcome.code, outcome.reason)
    data = {"prev_state": before, "state": shown, "code": code, "reason": reason}
    return subscription, (Notify("SCSubscriptionChangedState", data),)


def end(
    subscription: Subscription, outcome: Outcome | None, *told: object, expired: bool = False
) -> tuple[Subscription, Outputs]:
    """Be over: tell `told`, then the end, and leave the transactions to their keeper."""
    client = subscription.client
    subscription, changed = become(subscription, State.TERMINATED, outcome)
    code, reason = (None, None) if outcome is None else (outcome.code, outcome.reason)
    over = Notify("SCSubscriptionDidEnd", {"code": code, "reason": reason, "expired": expired})
    stops = [StopTimer(name) for name in TIMERS]
    return subscription, (*stops, *changed, *told, over, HandOver(client.transactions))
