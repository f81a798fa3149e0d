"""What the notification bus logs, once each.

The text of a notification never gets here: bodies and credentials may be in it.
"""

from __future__ import annotations

import logging

import structlog


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
    if structlog.is_configured():
        from sipsimple.actors.runtime.log import get_logger  # here: the bus alone needs no actor runtime

        get_logger().warning(event, exc_info=exc_info, **keys)
    else:  # an observer's error must not go unseen because nobody configured structlog
        text = " ".join(f"{key}={value}" for key, value in keys.items())
        logging.getLogger("sipsimple").warning("%s %s", event, text, exc_info=exc_info)
