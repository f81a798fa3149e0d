"""What the notification bus logs, once each.

The text of a notification never gets here: bodies and credentials may be in it.
"""

from __future__ import annotations


def observer_failed(observer: object, notification: str) -> None:
    """Log the exception that is being handled as an observer's own."""
    _warn("observer.failed", observer=repr(observer), notification=notification, exc_info=True)


def delivery_overdue(workers: int, timeout: float) -> None:
    """Log that observers still ran when delivery was to have stopped."""
    _warn("delivery.overdue", workers=workers, timeout=timeout)


def thread_refused(workers: int) -> None:
    """Log that the system gave no thread for one more worker."""
    _warn("delivery.thread_refused", workers=workers)


def _warn(event: str, *, exc_info: bool = False, **keys: object) -> None:
    from sipsimple.actors.runtime.log import unmissable  # here: the bus alone needs no actor runtime

    unmissable("warning", event, exc_info=exc_info, **keys)
