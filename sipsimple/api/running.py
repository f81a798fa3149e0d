"""One life of the engine: from the opening of its ports to the end of everything that it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent
from gevent import getcurrent

from sipsimple.api import native
from sipsimple.api.core import Core
from sipsimple.api.delivery import Delivery
from sipsimple.api.hubs import Flag, HubThread
from sipsimple.api.manager import SessionManager
from sipsimple.api.tracing import SIPTrace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime import GivenUp
    from sipsimple.api.notification import NotificationData
    from sipsimple.api.options import EngineOptions

ENDING_LIMIT = 2.0
"""Seconds that the sessions have to end by BYE and its answer."""

ABANDONING_LIMIT = 1.0
"""Seconds that they have then to end without an answer."""

OBSERVER_LIMIT = 5.0
"""Seconds that observers have, at the end, to take what was posted."""

STOP_LIMIT = 30.0
"""Seconds that `stop()` waits at the most; the end goes on without it."""

JOIN_LIMIT = 5.0
"""Seconds that the engine's own thread has to end."""


class Run:
    """What runs between `Engine.start()` and SCEngineDidEnd.

    Args:
        engine: The sender of the notifications.
        options: As given to `Engine.start()`.
        own: Run on a hub in a thread of its own.
        when_over: Called on the hub when the engine can be started again.

    Attributes:
        core: The tree of actors.
        is_over: Nothing runs any more; the last notifications may still be on their way.
    """

    core: Core

    def __init__(self, engine: object, options: EngineOptions, own: bool, when_over: Callable[[], None]) -> None:
        self.options = options
        self.is_over = False
        self._engine = engine
        self._when_over = when_over
        self._delivery = Delivery(threads=own)
        self._queue = self._delivery.queue()
        self._thread = HubThread() if own else None
        self._ended = Flag()
        self._is_ending = False
        self._gate = native.new_lock()

    def begin(self) -> None:
        """Open the ports; where that fails nothing is left.

        Raises:
            TransportFailed: A port cannot be had.
        """
        try:
            self.core = self._thread.start(self._build) if self._thread is not None else self._build()
        except BaseException:
            self._delivery.stop(0.0)
            self._join()
            raise

    def _build(self) -> Core:
        core = Core(self.options, self._delivery, self._fail, self._post)
        try:
            core.listen()
        except BaseException:
            core.close()
            raise
        self.trace_sip(core, self.options.trace_sip)
        core.log.info(
            "engine.started",
            host=core.host,
            udp=self.options.local_udp_port,
            tcp=self.options.local_tcp_port,
            hub="own" if self._thread is not None else "current",
        )
        return core

    def _post(self, name: str, data: NotificationData) -> None:
        self._queue.post(self._engine, name, data)

    def trace_sip(self, core: Core, on: bool) -> None:
        """Switch the trace."""
        core.transports.trace = SIPTrace(self._queue, self._engine) if on else None

    def stop(self) -> None:
        """Begin to end, if that was not done before, and wait for it where waiting is possible."""
        with self._gate:
            if not self.is_over:
                self.core.refuse_new()
                self.core.system.hub.loop.run_callback_threadsafe(self._spawn, None)
        if not self._ended.is_set and not self._must_not_wait():
            self._ended.wait(STOP_LIMIT)
            self._join()

    def _must_not_wait(self) -> bool:
        current, system = getcurrent(), self.core.system
        return self._delivery.inside() or current is system.hub or system.root.owns(current)

    def _join(self) -> None:
        if self._thread is not None:
            self._thread.join(JOIN_LIMIT)

    def _fail(self, given_up: GivenUp) -> None:
        """End because the tree of actors cannot be kept up."""
        self._spawn(given_up)

    def _spawn(self, given_up: GivenUp | None) -> None:
        if not self._is_ending:
            self._is_ending = True
            gevent.spawn(self._end, given_up)

    def _end(self, given_up: GivenUp | None) -> None:
        try:
            if given_up is None:
                reason = "the engine is stopping"
                ending = [gevent.spawn(each.end, reason) for each in self.core.askers]
                end_sessions(reason)
                gevent.joinall(ending)
                self._delivery.flush(OBSERVER_LIMIT)  # so that observers hear of the sessions first
                self._queue.post(self._engine, "SCEngineWillEnd")
            else:
                reason = f"the engine has failed: {given_up.error}"
                self.core.log.error("engine.failed", reason=reason, child=given_up.child)
                self._queue.post(self._engine, "SCEngineDidFail")
                give_up_sessions(reason)
                for each in self.core.askers:
                    each.give_up(reason)
        finally:
            self._close()

    def _close(self) -> None:
        core = self.core
        core.refuse_new()
        try:
            core.close()
        finally:
            core.log.info("engine.ended")
            with self._gate:  # from now on the hub may be gone
                self.is_over = True
            self._when_over()
            self._queue.post(self._engine, "SCEngineDidEnd")
            self._delivery.flush(OBSERVER_LIMIT)
            self._delivery.stop(0.1)
            self._ended.set()
            if self._thread is not None:
                self._thread.end()


def end_sessions(reason: str) -> None:
    """End every session: by BYE and its answer, else without the answer, else by telling so only."""
    manager = SessionManager()
    for session in manager.sessions:
        session.terminate()
    if manager.wait_until_empty(ENDING_LIMIT):
        return
    for session in manager.sessions:
        session.abandon(reason)
    if not manager.wait_until_empty(ABANDONING_LIMIT):
        give_up_sessions(reason)


def give_up_sessions(reason: str) -> None:
    """Tell the end of every session that is left."""
    for session in SessionManager().sessions:
        session.give_up(reason)
