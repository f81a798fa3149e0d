"""A notification as a JSON object, `{"event": "SCSessionDidStart", ...}`, and lines of them on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from sipsimple.msrp import MSRPChat, MSRPFileTransfer
from sipsimple.protocols.msrp.message import MSRPData
from sipsimple.session import Session, SessionManager

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.notification import Notification

Event = dict[str, Any]

UNPRINTED = frozenset({"SCEngineSIPTrace"})
"""These bear whole messages, bodies and credentials included; the log file has them without."""


class EventPrinter:
    """An observer that hands each notification on as an event.

    Args:
        write: Takes the events.
    """

    def __init__(self, write: Callable[[Event], object]) -> None:
        self._write = write
        self._session_of: WeakKeyDictionary[MSRPChat | MSRPFileTransfer, Session] = WeakKeyDictionary()

    def handle_notification(self, notification: Notification) -> None:
        """Print one notification."""
        if notification.name not in UNPRINTED:
            self._write(event_of(notification, self._session(notification.sender)))

    def _session(self, sender: object) -> Session | None:
        if isinstance(sender, Session):
            return sender
        if not isinstance(sender, MSRPChat | MSRPFileTransfer):
            return None
        if sender not in self._session_of:  # its first notification comes while the session is active
            for session in SessionManager().sessions:
                if session.chat_transport is sender or sender in session.files:
                    self._session_of[sender] = session
        return self._session_of.get(sender)


def event_of(notification: Notification, session: Session | None) -> Event:
    """Return the event that tells of a notification, with the session that it belongs to."""
    event: Event = {"event": notification.name}
    event |= {name: plain(value) for name, value in vars(notification.data).items() if name != "timestamp"}
    call = None if session is None else session.call
    if session is not None and call is not None:
        event["session"] = call.identity.token
        event["call_id"] = plain(call.identity.call_id)
        event["direction"] = session.direction
    event["timestamp"] = plain(notification.data.timestamp)
    return event


def plain(value: Any) -> Any:
    """Return `value` as JSON can have it; times are UTC."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):  # what the wire had beside UTF-8 stands in surrogates, which JSON cannot have
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, MSRPData):
        return _message(value)
    if isinstance(value, MSRPFileTransfer):
        return _file(value)
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return plain(str(value))


def _message(message: MSRPData) -> Event:
    """Say of a raw message what is no content; the paths stay out, since who knows them may use them."""
    return {
        "method": message.method,
        "message_id": message.message_id,
        "content_type": message.content_type,
        "size_bytes": message.size,
        "tls": all(uri.use_tls for uri in message.to_path),
    }


def _file(transfer: MSRPFileTransfer) -> Event:
    selector = transfer.file_selector
    return {
        "name": plain(transfer.file_name),
        "size": transfer.file_size,
        "content_type": None if selector is None else selector.type,
        "hashes": {} if selector is None else dict(selector.hashes),
        "sends": transfer.sends,
    }


class JSONLines:
    """Lines on stdout, each written at once.

    Args:
        closed: Called when nobody reads them any more.
    """

    def __init__(self, closed: Callable[[], object]) -> None:
        self._closed = closed
        self._encoder = msgspec.json.Encoder()

    def write(self, event: Event) -> None:
        """Print one line."""
        rest = memoryview(self._encoder.encode(event) + b"\n")
        try:
            while rest:
                rest = rest[os.write(sys.stdout.fileno(), rest) :]
        except BrokenPipeError:
            self._closed()
