"""One life of the engine: from the opening of its ports to the end of everything that it ran."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

import gevent
from gevent import getcurrent

from sipsimple.api import native
from sipsimple.api.engine.core import Core
from sipsimple.api.engine.hubs import Flag, HubThread
from sipsimple.api.engine.tracing import SIPTrace
from sipsimple.api.notification.delivery import Delivery
from sipsimple.api.session.manager import SessionManager
from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime import GivenUp
    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.notification.notification import NotificationData

ENDING_LIMIT = 2.0
"""Seconds that the sessions have to end by BYE and its answer; as long again each time that some have."""

ABANDONING_LIMIT = 1.0
"""Seconds that they have then to end without an answer, likewise."""

MOST_LIMITS = 5
"""So many times each limit at the most: thousands of sessions take their time, but some peers take all of it."""

OBSERVER_LIMIT = 5.0
"""Seconds that observers have, at the end, to take what was posted, likewise."""

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

    Attributes:
        core: The tree of actors.
        is_over: Nothing runs any more; the last notifications may still be on their way.
    """

    core: Core

    def __init__(self, engine: object, options: EngineOptions, own: bool) -> None:
        self.options = options
        self.is_over = False
        self._engine = engine
        self._delivery = Delivery(threads=own)
        self._queue = self._delivery.queue()
        self._thread = HubThread() if own else None
        self._ended = Flag()
        self._is_ending = False
        self._is_given_up = False
        self._gate = native.new_lock()

    def begin(self) -> None:
        """Open the ports; where that fails, or whoever waits for it is interrupted, nothing is left.

        Raises:
            TransportFailed: A port cannot be had.
        """
        try:
            if self._thread is not None:
                self._thread.start(self._build)
            else:
                self._build()
            self._log_start()  # here, where it may wait: a greenlet of the caller's may be in the way
        except BaseException:
            self._give_up()
            self._delivery.stop(0.0)
            self._join()
            raise
        atexit.register(self._stop_at_exit)

    def _give_up(self) -> None:
        with self._gate:
            self._is_given_up = True
            has_begun = hasattr(self, "core")
        if has_begun:
            self.core.system.post(gevent.spawn, self._close)

    def _build(self) -> None:
        core = Core(self.options, self._delivery, self._fail, self._post, lambda: self._queue.depth)
        try:
            core.listen()
            with self._gate:
                if self._is_given_up:
                    raise SIPCoreError("nobody waits for the engine any more")
                self.core = core
        except BaseException:
            core.close()
            raise
        self.trace_sip(core, self.options.trace_sip)

    def _log_start(self) -> None:
        options = self.options
        self.core.log.info(
            "engine.started",
            host=self.core.host,
            udp=options.local_udp_port,
            tcp=options.local_tcp_port,
            tls=options.local_tls_port,
            hub="own" if self._thread is not None else "current",
        )

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
                self.core.system.post(self._spawn, None)
        if not self._ended.is_set and not self._must_not_wait():
            self._ended.wait(STOP_LIMIT)
            self._join()

    def _stop_at_exit(self) -> None:
        if self._thread is not None or self._is_here():  # else its hub is another thread's, and may run no more
            self.stop()

    def leave_to_parent(self) -> None:
        """Be over, in a process that was forked off, without a word to anybody."""
        self.is_over = True
        atexit.unregister(self._stop_at_exit)
        self.core.deafen()
        self._delivery.leave_to_parent()

    def _must_not_wait(self) -> bool:
        current, system = getcurrent(), self.core.system
        if self._delivery.inside():
            return True
        # another thread must not walk the tree, which changes under it
        return self._is_here() and (current is system.hub or system.root.owns(current))

    def _is_here(self) -> bool:
        return native.thread_id() == self.core.system.thread

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
                self._flush()  # so that observers hear of the sessions first
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
            atexit.unregister(self._stop_at_exit)
            self._queue.post(self._engine, "SCEngineDidEnd")
            self._flush()
            self._delivery.stop(0.1)
            self._ended.set()
            if self._thread is not None:
                self._thread.end()

    def _flush(self) -> None:
        has_emptied(self._delivery.flush, lambda: self._delivery.unheard, OBSERVER_LIMIT)


def end_sessions(reason: str) -> None:
    """End every session: by BYE and its answer, else without the answer, else by telling so only."""
    manager = SessionManager()
    for session in manager.sessions:
        session.terminate()

    def have_ended(limit: float) -> bool:
        return has_emptied(manager.wait_until_empty, lambda: len(manager.sessions), limit)

    if have_ended(ENDING_LIMIT):
        return
    for session in manager.sessions:
        session.abandon(reason)
    if not have_ended(ABANDONING_LIMIT):
        give_up_sessions(reason)


def has_emptied(wait: Callable[[float], bool], left: Callable[[], int], limit: float) -> bool:
    """Wait until nothing is left, as long as each `limit` leaves less than the one before; tell whether it came so."""
    before = left()
    for _ in range(MOST_LIMITS):
        if wait(limit):
            return True
        still = left()
        if still >= before:
            break
        before = still
    return False


def give_up_sessions(reason: str) -> None:
    """Tell the end of every session that is left."""
    for session in SessionManager().sessions:
        session.give_up(reason)
