"""A process of the pool: watched until it has ended, and killed without mistaking another for it."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gevent import get_hub
from gevent.event import Event
from gevent.monkey import get_original

from sipsimple.actors.wire.sockets import READABLE

if TYPE_CHECKING:
    from collections.abc import Callable

_waitpid = get_original("os", "waitpid")
_close = get_original("os", "close")  # a patched one closes later
HAS_PIDFD = hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal")
LOOK_INTERVAL = 0.05
"""Seconds between two looks at a process where the system has no descriptors for processes."""


class Processes:
    """Those that live."""

    __slots__ = ("_changed", "_living")

    def __init__(self) -> None:
        self._living: set[Process] = set()
        self._changed = Event()

    def __len__(self) -> int:
        return len(self._living)

    def watch(self, pid: int, ended: Callable[[], None], is_child: bool = False) -> Process:
        """Know a process of ours by its number, and call `ended` from the hub once it is no more."""
        process = Process(pid, self._forget, ended, is_child)
        self._living.add(process)
        return process

    def wait_until_none(self, seconds: float) -> bool:
        """Wait until all have ended; return False when some have not after so long."""
        self._changed.clear()
        return not self._living or self._changed.wait(seconds)

    def _forget(self, process: Process) -> None:
        self._living.discard(process)
        if not self._living:
            self._changed.set()


class Process:
    """One process, ours or the zygote's child.

    Attributes:
        pid: Its number.
        status: How it ended, where that can be known; None until then.
    """

    __slots__ = ("_descriptor", "_ended", "_forget", "_is_child", "_watcher", "pid", "status")

    def __init__(
        self,
        pid: int,
        forget: Callable[[Process], None],
        ended: Callable[[], None],
        is_child: bool,
    ) -> None:
        self.pid = pid
        self.status: int | None = None
        self._is_child = is_child  # to be reaped
        self._forget = forget
        self._ended = ended
        self._descriptor: int | None = None
        self._watcher: Any = None
        if HAS_PIDFD:
            self._watch_descriptor()
        else:
            self._watcher = get_hub().loop.timer(LOOK_INTERVAL, LOOK_INTERVAL)
            self._watcher.start(self._look)

    def kill(self) -> None:
        """End it by force, if it has not ended."""
        with suppress(ProcessLookupError):
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            elif self._is_child:
                os.kill(self.pid, signal.SIGKILL)  # not reaped yet, so it is nobody else

    def _watch_descriptor(self) -> None:
        loop = get_hub().loop
        try:
            self._descriptor = os.pidfd_open(self.pid)
        except ProcessLookupError:  # ended, and reaped by the zygote
            loop.run_callback(self._end)
        else:
            self._watcher = loop.io(self._descriptor, READABLE)
            self._watcher.start(self._end)

    def _look(self) -> None:
        if self._reap():
            self._end()

    def _end(self) -> None:
        self._reap()
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        if self._descriptor is not None:
            _close(self._descriptor)
            self._descriptor = None
        self._forget(self)
        self._ended()

    def _reap(self) -> bool:
        """Take the status of a child that has ended; return False while it lives."""
        if not self._is_child:
            return True
        try:
            pid, status = _waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:  # the application reaps every child
            pid = self.pid
        else:
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        self._is_child = not pid
        return bool(pid)
