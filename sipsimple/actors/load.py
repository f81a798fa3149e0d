"""How long a message that arrives now would wait: the sign of an overload.

Two queues lie before a new call. One is the mailbox of the endpoint, which says
how long each request waited in it. The other is the system's buffer of the UDP
port, whose length nobody tells; but its reader takes a fixed batch at a time,
and as long as the batches are full, something may be left behind. Then the
wait is at most the time since a batch was not full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.wire.udp import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable

FRESH = 0.05
"""Seconds after which a wait that was told says nothing about now."""


class Load:
    """Estimates the wait; belongs to the hub's thread.

    Args:
        now: The time.
    """

    __slots__ = ("_begun", "_behind_since", "_count", "_now", "_waited", "_waited_at")

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._count = 0
        self._begun = 0.0
        self._behind_since: float | None = None
        self._waited = 0.0
        self._waited_at = float("-inf")

    def datagram(self) -> None:
        """Count a datagram; the first one of a batch has the batch looked at when it is over."""
        self._count += 1
        if self._count == 1:
            self._begun = self._now()
            gevent.get_hub().loop.run_callback(self._end_batch)

    def waited(self, seconds: float) -> None:
        """Take note of how long a request waited in the endpoint's mailbox."""
        self._waited = seconds
        self._waited_at = self._now()

    def wait(self, now: float) -> float:
        """How many seconds what arrives now may have waited and would wait."""
        behind = 0.0 if self._behind_since is None else now - self._behind_since
        return max(behind, self._waited) if now - self._waited_at < FRESH else behind

    def _end_batch(self) -> None:
        if self._count < BATCH:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = self._begun
        self._count = 0
