"""The way into a hub for other threads.

gevent has one of its own, `run_callback_threadsafe`: it counts up the loop's
references while the loop, outside of the interpreter's lock, may count them
down for a timer that fires. A count that is lost ends the hub under all who
wait on it. An async watcher is the one thing of libev that any thread may touch.
"""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Any

from gevent import get_hub, monkey, sleep
from gevent._hub_local import get_hub_if_exists

if TYPE_CHECKING:
    from collections.abc import Callable

_here = monkey.get_original("_thread", "_local")()
_gate = monkey.get_original("_thread", "RLock")()  # reentrant: what is collected under it may call
os.register_at_fork(after_in_child=_gate._at_fork_reinit)  # noqa: SLF001 - as the standard library does


class Inlet:
    """What other threads want called on the hub of the thread that makes this."""

    __slots__ = ("_calls", "_is_open", "_watcher", "hub")

    def __init__(self) -> None:
        self.hub = get_hub()
        self._calls: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()
        self._is_open = True
        self._watcher = self.hub.loop.async_(ref=False)
        self._watcher.start(self._take)

    def call(self, function: Callable[..., object], *args: Any) -> bool:
        """Have the hub call `function`, from any thread; never waits, and the order of one thread is kept.

        Tells whether that will be: False once the hub has ended.
        """
        with _gate:
            if self._is_open and self.hub.loop is not None:
                self._calls.append((function, args))
                self._watcher.send()
                return True
        return False

    def close(self) -> None:
        """Take no more, and have called what was taken, for somebody may wait for it; on the hub's thread."""
        with _gate:
            self._is_open = False
        self._watcher.stop()
        self._watcher.close()
        if self._calls:
            self._take()
            sleep(0)

    def _take(self) -> None:
        for _ in range(len(self._calls)):  # what comes meanwhile has its own signal
            function, args = self._calls.popleft()
            self.hub.loop.run_callback(function, *args)


def inlet_here() -> Inlet:
    """Return the way into the hub of this thread, one for as long as the hub lives."""
    inlet: Inlet | None = getattr(_here, "inlet", None)
    if inlet is None or inlet.hub is not get_hub():
        inlet = _here.inlet = Inlet()
    return inlet


def close_here() -> None:
    """Close the way into the hub of this thread, before the hub ends; without one nothing happens."""
    inlet: Inlet | None = getattr(_here, "inlet", None)
    if inlet is not None and inlet.hub is get_hub_if_exists():
        inlet.close()
    _here.inlet = None
