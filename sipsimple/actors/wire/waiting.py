"""Waiting for a descriptor: one greenlet waits, the hub or whoever closes wakes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent import get_hub
from greenlet import getcurrent

from sipsimple.actors.wire.sockets import READABLE

if TYPE_CHECKING:
    from greenlet import greenlet


class Readable:
    """The wait until a descriptor has something to read.

    A wake-up may come for nothing: whoever waits looks again. A greenlet that is
    killed while it waits leaves room for another.
    """

    __slots__ = ("_sleeper", "_watcher")

    def __init__(self, descriptor: int) -> None:
        self._watcher = get_hub().loop.io(descriptor, READABLE)
        self._sleeper: greenlet | None = None

    def wait(self) -> None:
        """Wait until there is something to read, or `close` is called."""
        assert self._sleeper is None, "two greenlets read one socket"
        self._sleeper = getcurrent()
        self._watcher.start(self._wake)
        try:
            get_hub().switch()
        finally:
            self._watcher.stop()
            self._sleeper = None

    def interrupt(self) -> None:
        """Wake the greenlet that waits, soon."""
        self._watcher.stop()
        if self._sleeper is not None:
            self._watcher.loop.run_callback(self._wake)

    def close(self) -> None:
        """Give the watcher back and wake the greenlet that waits; before the descriptor is closed."""
        self.interrupt()
        self._watcher.close()

    def leave(self) -> None:
        """Wait for ever: whoever waits is another process's."""
        self._watcher.stop()

    def _wake(self) -> None:
        sleeper = self._sleeper
        if sleeper is not None:
            sleeper.switch()
