"""A value that one waiter waits for: in a greenlet of the hub, or in a foreign thread.

Threads are told apart by their real identity, and a foreign thread waits on a
real lock, also where gevent has patched `threading`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gevent.hub import Waiter
from gevent.monkey import get_original

from sipsimple.errors import ActorDied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipsimple.actors.runtime.clock import Clock

current_thread: Callable[[], int] = get_original("_thread", "get_ident")
_allocate_lock: Callable[[], Any] = get_original("_thread", "allocate_lock")


class Reply:
    """One value or error, set once on the hub's thread, and awaited by at most one waiter."""

    __slots__ = ("_error", "_value", "_wake", "is_done")

    def __init__(self) -> None:
        self.is_done = False
        self._value: Any = None
        self._error: BaseException | None = None
        self._wake: Callable[[], Any] | None = None

    def resolve(self, value: Any = None) -> None:
        """Give the value; what comes after the first value or error is ignored."""
        self._settle(value, None)

    def fail(self, error: BaseException) -> None:
        """Give an error, to be raised where the value is awaited."""
        self._settle(None, error)

    def abandon(self) -> None:
        """Wait no longer; what comes is ignored. Safe in a foreign thread."""
        self.is_done = True

    def _settle(self, value: Any, error: BaseException | None) -> None:
        if self.is_done:
            return
        self._value = value
        self._error = error
        self.is_done = True
        wake = self._wake
        if wake is not None:
            wake()

    def result(self) -> Any:
        """Return the value, or raise the error."""
        if self._error is not None:
            raise self._error
        return self._value

    def wait(self, hub: Any, clock: Clock, timeout: float | None) -> bool:
        """Wait in a greenlet of `hub` for at most `timeout` seconds, None for ever; return `is_done`."""
        if self.is_done:
            return True
        waiter = Waiter(hub)
        run_callback = hub.loop.run_callback

        def wake() -> None:
            run_callback(waiter.switch, None)

        self._wake = wake
        timer = None if timeout is None else clock.call_later(timeout, wake)
        try:
            waiter.get()
        finally:
            self._wake = None
            if timer is not None:
                timer.cancel()
        return self.is_done

    def thread_gate(self) -> Callable[[float], bool]:
        """Prepare for a waiter in a foreign thread; return its `wait(timeout)`, negative for ever."""
        lock = _allocate_lock()
        lock.acquire()
        self._wake = lock.release

        def wait(timeout: float) -> bool:
            lock.acquire(True, timeout)
            return self.is_done

        return wait


class Question(Reply):
    """A message that asks for an answer.

    An actor that cannot answer at once keeps `self.question`, returns
    `DEFERRED`, and calls `answer(value)` later.
    """

    __slots__ = ("message",)

    def __init__(self, message: Any) -> None:
        super().__init__()
        self.message = message

    def answer(self, value: Any) -> None:
        """Give the answer; does nothing when the asker no longer waits."""
        self.resolve(value)


def fail_all(questions: Iterable[Question], why: str, cause: BaseException | None) -> None:
    """Tell everybody who waits that there will be no answer."""
    for question in questions:
        died = ActorDied(why)
        died.__cause__ = cause
        question.fail(died)
