"""Jobs that may wait, done one after the other in a greenlet that lives only while there are jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gevent import getcurrent
from greenlet import greenlet

from sipsimple.actors.runtime.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable


class Worker:
    """A queue of jobs of one supervisor; belongs to the hub's thread."""

    __slots__ = ("_hub", "_jobs", "greenlet")

    def __init__(self, hub: Any) -> None:
        self._hub = hub
        self._jobs: list[tuple[Callable[[], None], Reply]] = []
        self.greenlet: Any = None

    def do(self, job: Callable[[], None]) -> Reply:
        """Queue `job`; the reply is resolved when it has been done."""
        done = Reply()
        self._jobs.append((job, done))
        if self.greenlet is None:
            self._begin()
        return done

    def _begin(self) -> None:
        self.greenlet = greenlet(self._work, self._hub)
        self._hub.loop.run_callback(self.greenlet.switch)

    def _work(self) -> None:
        try:
            while self._jobs:
                job, done = self._jobs.pop(0)
                try:
                    job()
                finally:
                    done.resolve()
        finally:  # an error goes to the hub; the other jobs are still done
            self.greenlet = None
            if self._jobs:
                self._begin()


def give_first_turn(hub: Any, function: Callable[[], None]) -> None:
    """Run `function` in a greenlet of its own, and return when it has ended or waits for the first time."""
    hub.loop.run_callback(greenlet(function, hub).switch)
    hub.loop.run_callback(getcurrent().switch)
    hub.switch()
