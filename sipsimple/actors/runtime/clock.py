"""Time for actors: one hub timer for all of them, or a clock that a test moves by hand.

Most timers of a SIP stack are stopped before they fire, so that starting and
stopping must be cheap: a heap with lazy cancellation under a single timer of
the event loop.
"""

from __future__ import annotations

import heapq
import time
from typing import TYPE_CHECKING, Any, Protocol

import gevent

if TYPE_CHECKING:
    from collections.abc import Callable

_PURGE_ABOVE = 64
_GRANULARITY = 0.001


class Scheduled:
    """What is called when it is due; `cancel()` takes it back, any number of times.

    Attributes:
        schedule: Where it waits; None before, and once it was called or taken back.
    """

    __slots__ = ("schedule",)

    def __init__(self) -> None:
        self.schedule: Schedule | None = None

    def __call__(self) -> object:
        """Do what is due, on the hub's thread; must not wait."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Never call, unless it has been called."""
        schedule, self.schedule = self.schedule, None
        if schedule is not None:
            schedule.one_less()


class _Call(Scheduled):
    __slots__ = ("_callback",)

    def __init__(self, callback: Callable[[], object]) -> None:
        super().__init__()
        self._callback = callback

    def __call__(self) -> object:
        return self._callback()


class Clock(Protocol):
    """What actors need of a clock."""

    def now(self) -> float:
        """Return seconds since a fixed, unknown moment; never goes back."""

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Scheduled:
        """Call `callback` on the hub's thread after `seconds`; it must not wait."""

    def schedule(self, seconds: float, entry: Scheduled) -> None:
        """Have `entry` called after `seconds`."""

    @property
    def pending(self) -> int:
        """How many calls are still to come."""


class Schedule:
    """Calls ordered by when they are due, equal times in the order of scheduling."""

    __slots__ = ("_heap", "_serial", "live")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Scheduled]] = []
        self._serial = 0
        self.live = 0

    def add(self, when: float, entry: Scheduled) -> None:
        """Have `entry` called at `when`."""
        self._serial += 1
        self.live += 1
        entry.schedule = self
        heapq.heappush(self._heap, (when, self._serial, entry))

    def one_less(self) -> None:
        """Count a cancelled entry; drop the cancelled ones when they are the majority."""
        self.live -= 1
        if len(self._heap) > _PURGE_ABOVE and 2 * self.live < len(self._heap):
            self._heap = [each for each in self._heap if each[2].schedule is not None]
            heapq.heapify(self._heap)

    def next_due(self) -> float | None:
        """When the earliest live entry is due; None when there is none."""
        heap = self._heap
        while heap and heap[0][2].schedule is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def pop_due(self, now: float) -> Scheduled | None:
        """Take out the earliest live entry that is due at `now`."""
        due = self.next_due()
        if due is None or due > now:
            return None
        entry = heapq.heappop(self._heap)[2]
        entry.schedule = None
        self.live -= 1
        return entry


class HubClock:
    """Monotonic time and calls by the current gevent hub; for the hub's thread only."""

    def __init__(self, hub: Any = None) -> None:
        self._loop = (hub or gevent.get_hub()).loop
        self._schedule = Schedule()
        self._timer: Any = None
        self._armed_for = float("inf")
        self.now = time.monotonic

    @property
    def pending(self) -> int:
        """How many calls are still to come."""
        return self._schedule.live

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Scheduled:
        """Call `callback` after `seconds`."""
        entry = _Call(callback)
        self.schedule(seconds, entry)
        return entry

    def schedule(self, seconds: float, entry: Scheduled) -> None:
        """Have `entry` called after `seconds`."""
        now = self.now()
        when = now + seconds
        self._schedule.add(when, entry)
        if when < self._armed_for:
            self._arm(when, now)

    def close(self) -> None:
        """Give the hub's timer back; calls that are still to come never come."""
        self._schedule = Schedule()
        self._disarm()

    def _arm(self, when: float, now: float) -> None:
        self._disarm()
        self._armed_for = when
        self._timer = self._loop.timer(max(when - now, _GRANULARITY))
        self._timer.start(self._fire, update=True)

    def _disarm(self) -> None:
        self._armed_for = float("inf")
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None

    def _fire(self) -> None:
        now = self.now()
        try:
            while (entry := self._schedule.pop_due(now)) is not None:
                entry()
        finally:  # an error goes to the hub; the other timers still fire
            due = self._schedule.next_due()
            if due is None:
                self._disarm()
            else:
                self._arm(due, now)


class FakeClock:
    """A clock that stands still until `advance`.

    Everything that is ready runs before the time moves and after each call,
    so that what an actor does when its timer fires happens at that time.
    """

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start
        self._schedule = Schedule()

    @property
    def pending(self) -> int:
        """How many calls are still to come."""
        return self._schedule.live

    def now(self) -> float:
        """Return the present fake time in seconds."""
        return self._now

    def call_later(self, seconds: float, callback: Callable[[], object]) -> Scheduled:
        """Call `callback` when the time has been advanced by `seconds`."""
        entry = _Call(callback)
        self.schedule(seconds, entry)
        return entry

    def schedule(self, seconds: float, entry: Scheduled) -> None:
        """Have `entry` called when the time has been advanced by `seconds`."""
        self._schedule.add(self._now + seconds, entry)

    def advance(self, seconds: float) -> None:
        """Move the time on, calling what falls due in order; for a greenlet, not for the hub."""
        gevent.idle()
        end = self._now + seconds
        while (due := self._schedule.next_due()) is not None and due <= end:
            self._now = max(self._now, due)
            entry = self._schedule.pop_due(self._now)
            if entry is not None:
                entry()
            gevent.idle()
        self._now = end
