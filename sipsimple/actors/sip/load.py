"""How long a call that comes now would wait to be begun: the sign of an overload.

Two queues lie before it. One is the mailbox of the endpoint: how many wait in
it is counted, how long each takes is measured while there are more. The other
is the system's buffer of the UDP port, whose length nobody tells; but its reader
takes a fixed batch at a time, and as long as the batches are full, something may
be left behind. Then the wait is at most the time since a batch was not full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.wire.udp import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable

FRESH = 0.05
"""Seconds after which a wait that was told says nothing about now."""

FIRST_GUESS = 0.001
"""Seconds that a call takes, as long as that was not measured."""

NEWEST = 0.05
"""What the last call counts for in how long one takes."""

OUTLIER = 3.0
"""So many times longer than usual is taken for no more: a pause of the process says nothing about the next call."""

JUMP = 0.05
"""Seconds by which a call may seem to have waited longer than the one before: a queue grows, a pause of the process
comes at once, and the few calls that it has caught say nothing about those behind them."""


class Load:
    """Estimates the wait; belongs to the hub's thread.

    Args:
        now: The time.

    Attributes:
        waiting: Calls that were let in and are not begun.
        cost: Seconds that one takes of those that wait.
    """

    __slots__ = ("_behind_since", "_count", "_first", "_last", "_now", "_waited", "_waited_at", "cost", "waiting")

    def __init__(self, now: Callable[[], float]) -> None:
        self.waiting = 0
        self.cost = FIRST_GUESS
        self._now = now
        self._count = 0
        self._first = 0.0
        self._behind_since: float | None = None
        self._last: float | None = None
        self._waited = 0.0
        self._waited_at = float("-inf")

    def datagram(self) -> None:
        """Count a datagram; the first one of a batch has the batch looked at when it is over."""
        self._count += 1
        if self._count == 1:
            self._first = self._now()
            gevent.get_hub().loop.run_callback(self._end_batch)

    def let_in(self) -> None:
        """Count a call that waits to be begun."""
        self.waiting += 1

    def wait_for(self, calls: int) -> None:
        """Count so many calls that wait, and no others."""
        self.waiting = max(0, calls)

    def begin(self, arrived: float) -> None:
        """Count one less, which came then."""
        now = self._now()
        if self._last is not None:
            self.cost += NEWEST * (min(now - self._last, OUTLIER * self.cost) - self.cost)
        self.waiting = max(0, self.waiting - 1)
        self._last = now if self.waiting else None
        self._waited, self._waited_at = min(now - arrived, self._waited + JUMP), now

    def wait(self, now: float) -> float:
        """How many seconds those which came last have waited."""
        behind = 0.0 if self._behind_since is None else now - self._behind_since
        return max(behind, self._waited) if now - self._waited_at < FRESH else behind

    @property
    def ahead(self) -> float:
        """How many seconds those take that are to be begun before one that is let in now."""
        return self.waiting * self.cost

    def _end_batch(self) -> None:
        if self._count < BATCH:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = self._first
        self._count = 0
