"""What goes with the notifications of a session: an attribute without a value is None, not absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.api.notification.notification import NotificationData

if TYPE_CHECKING:
    from collections.abc import Mapping


class FailureData(NotificationData):
    """Of SCSessionDidFail; a peer may give a Reason (RFC 3326), and only a 3xx has contacts."""

    cause: int | None = None
    protocol: str | None = None
    redirect_identities: tuple[str, ...] | None = None


class EndData(NotificationData):
    """Of SCSessionDidEnd; the BYE of a peer may have a Reason."""

    reason: str | None = None
    cause: int | None = None
    protocol: str | None = None


class TransferStartData(NotificationData):
    """Of SCSessionTransferDidStart; the session is that of who was asked, and calls."""

    session: Any = None


_KINDS: dict[str, type[NotificationData]] = {
    "SCSessionDidFail": FailureData,
    "SCSessionDidEnd": EndData,
    "SCSessionTransferDidStart": TransferStartData,
}


def session_data(name: str, attributes: Mapping[str, Any]) -> NotificationData:
    """Return the data of a notification."""
    return _KINDS.get(name, NotificationData)(**attributes)
