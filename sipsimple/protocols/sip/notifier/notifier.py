"""One subscription that was made here, as a value.

RFC: 6665 4.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip.notifier.state import SHOWN, TIMERS, State
from sipsimple.protocols.sip.usage.outputs import HandOver, Notify
from sipsimple.protocols.values import Discreet, Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.headers.event import Event
    from sipsimple.protocols.sip.request.client import RequestClient
    from sipsimple.protocols.sip.request.draft import OwnContact
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived

Outputs: TypeAlias = tuple[object, ...]


class Document(Discreet):
    """What the subscriber is told; a later one has a higher number."""

    HIDDEN = ("body",)

    number: int
    content_type: str
    body: bytes


class Accept(Value):
    """Take the subscription.

    Attributes:
        expires: Seconds to grant at the most.
        document: What to tell first; None: nothing yet.
        is_pending: Whether the subscriber may see anything is not decided yet.
    """

    expires: int
    document: Document | None = None
    is_pending: bool = False


class Reject(Value):
    """Refuse it."""

    code: int
    reason: str | None = None


class Terminate(Value):
    """End it; the subscriber is told why, and when it may come again.

    Attributes:
        reason: Of RFC 6665 4.1.3, or another token.
        retry_after: Seconds; None: nothing is said of it.
        is_expiry: It has run out.
    """

    reason: str
    retry_after: int | None = None
    is_expiry: bool = False


class Notifier(Value):
    """State of one subscription that was made here; a value, replaced on each step.

    Attributes:
        event: The package, with the id that the subscriber gave.
        contact: Where refreshes reach us.
        client: Sends the NOTIFYs; the SUBSCRIBEs have their transactions in it too.
        dialog: With the subscriber.
        asked_by: The SUBSCRIBE that waits for the decision of the application.
        asked: Seconds that it asks for.
        most: Seconds that are granted at the most.
        state: Where it stands.
        now: When the present stimulus came.
        until: When it runs out.
        document: What was told last.
        taken: The number of the last document that was given.
        waiting: What is to be told after that which is under way.
        is_open: The subscriber may see what there is.
        is_due: The state is to be told, whether there is a document or not.
        is_last: The NOTIFY that is under way is the last one.
        why: Of the end.
        next_hop: What the present flow leads to; empty: it is to be seen whether it leads to the subscriber.
    """

    event: Event
    contact: OwnContact
    client: RequestClient
    dialog: Dialog
    asked_by: RequestReceived | None
    asked: int
    most: int = 0
    state: State = State.INCOMING
    now: float = 0.0
    until: float = 0.0
    document: Document | None = None
    taken: int = 0
    waiting: tuple[Document, ...] = ()
    is_open: bool = False
    is_due: bool = False
    is_last: bool = False
    why: Terminate | None = None
    next_hop: str = ""

    @property
    def is_new(self) -> bool:
        """Nothing has happened yet."""
        return False

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return self.state is State.OVER

    @property
    def shown(self) -> str:
        """The state that applications are shown."""
        return SHOWN[self.state]

    @property
    def left(self) -> int:
        """Seconds until it runs out."""
        return max(0, round(self.until - self.now))


Step: TypeAlias = tuple[Notifier, Outputs]


def become(notifier: Notifier, state: State, code: int | None = None, reason: str | None = None) -> Step:
    """Change the state, and tell when that shows."""
    before = notifier.shown
    notifier = replace(notifier, state=state)
    if notifier.shown == before:
        return notifier, ()
    data = {"prev_state": before, "state": notifier.shown, "code": code, "reason": reason}
    return notifier, (Notify("SCIncomingSubscriptionChangedState", data),)


def end(notifier: Notifier, code: int | None = None, reason: str | None = None) -> Step:
    """Be over: leave the transactions to their keeper."""
    why = notifier.why
    if why is not None and reason is None:
        reason = why.reason
    notifier, changed = become(notifier, State.OVER, code, reason)
    data = {"code": code, "reason": reason, "expired": why is not None and why.is_expiry}
    stops = [StopTimer(name) for name in TIMERS]
    told = Notify("SCIncomingSubscriptionDidEnd", data)
    return notifier, (*stops, *changed, told, HandOver(notifier.client.transactions))
