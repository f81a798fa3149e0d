"""Real threads and real locks, whatever gevent has patched.

A lock that two threads share must be the operating system's: gevent's own
wakes greenlets of one hub. None of these locks is ever held while a greenlet
could switch.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gevent import monkey
from gevent._hub_local import get_hub_if_exists

if TYPE_CHECKING:
    from collections.abc import Callable

_start_raw = monkey.get_original("_thread", "start_new_thread")
new_lock = monkey.get_original("_thread", "allocate_lock")
new_reentrant_lock = monkey.get_original("_thread", "RLock")
thread_id: Callable[[], int] = monkey.get_original("_thread", "get_ident")


def start_thread(body: Callable[[], None], name: str) -> threading.Thread | None:
    """Run `body` in a native thread that does not keep the process alive.

    Returns the thread, None where threading is patched and has no object for it.

    Raises:
        RuntimeError: The system gives no more threads.
    """
    if monkey.is_module_patched("threading"):  # then threading.Thread is a greenlet
        _start_raw(body, ())
        return None
    thread = threading.Thread(target=body, name=name, daemon=True)
    thread.start()
    return thread


def has_hub() -> bool:
    """Tell whether the current thread runs a gevent hub, without making one."""
    return get_hub_if_exists() is not None


def destroy_hub() -> None:
    """Free the hub that code run in this thread may have made; only as the thread ends."""
    hub = get_hub_if_exists()
    if hub is not None:
        hub.destroy(destroy_loop=True)
