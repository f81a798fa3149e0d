"""What the notification bus logs, once each.

The text of a notification never gets here: bodies and credentials may be in it.
"""

from __future__ import annotations

from typing import Any

Names = tuple[tuple[str, str], ...]
"""What names a call in the log."""


def observer_failed(observer: object, notification: str, names: Names, error: BaseException) -> None:
    """Log an observer's own exception, with the names of the call that the notification was of."""
    try:
        shown = repr(observer)
    except Exception:  # noqa: BLE001 - of somebody's own making, like the exception
        shown = object.__repr__(observer)
    _warn("observer.failed", error, observer=shown, notification=notification, **dict(names))


def delivery_overdue(workers: int, timeout: float) -> None:
    """Log that observers still ran when delivery was to have stopped."""
    _warn("delivery.overdue", workers=workers, timeout=timeout)


def delivery_dropped(notifications: int) -> None:
    """Log that what was posted was never told: observers had not come to it when delivery was to stop."""
    _warn("delivery.dropped", notifications=notifications)


def thread_refused(workers: int) -> None:
    """Log that the system gave no thread for one more worker."""
    _warn("delivery.thread_refused", workers=workers)


def _warn(event: str, raised: BaseException | None = None, **keys: Any) -> None:
    from sipsimple.actors.runtime.log import unmissable  # here: the bus alone needs no actor runtime

    unmissable("warning", event, raised, **keys)
