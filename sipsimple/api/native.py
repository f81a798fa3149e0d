"""Real threads and real locks, whatever gevent has patched.

A lock that two threads share must be the operating system's: gevent's own
wakes greenlets of one hub. None of these locks is ever held while a greenlet
could switch.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Protocol

from gevent import GreenletExit, monkey
from gevent._hub_local import get_hub_if_exists

from sipsimple.actors.runtime.inlet import close_here

if TYPE_CHECKING:
    from collections.abc import Callable

new_lock = monkey.get_original("_thread", "allocate_lock")
new_reentrant_lock = monkey.get_original("_thread", "RLock")
thread_id: Callable[[], int] = monkey.get_original("_thread", "get_ident")


def module_lock(*, reentrant: bool = False) -> Any:
    """Return a lock that lasts as long as the process, and is free in each process that is forked off."""
    lock = new_reentrant_lock() if reentrant else new_lock()
    os.register_at_fork(after_in_child=lock._at_fork_reinit)  # noqa: SLF001 - as the standard library does
    return lock


class NativeThread(Protocol):
    """A thread of the system: `threading.Thread`, or where that is a greenlet one of our own."""

    @property
    def ident(self) -> int | None:
        """What `thread_id()` says in it."""

    def is_alive(self) -> bool:
        """Tell whether it has not ended yet."""

    def join(self, timeout: float | None = None) -> None:
        """Block this thread until that one is gone, its state in the interpreter too."""


def start_thread(body: Callable[[], None], name: str) -> NativeThread:
    """Run `body` in a native thread that does not keep the process alive; join it, or the interpreter ends under it.

    Raises:
        RuntimeError: The system gives no more threads.
    """
    if monkey.is_module_patched("threading"):  # then threading.Thread is a greenlet
        return _start_raw(body)
    thread = threading.Thread(target=body, name=name, daemon=True)
    thread.start()
    return thread


if sys.version_info >= (3, 13):
    _start_joinable = monkey.get_original("_thread", "start_joinable_thread")

    class _RawThread:
        """A thread that `threading` knows nothing of."""

        def __init__(self, handle: Any) -> None:
            self._handle = handle

        @property
        def ident(self) -> int | None:
            return int(self._handle.ident)

        def is_alive(self) -> bool:
            return not self._handle.is_done()

        def join(self, timeout: float | None = None) -> None:
            self._handle.join(None if timeout is None else max(timeout, 0))

    def _start_raw(body: Callable[[], None]) -> NativeThread:
        return _RawThread(_start_joinable(body, daemon=True))

else:
    _start_new = monkey.get_original("_thread", "start_new_thread")
    _set_sentinel = monkey.get_original("_thread", "_set_sentinel")

    class _RawThread:
        """A thread that `threading` knows nothing of.

        Its end is a lock that the interpreter itself lets go with the thread's
        state: what the thread could set by itself would come before that.
        """

        def __init__(self, body: Callable[[], None]) -> None:
            self.ident: int | None = None
            self._body = body
            self._end: Any = None
            self._begun = new_lock()

        def start(self) -> None:
            with self._begun:
                _start_new(self._run, ())
                self._begun.acquire()

        def _run(self) -> None:
            self.ident = thread_id()
            self._end = _set_sentinel()
            self._end.acquire()
            self._begun.release()
            self._body()

        def is_alive(self) -> bool:
            return bool(self._end.locked())

        def join(self, timeout: float | None = None) -> None:
            if self._end.acquire(timeout=-1 if timeout is None else max(timeout, 0)):
                self._end.release()

    def _start_raw(body: Callable[[], None]) -> NativeThread:
        thread = _RawThread(body)
        thread.start()
        return thread


def has_hub() -> bool:
    """Tell whether the current thread runs a gevent hub, without making one."""
    return get_hub_if_exists() is not None


def destroy_hub() -> None:
    """Free the hub that code run in this thread may have made; only as the thread ends."""
    hub = get_hub_if_exists()
    if hub is not None:
        close_here()
        hub.destroy(destroy_loop=True)
        if not hub.dead:  # gevent leaves it waiting for ever, and with it every frame that is below this one
            hub.throw(GreenletExit())
