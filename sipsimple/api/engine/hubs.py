"""Where the engine runs: on the caller's gevent hub, or on a hub in a thread of its own."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import gevent
from gevent import getcurrent, monkey
from gevent.event import Event

from sipsimple.api import native
from sipsimple.api.waiting import Place, ThreadPlace, place_here

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

HUBS = ("auto", "current", "own")


def wants_own_hub(hub: str) -> bool:
    """Tell whether the engine needs a thread of its own.

    "auto" looks at the caller: a gevent server has `threading` patched, or
    calls from a greenlet; a plain script, whose main thread will block, has neither.
    """
    if hub not in HUBS:
        raise ValueError(f"hub must be one of {', '.join(HUBS)}, not {hub!r}")
    if hub != "auto":
        return hub == "own"
    return not (monkey.is_module_patched("threading") or getcurrent().parent is not None)


class Flag:
    """Set once; any number of threads and greenlets may wait for it."""

    def __init__(self) -> None:
        self.is_set = False
        self._lock = native.new_lock()
        self._places: list[Place] = []

    def set(self) -> None:
        """Wake all who wait."""
        with self._lock:
            self.is_set = True
            places, self._places = self._places, []
        for place in places:
            place.wake()

    def wait(self, timeout: float) -> bool:
        """Wait until it is set, at most `timeout` seconds; tell whether it is."""
        place = place_here()
        deadline = monotonic() + timeout
        with self._lock:
            if self.is_set:
                return True
            self._places.append(place)
        while not self.is_set and place.wait(deadline - monotonic()):
            pass
        return self.is_set


class HubThread:
    """A native thread that runs a gevent hub until it is told to end."""

    def __init__(self) -> None:
        self._end: Event | None = None
        self._over = Flag()
        self._thread: native.NativeThread | None = None

    def start(self, main: Callable[[], T], timeout: float = 30.0) -> T:
        """Start the thread, run `main` in it, and return its value; an error of `main` ends the thread.

        Blocks the caller's thread meanwhile, greenlets and all: who waits cannot be killed and leave a thread behind.
        """
        begun = ThreadPlace()
        outcome: list[Any] = []
        self._thread = native.start_thread(lambda: self._run(main, outcome, begun), "sipsimple-engine")
        if not begun.wait(timeout):
            raise TimeoutError(f"the engine's thread did not start within {timeout} s")
        value, error = outcome
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]

    def _run(self, main: Callable[[], Any], outcome: list[Any], begun: ThreadPlace) -> None:
        hub = gevent.get_hub()
        self._end = Event()
        # an active watcher keeps the loop from ending while nothing else waits
        anchor = hub.loop.async_()
        anchor.start(lambda: None)
        try:
            outcome.extend((main(), None))
            begun.wake()
            self._end.wait()
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that asked
            outcome.extend((None, error))
            begun.wake()
        finally:
            anchor.stop()
            anchor.close()
            native.destroy_hub()
            self._over.set()

    def end(self) -> None:
        """Let the thread end; to be called on its own hub."""
        if self._end is not None:
            self._end.set()

    def join(self, timeout: float) -> bool:
        """Wait for the end of the thread, from another one; tell whether it came in time."""
        deadline = monotonic() + timeout
        thread = self._thread
        if thread is None or thread.ident == native.thread_id() or not self._over.wait(timeout):
            return False
        thread.join(deadline - monotonic())  # it has nothing left to run
        return not thread.is_alive()
