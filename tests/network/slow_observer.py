"""An observer that takes its time."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sipsimple.api.engine.hubs import Flag
from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from collections.abc import Iterator


class Hold:
    """Waits at its first notification until it may go, whether in a thread or in a greenlet."""

    def __init__(self) -> None:
        self.has_come, self.may_go = Flag(), Flag()

    def handle_notification(self, _notification: Any) -> None:
        self.has_come.set()
        self.may_go.wait(30)


@contextlib.contextmanager
def held(name: str, sender: Any = None) -> Iterator[Hold]:
    """Have one observe; it waits no longer than this."""
    hold = Hold()
    which = {} if sender is None else {"sender": sender}
    NotificationCenter().add_observer(hold, name=name, **which)
    try:
        yield hold
    finally:
        hold.may_go.set()
        NotificationCenter().remove_observer(hold, name=name, **which)
