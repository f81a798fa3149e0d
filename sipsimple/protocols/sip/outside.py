"""Requests outside of any dialog that are no calls: MESSAGE, SUBSCRIBE, NOTIFY.

A SUBSCRIBE is refused, but for the event packages that the application serves:
see `notifier`. A NOTIFY that nobody asked for is refused, too, but for the
packages for which the application wants it, as old servers send it to tell of
waiting messages.

RFC: 3428 7; 6665 4.1.3, 4.2.1.1; 3261 8.2.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.event import Event
from sipsimple.protocols.sip.headers.shown import shown_headers, shown_type
from sipsimple.protocols.sip.usage.within.exchange import ALLOW as WITHIN
from sipsimple.protocols.sip.usage.within.options import CAPABILITIES as CAPABILITIES_WITHIN
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.protocols.sip.message import Request

METHODS = frozenset({"MESSAGE", "SUBSCRIBE", "NOTIFY"})
ALLOW = ", ".join(dict.fromkeys([*WITHIN.split(", "), "MESSAGE", "NOTIFY"]))
"""What is taken outside of dialogs, as it stands in Allow."""
CAPABILITIES = tuple([(name, ALLOW if name == "Allow" else value) for name, value in CAPABILITIES_WITHIN])
"""What a 200 to OPTIONS says outside of dialogs."""


class Policy(Value):
    """What is taken.

    Attributes:
        message_types: Content types of MESSAGE: `text/plain`, `text/*`, `*`; empty: no MESSAGE is taken.
        events: Content types by event package that we subscribe to.
        unsolicited: Event packages whose NOTIFYs are taken without a subscription.
        served: Event packages to which others may subscribe.
    """

    message_types: tuple[str, ...] = ("*",)
    events: Mapping[str, tuple[str, ...]] = {}
    unsolicited: frozenset[str] = frozenset()
    served: frozenset[str] = frozenset()

    @property
    def allowed_events(self) -> str:
        """The value of Allow-Events."""
        return ", ".join(sorted({*self.events, *self.served}))


class Told(Value):
    """A request that is taken: what the application is told."""

    name: str
    data: Mapping[str, Any]


def receive(request: Request, policy: Policy, user: str | None = None) -> Told:
    """Return what a request of METHODS, without To tag, tells.

    Args:
        request: The request.
        policy: What is taken.
        user: Whom its sender has proven to be; None: nobody asked him.

    Raises:
        RemoteProtocolError: It is not taken: 400, 405, 415, 481, 489.
    """
    told = _RECEIVERS[request.method](request, policy)
    return Told(told.name, {**told.data, "authenticated_user": user})


def _message(request: Request, policy: Policy) -> Told:
    if not policy.message_types:
        raise RemoteProtocolError("MESSAGE is not taken", 405, ("Allow", WITHIN))
    _check_body(request, policy.message_types)
    return Told("SCEngineGotMessage", _data(request))


def _subscribe(request: Request, policy: Policy) -> Told:
    package = _event(request).package
    text = f"a subscription to {package!r}: nobody is notified here"
    raise RemoteProtocolError(text, 489, ("Allow-Events", policy.allowed_events))


def is_served(request: Request, policy: Policy) -> bool:
    """Tell whether a SUBSCRIBE is for the application.

    Raises:
        RemoteProtocolError: It names no event.
    """
    return _event(request).package in policy.served


def _notify(request: Request, policy: Policy) -> Told:
    event = _event(request)
    if event.package not in policy.unsolicited:
        raise RemoteProtocolError(f"a NOTIFY of {event.package!r} without a subscription", 481)
    _check_body(request, policy.events.get(event.package, ("*",)))
    return Told("SCEngineGotNotify", {**_data(request), "event": event.package})


_RECEIVERS: dict[str, Callable[[Request, Policy], Told]] = {
    "MESSAGE": _message,
    "SUBSCRIBE": _subscribe,
    "NOTIFY": _notify,
}


def _event(request: Request) -> Event:
    value = request.get("event")
    if value is None:
        raise RemoteProtocolError(f"{request.method} without Event")
    return Event.parse(value)


def _check_body(request: Request, accepted: tuple[str, ...]) -> None:
    if not request.body:
        return
    encoding = (request.get("content-encoding") or "identity").lower()
    if encoding != "identity":
        raise RemoteProtocolError(f"a body in {encoding!r}", 415, ("Accept-Encoding", "identity"))
    media_type = request.content_type
    if media_type is None:
        raise RemoteProtocolError("a body without Content-Type")
    if not {media_type.essence, f"{media_type.type}/*", "*/*", "*"} & set(accepted):
        raise RemoteProtocolError(f"a body of type {media_type.essence!r}", 415, ("Accept", ", ".join(accepted)))


def _data(request: Request) -> dict[str, Any]:
    kind, subtype = shown_type(request)
    if request.method == "MESSAGE" and request.content_type is not None:  # a text may be empty
        kind, subtype = request.content_type.type, request.content_type.subtype
    return {
        "from_uri": str(request.from_),
        "to_uri": str(request.to),
        "content_type": kind,
        "content_subtype": subtype,
        "body": request.body,
        "headers": shown_headers(request),
        "user_agent": request.user_agent,
    }
