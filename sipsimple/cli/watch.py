"""Waiting for what notifications tell of one object."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from gevent.event import Event as Flag

from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from sipsimple.notification import Notification, NotificationData


class Watch:
    """Follows the notifications of `sender` for the length of a block.

    Attributes:
        told: What came, in order.
        is_interrupted: Whoever waits here shall wait no more.
    """

    def __init__(self, sender: object) -> None:
        self.told: list[Notification] = []
        self.is_interrupted = False
        self._sender = sender
        self._changed = Flag()

    def __enter__(self) -> Self:
        NotificationCenter().add_observer(self, sender=self._sender)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        NotificationCenter().discard_observer(self, sender=self._sender)

    def handle_notification(self, notification: Notification) -> None:
        """Keep it, and have those who wait look."""
        self.told.append(notification)
        self._changed.set()

    def named(self, *names: str) -> Iterator[NotificationData]:
        """Return the data of those that bear one of these names."""
        return (each.data for each in self.told if each.name in names)

    def interrupt(self) -> None:
        """End all waiting."""
        self.is_interrupted = True
        self._changed.set()

    def why_not(self, seconds: float) -> str:
        """Say why what was waited for has not come."""
        return "interrupted" if self.is_interrupted else f"no answer within {seconds:g} s"

    def wait(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until `holds()`, or it is interrupted; tell whether it holds.

        Args:
            holds: Looked at after each notification.
            seconds: None: as long as it takes.
        """
        deadline = None if seconds is None else monotonic() + seconds
        while not (holds() or self.is_interrupted):
            self._changed.clear()
            if not self._changed.wait(None if deadline is None else max(0.0, deadline - monotonic())):
                break
        return holds()
