"""Which NOTIFYs belong to a subscription, and are taken.

The first NOTIFY makes the dialog. A SUBSCRIBE that forked brings NOTIFYs of
several notifiers; presence allows one of them (RFC 3856 6.9), and so do we for
every package: the first is taken, the others are answered 481.

RFC: 6665 4.1.3, 4.1.4, 4.4.1; 3261 8.2.3, 12.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.headers.event import Event, SubscriptionState
from sipsimple.protocols.sip.headers.shown import shown_headers, shown_type
from sipsimple.protocols.sip.subscription.state import RUNNING, State, Stimulus
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.subscription.subscription import Subscription

LISTENING = RUNNING | {State.SENT, State.LEAVING}
"""The states in which a NOTIFY may come."""

_STIMULI = {"active": Stimulus.NOTIFY_ACTIVE, "terminated": Stimulus.NOTIFY_TERMINATED}


class Heard(Value):
    """A NOTIFY that is taken."""

    state: SubscriptionState
    told: Notify
    dialog: Dialog

    @property
    def stimulus(self) -> Stimulus:
        """What is neither active nor terminated is pending, also the word of an extension."""
        return _STIMULI.get(self.state.state, Stimulus.NOTIFY_PENDING)


def hear(subscription: Subscription, request: Request) -> Heard:
    """Return what a NOTIFY says.

    Raises:
        RemoteProtocolError: It is not taken: 400, 405, 415, 420, 481, 489, 500.
    """
    _check_method(request)
    _check_subscription(subscription, request)
    _check_body(subscription, request)
    value = request.get("subscription-state")
    if value is None:
        raise RemoteProtocolError("NOTIFY without Subscription-State")
    state = SubscriptionState.parse(value)
    _ = state.expires, state.retry_after  # read here, so that what is malformed is answered 400
    dialog = _dialog(subscription, request)
    kind, subtype = shown_type(request)
    told = {
        "state": state.state,
        "reason": state.reason or None,
        "headers": shown_headers(request),
        "content_type": kind,
        "content_subtype": subtype,
        "body": request.body,
    }
    return Heard(state, Notify("SCSubscriptionGotNotify", told), dialog)


def _check_method(request: Request) -> None:
    if request.cseq.method != request.method:
        raise RemoteProtocolError(f"CSeq says {request.cseq.method!r} in {request.method!r}")
    if request.method != "NOTIFY":
        raise RemoteProtocolError(f"{request.method} in a subscription", 405, ("Allow", "NOTIFY"))


def _check_subscription(subscription: Subscription, request: Request) -> None:
    wanted = subscription.terms.event
    if subscription.state not in LISTENING or request.call_id != subscription.call_id:
        raise RemoteProtocolError("no such subscription", 481)
    event = Event.parse(request.get("event") or "")
    if event.package != wanted.package:
        raise RemoteProtocolError(f"event {event.package!r}", 489, ("Allow-Events", wanted.package))
    if event.id != wanted.id:
        raise RemoteProtocolError("no subscription of this id", 481)
    unsupported = [tag for tag in request.require if tag.lower() not in subscription.terms.supported]
    if unsupported:
        tags = ", ".join(unsupported)
        raise RemoteProtocolError(f"extensions not supported: {tags}", 420, ("Unsupported", tags))


def _check_body(subscription: Subscription, request: Request) -> None:
    if not request.body:
        return
    encoding = (request.get("content-encoding") or "identity").lower()
    if encoding != "identity":
        raise RemoteProtocolError(f"a body in {encoding!r}", 415, ("Accept-Encoding", "identity"))
    accepted = subscription.terms.accept
    media_type = request.content_type
    if media_type is None:
        raise RemoteProtocolError("a body without Content-Type")
    if accepted and not {media_type.essence, f"{media_type.type}/*", "*/*"} & set(accepted):
        raise RemoteProtocolError(f"a body of type {media_type.essence!r}", 415, ("Accept", ", ".join(accepted)))


def _dialog(subscription: Subscription, request: Request) -> Dialog:
    """Return the dialog as it is after this NOTIFY."""
    dialog = subscription.dialog
    if dialog is None or not subscription.is_confirmed:
        return dialogs.from_request(request, subscription.token, dialogs.State.CONFIRMED)
    if not dialogs.matches(dialog, request.call_id, request.to.tag, request.from_.tag):
        raise RemoteProtocolError("another notifier was first", 481)
    dialog, error = dialogs.accepts(dialog, request)
    if error is not None:
        raise error
    return dialogs.retargeted(dialog, request)
