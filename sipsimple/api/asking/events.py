"""Event packages that are known by themselves, and what is accepted of each; the option `events` adds to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.body import checked_types
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.event import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGES: dict[str, tuple[str, ...]] = {
    "presence": ("application/pidf+xml",),
    "presence.winfo": ("application/watcherinfo+xml",),
    "message-summary": ("application/simple-message-summary",),
    "dialog": ("application/dialog-info+xml",),
    "xcap-diff": ("application/xcap-diff+xml",),
}
"""Accepted content types by event package."""

LISTS = ("multipart/related", "application/rlmi+xml")
"""What a subscription to a resource list accepts besides (RFC 4662 4.5)."""


def checked_event(text: str) -> Event:
    """Return the event that an application names.

    Raises:
        ValueError: It is none.
        TypeError: It is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"event must be a str, not {text!r}")
    try:
        return Event.parse(text)
    except RemoteProtocolError as error:
        raise ValueError(f"event must be an event package, not {text!r}") from error


def checked_events(name: str, value: Mapping[str, Iterable[str]] | None) -> dict[str, tuple[str, ...]]:
    """Return the accepted content types by event package: those that are known, and `value`."""
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(f"{name} must be content types by event package, not {value!r}")
    events = {} if value is None else value
    more = {checked_event(package).package: checked_types(name, types) for package, types in events.items()}
    return {**PACKAGES, **more}


def checked_packages(name: str, value: Iterable[str]) -> tuple[str, ...]:
    """Return names of event packages."""
    return tuple([checked_event(each).package for each in checking.texts(name, value, "event packages")])
