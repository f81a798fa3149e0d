"""Delivery of notifications: in order per queue, outside of the poster's greenlet.

A queue costs next to nothing while it is empty. `Delivery` keeps a few workers
that take turns at the queues that have something. What holds at any time: while
a queue is ready, some worker is awake and not inside an observer, or all
workers that there may be are. So an observer that waits holds up its own queue
and no other.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from sipsimple.api.native import new_reentrant_lock
from sipsimple.api.notification.crew import Crew, Greenlets, Threads
from sipsimple.api.notification.notification import NotificationCenter, NotificationData
from sipsimple.api.notification.reports import delivery_dropped, delivery_overdue, thread_refused
from sipsimple.api.waiting import Place, place_here

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from sipsimple.api.notification.reports import Names

BATCH = 50
"""So many notifications of one queue are delivered before the others, and the hub, get a turn."""

MOST_IDLE = 4
"""So many workers are kept for what comes next."""

TO_DIE = 0.5
"""Seconds that a killed greenlet has for its `finally` clauses."""

Item = tuple[str, object, NotificationData]


class NotificationQueue:
    """The notifications of one call, in the order in which they were posted."""

    __slots__ = ("busy", "delivery", "items", "names")

    def __init__(self, delivery: Delivery, names: Names = ()) -> None:
        self.delivery = delivery
        self.names = names
        self.items: deque[Item] | None = None  # made when needed: an empty deque takes 760 bytes
        self.busy = False  # ready, or in a worker's hands

    @property
    def waiting(self) -> Sequence[Item]:
        """What was posted and not delivered; from any thread."""
        items = self.items
        return () if items is None else items.copy()  # which no worker can come between, as it can with `tuple()`

    @property
    def depth(self) -> int:
        """How many were posted and not delivered."""
        return len(self.items or ())

    def post(self, sender: object, name: str, data: NotificationData | None = None) -> None:
        """Have a notification delivered, later and elsewhere; from any thread.

        The data gets `timestamp`, the local time without a zone, unless it has one.
        """
        if data is None:
            data = NotificationData()
        data.__dict__.setdefault("timestamp", datetime.now())
        self.delivery.put(self, (name, sender, data))


class Delivery:
    """The workers that deliver what the queues hold, to the default `NotificationCenter`.

    Args:
        threads: Deliver in native threads, which observers may block, instead
            of greenlets on the hub of the thread that makes this object.
    """

    def __init__(self, *, threads: bool = False) -> None:
        self._crew: Crew = Threads() if threads else Greenlets()
        self._post = NotificationCenter().post_notification
        self._lock = new_reentrant_lock()  # reentrant: what is collected under it may post; never held in an observer
        self._ready: deque[NotificationQueue] = deque()
        self._idle: list[Place] = []
        self._inside: set[Hashable] = set()
        self._watchers: list[Place] = []
        self._workers = 0  # all that were started
        self._free = 0  # awake, or being woken, and not inside an observer
        self._pending: set[NotificationQueue] = set()  # that are busy
        self._stopped = False
        self._dropped = 0

    @property
    def workers(self) -> int:
        """How many workers there are, idle ones included."""
        return self._workers

    @property
    def pending(self) -> int:
        """How many queues have something to deliver, or are being delivered."""
        return len(self._pending)

    @property
    def unheard(self) -> int:
        """How many notifications were posted and not taken to observers yet."""
        return sum([queue.depth for queue in self._pending.copy()])

    def queue(self, names: Names = ()) -> NotificationQueue:
        """Return a new queue; `names` are what the log calls its call by, should an observer fail."""
        return NotificationQueue(self, names)

    def inside(self) -> bool:
        """Tell whether the caller is an observer that a worker runs, and so must not wait for `flush` or `stop`."""
        return self._crew.current() in self._inside

    def put(self, queue: NotificationQueue, item: Item) -> None:
        """Append to `queue`; once stopped, drop."""
        with self._lock:
            if self._stopped:
                return
            if queue.items is None:
                queue.items = deque()
            queue.items.append(item)
            if not queue.busy:
                queue.busy = True
                self._pending.add(queue)
                self._ready.append(queue)
                self._muster()

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything posted was delivered.

        Tells whether that came to be within `timeout` seconds.

        Raises:
            RuntimeError: Called from inside an observer, which would wait for itself.
        """
        if self.inside():
            raise RuntimeError("flush() inside an observer would wait for itself")
        return self._wait(lambda: not self._pending, timeout)

    def stop(self, timeout: float = 5.0) -> bool:
        """Drop what was not delivered and end the workers; `flush()` first to lose nothing.

        Observers that are running get `timeout` seconds. Greenlets of those
        that still wait are then killed; threads end when their observer
        returns. The worker that calls this, if one does, is not waited for and
        ends after its observer. Stopping twice does nothing.

        Tells whether every worker but the caller has ended.
        """
        with self._lock:
            self._stopped = True
            while self._ready:
                self._release(self._ready.popleft())
            while self._idle:
                self._wake()
        ended = self._wait(self._deserted, timeout)
        if not ended:
            with self._lock:
                late = self._inside - {self._crew.current()}
            delivery_overdue(len(late), timeout)
            ended = self._crew.kill(late) and self._wait(self._deserted, TO_DIE)
        if ended:
            self._crew.join()
        dropped, self._dropped = self._dropped, 0
        if dropped:
            delivery_dropped(dropped)
        return ended

    def leave_to_parent(self) -> None:
        """Deliver nothing any more, in a process that was forked off."""
        self._lock._at_fork_reinit()  # noqa: SLF001 - as the standard library does
        self._stopped = True
        self._ready.clear()

    def _deserted(self) -> bool:
        return self._workers == int(self.inside())

    def _wait(self, done: Callable[[], bool], timeout: float) -> bool:
        end = monotonic() + timeout
        while True:
            with self._lock:
                if done():
                    return True
                place = place_here()
                self._watchers.append(place)
            try:
                if not place.wait(end - monotonic()):
                    return done()
            finally:
                with self._lock:
                    if place in self._watchers:
                        self._watchers.remove(place)

    # All below that is not a worker's own loop runs with the lock held.

    def _muster(self) -> None:
        if self._free or not self._ready:
            return
        if self._idle:
            self._wake()
        elif self._workers < self._crew.limit:
            try:
                self._crew.start(self._work)
            except RuntimeError:  # no more threads: those that there are must do
                thread_refused(self._workers)
            else:
                self._workers += 1
                self._free += 1

    def _wake(self) -> None:
        self._free += 1
        self._idle.pop().wake()

    def _release(self, queue: NotificationQueue) -> None:
        self._dropped += queue.depth
        queue.items = None
        queue.busy = False
        self._pending.discard(queue)
        if self._watchers and not self._pending:
            self._tell_watchers()

    def _tell_watchers(self) -> None:
        while self._watchers:
            self._watchers.pop().wake()

    def _work(self) -> None:
        me = self._crew.current()
        place = self._crew.place()
        delivered = 0
        with self._lock:
            self._inside.add(me)
        try:
            while (queue := self._take(place)) is not None:
                delivered += self._serve(queue)
                if delivered >= BATCH:
                    delivered = 0
                    self._crew.breathe()
        finally:
            with self._lock:
                self._inside.discard(me)
                self._workers -= 1
                if place in self._idle:
                    self._idle.remove(place)
                else:
                    self._free -= 1
                self._muster()
                self._tell_watchers()

    def _take(self, place: Place) -> NotificationQueue | None:
        """Return the next queue to serve, after waiting for it; None when this worker is not needed."""
        while True:
            with self._lock:
                if self._ready:
                    self._free -= 1
                    queue = self._ready.popleft()
                    if self._ready:
                        self._muster()  # somebody must look after the others, should this one's observer wait
                    return queue
                if self._stopped or len(self._idle) >= MOST_IDLE:
                    return None
                self._free -= 1
                self._idle.append(place)
            place.wait()

    def _serve(self, queue: NotificationQueue) -> int:
        items = queue.items
        assert items is not None, "a ready queue has something"
        turn = min(BATCH, len(items))
        try:
            for _ in range(turn):
                if self._stopped:
                    break
                name, sender, data = items.popleft()
                self._post(name, sender, data, failures=self._crew.failures, names=queue.names)
        finally:
            with self._lock:
                self._free += 1
                if items and not self._stopped:
                    self._ready.append(queue)
                else:
                    self._release(queue)
        return turn
