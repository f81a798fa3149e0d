"""What the worker does later: times and actions, in the main loop's own thread."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Agenda:
    """Actions at points of a monotonic clock, which the caller reads.

    An action cannot be taken back: it looks itself whether it is still due.
    """

    __slots__ = ("_count", "_entries")

    def __init__(self) -> None:
        self._count = 0
        self._entries: list[tuple[float, int, Callable[[], None]]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Note an action; those of one time are done in the order of noting."""
        self._count += 1
        heapq.heappush(self._entries, (when, self._count, action))

    def take_due(self, now: float) -> list[Callable[[], None]]:
        """Return the actions whose time has come, the earliest first."""
        due = []
        while self._entries and self._entries[0][0] <= now:
            due.append(heapq.heappop(self._entries)[2])
        return due

    def wait(self, now: float, longest: float) -> float:
        """Return the seconds until the next action, at most `longest`."""
        if not self._entries:
            return longest
        return min(longest, max(0.0, self._entries[0][0] - now))
