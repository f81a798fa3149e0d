"""What delivery workers are made of: greenlets of one hub, or native threads."""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING, Protocol

import gevent
from gevent import Greenlet
from greenlet import getcurrent

from sipsimple.actors.runtime.inlet import inlet_here
from sipsimple.api.native import NativeThread, destroy_hub, start_thread, thread_id
from sipsimple.api.waiting import GreenletPlace, Place, ThreadPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from sipsimple.api.notification.observers import Failures

MOST_THREADS = 64
"""So many observers may block at once in native threads; what comes then waits for one of them."""


class Crew(Protocol):
    """How `Delivery` makes workers and lets them wait."""

    limit: int
    failures: Failures  # that are an observer's own

    def start(self, body: Callable[[], None]) -> None:
        """Have one more worker run `body`; callable from any thread."""

    def current(self) -> Hashable:
        """Return what tells the calling worker from all others."""

    def place(self) -> Place:
        """Return the place where the calling worker waits for work."""

    def breathe(self) -> None:
        """Let others run after a batch."""

    def kill(self, workers: Iterable[Hashable]) -> bool:
        """End workers that wait in observers; tell whether that is possible."""

    def join(self) -> None:
        """See the last of workers that have done all their work."""


class Greenlets:
    """Workers on the hub of the thread that makes the crew."""

    limit = sys.maxsize  # bounded by the queues that have something to deliver
    failures: Failures = (Exception, gevent.Timeout)  # in a worker no Timeout is the poster's

    def __init__(self) -> None:
        self._inlet = inlet_here()
        self._thread = thread_id()

    def start(self, body: Callable[[], None]) -> None:
        """Spawn a greenlet."""
        if thread_id() == self._thread:
            gevent.spawn(body)
        else:
            self._inlet.call(gevent.spawn, body)

    def current(self) -> Hashable:
        """Return the current greenlet."""
        greenlet: Hashable = getcurrent()
        return greenlet

    def place(self) -> Place:
        """Return a place on the hub."""
        return GreenletPlace()

    def breathe(self) -> None:
        """Let the hub run."""
        gevent.sleep(0)

    def kill(self, workers: Iterable[Hashable]) -> bool:
        """Raise GreenletExit in them."""
        for worker in workers:
            assert isinstance(worker, Greenlet)
            worker.kill(block=False)
        return True

    def join(self) -> None:
        """Do nothing: who waits on the hub runs after they are gone."""


class Threads:
    """Workers that are native threads, so that observers may block them."""

    limit = MOST_THREADS
    failures: Failures = (Exception, gevent.Timeout)

    def __init__(self) -> None:
        self._numbers = count(1)
        self._threads: list[NativeThread] = []

    def start(self, body: Callable[[], None]) -> None:
        """Start a thread."""

        def run() -> None:
            try:
                body()
            finally:
                destroy_hub()  # that an observer may have made by using gevent

        thread = start_thread(run, f"sipsimple-delivery-{next(self._numbers)}")
        self._threads = [*[each for each in self._threads if each.is_alive()], thread]

    def current(self) -> Hashable:
        """Return the identity of the current thread."""
        return thread_id()

    def place(self) -> Place:
        """Return a place that blocks."""
        return ThreadPlace()

    def breathe(self) -> None:
        """Do nothing: threads are preempted."""

    def kill(self, workers: Iterable[Hashable]) -> bool:  # noqa: ARG002 - of the protocol
        """Do nothing: a thread ends when its observer returns."""
        return False

    def join(self) -> None:
        """Wait for the threads, which have nothing more to run of ours or of an observer's."""
        while self._threads:
            thread = self._threads.pop()
            if thread.ident != thread_id():
                thread.join()
