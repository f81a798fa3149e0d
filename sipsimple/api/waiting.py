"""Places to wait at: one waiter each, woken from any thread.

A greenlet waits by switching to its hub, a native thread by a lock.
"""

from __future__ import annotations

from typing import Protocol

from gevent import Timeout
from gevent._hub_local import get_hub_if_exists
from greenlet import getcurrent, greenlet

from sipsimple.actors.runtime.inlet import inlet_here
from sipsimple.api.native import has_hub, new_lock


class Place(Protocol):
    """Where one greenlet or thread waits."""

    def wait(self, seconds: float | None = None) -> bool:
        """Wait to be woken, which may have happened already; tell whether that came in time."""

    def wake(self) -> None:
        """End the present wait, or else the next one."""


class ThreadPlace:
    """Where a native thread waits."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = new_lock()
        self._lock.acquire()

    def wait(self, seconds: float | None = None) -> bool:
        """Block this thread."""
        return bool(self._lock.acquire(timeout=-1 if seconds is None else max(seconds, 0)))

    def wake(self) -> None:
        """Let the thread go on."""
        if self._lock.locked():
            self._lock.release()


class GreenletPlace:
    """Where a greenlet of the hub of the thread that made this place waits."""

    __slots__ = ("_greenlet", "_hub", "_inlet", "_woken")

    def __init__(self) -> None:
        self._inlet = inlet_here()
        self._hub = self._inlet.hub
        self._greenlet: greenlet | None = None
        self._woken = False

    def wait(self, seconds: float | None = None) -> bool:
        """Let the hub run until woken; without a limit this does not keep the hub alive."""
        self._greenlet = getcurrent()
        try:
            if seconds is None:
                while not self._woken:
                    self._hub.switch()
            else:
                with Timeout(max(seconds, 0), exception=False):
                    while not self._woken:
                        self._hub.switch()
            return self._woken
        finally:
            self._greenlet = None
            self._woken = False

    def wake(self) -> None:
        """Have the hub switch to the greenlet."""
        self._woken = True
        if get_hub_if_exists() is self._hub:  # a thread may have the identity of one that has ended
            self._hub.loop.run_callback(self._resume)
        else:
            self._inlet.call(self._resume)

    def _resume(self) -> None:
        if self._greenlet is not None:
            self._greenlet.switch()


def place_here() -> Place:
    """Return a place that fits the caller: cooperative where a hub runs, blocking where none does."""
    return GreenletPlace() if has_hub() else ThreadPlace()
