"""The named timers of one actor.

They belong to the slot, not to the incarnation: a crash does not lose them. A
timer that is due goes through the mailbox, so that it is handled in order; it
is looked up once more when its turn comes, so that a timer which was stopped
or started anew in the meantime does not fire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime.clock import Scheduled

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.actors.runtime.clock import Clock
    from sipsimple.actors.runtime.mailbox import Mailbox


class DueTimer(Scheduled):
    """One start of a named timer; its own message once it is due."""

    __slots__ = ("_mailbox", "name")

    def __init__(self, name: Hashable, mailbox: Mailbox) -> None:
        self.name = name
        self._mailbox = mailbox
        self.schedule = None

    def __call__(self) -> None:
        """Queue itself: the time has come."""
        self._mailbox.put_system(self)


class Timers:
    """The timers of one actor that run, or are due and wait in the mailbox."""

    __slots__ = ("_by_name", "_clock", "_mailbox")

    def __init__(self, clock: Clock, mailbox: Mailbox) -> None:
        self._clock = clock
        self._mailbox = mailbox
        self._by_name: dict[Hashable, DueTimer] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def start(self, name: Hashable, seconds: float) -> None:
        """Start the timer `name`, in place of one of this name that runs."""
        running = self._by_name.get(name)
        if running is not None:
            running.cancel()
        self._by_name[name] = timer = DueTimer(name, self._mailbox)
        self._clock.schedule(seconds, timer)

    def stop(self, name: Hashable) -> None:
        """Stop the timer `name`, even when it is due and waits; no such timer is no error."""
        running = self._by_name.pop(name, None)
        if running is not None:
            running.cancel()
            if not self._by_name:
                self._by_name = {}  # an emptied dictionary would keep its table

    def stop_all(self) -> None:
        """Stop every timer."""
        for running in self._by_name.values():
            running.cancel()
        self._by_name.clear()

    def take(self, due: DueTimer) -> bool:
        """Tell whether `due` still counts, and forget it."""
        if self._by_name.get(due.name) is not due:
            return False
        self.stop(due.name)
        return True
