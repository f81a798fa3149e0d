"""`Engine`: starts and stops everything."""

from __future__ import annotations

import atexit
import time
from datetime import datetime
from typing import Any

import gevent
from gevent import getcurrent

from sipsimple.api import native
from sipsimple.api.application_bridge import install_bridge
from sipsimple.api.core import Core
from sipsimple.api.delivery import Delivery, NotificationQueue
from sipsimple.api.hubs import Flag, HubThread, wants_own_hub
from sipsimple.api.manager import SessionManager
from sipsimple.api.notification import NotificationCenter, NotificationData
from sipsimple.api.options import EngineOptions, check_user_agent
from sipsimple.api.tracing import SIPTrace
from sipsimple.api.uri import SIPURI
from sipsimple.errors import SIPCoreError

ENDING_LIMIT = 2.0
"""Seconds that the sessions have, at `stop()`, to end by BYE and its answer."""


OBSERVER_LIMIT = 5.0
"""Seconds that observers have, at the end, to take what was posted."""

STOP_LIMIT = 30.0
"""Seconds that `stop()` waits at the most; the end goes on without it."""


class Engine:
    """One object for the process: `Engine() is Engine()`.

    It can be started again after it has ended.

    Notifications:
        SCEngineWillStart, SCEngineDidStart; SCEngineDidFail when it cannot start;
        SCEngineWillEnd, SCEngineDidEnd; SCEngineSIPTrace for each message while `trace_sip`.
    """

    _instance: Engine | None = None

    default_start_options = EngineOptions.defaults()

    _lock: Any
    _core: Core | None
    _options: EngineOptions
    _thread: HubThread | None
    _ended: Flag
    _is_starting: bool
    _is_stopping: bool
    _queue: NotificationQueue

    def __new__(cls) -> Engine:
        if cls._instance is None:
            instance = super().__new__(cls)
            instance._lock = native.new_lock()
            instance._core = None
            instance._is_starting = instance._is_stopping = False
            instance._thread = None
            instance._options = EngineOptions()
            cls._instance = instance
        return cls._instance

    @property
    def notification_center(self) -> NotificationCenter:
        """The bus that the notifications of the engine go over."""
        return NotificationCenter()

    @property
    def is_running(self) -> bool:
        """Whether the engine has started and not ended yet."""
        return self._core is not None

    @property
    def core(self) -> Core:
        """What runs.

        Raises:
            SIPCoreError: The engine does not run.
        """
        core = self._core
        if core is None:
            raise SIPCoreError("the engine is not running: call Engine().start() first")
        return core

    # -------------------------------------------------------------- start

    def start(self, auto_sound: bool = True, local_ip: str | None = None, *, hub: str = "auto", **options: Any) -> None:
        """Start; returns when the listeners are open.

        Args:
            auto_sound: Open the default sound devices, where there is an audio engine.
            local_ip: Address to listen on and to tell peers; the one that leaves this host by default.
            hub: `"current"`: run on the gevent hub of the caller; `"own"`: on one in a thread of its
                own; `"auto"`: current where `threading` is patched or the caller is a greenlet, else own.
            options: The other fields of `EngineOptions`.

        Raises:
            SIPCoreError: The engine runs already.
            ValueError: An option has a bad value.
            TypeError: There is no such option.
            TransportFailed: A port cannot be had.

        Notifications:
            SCEngineWillStart, then SCEngineDidStart or SCEngineDidFail, in the caller's thread.
        """
        checked = EngineOptions(auto_sound=auto_sound, local_ip=local_ip, **options)
        own = wants_own_hub(hub)
        with self._lock:
            if self._core is not None or self._is_starting:
                raise SIPCoreError("the engine is running already")
            self._is_starting = True
        try:
            self._start(checked, own)
        finally:
            self._is_starting = False

    def _start(self, options: EngineOptions, own: bool) -> None:
        SessionManager()
        install_bridge()
        self._post_now("SCEngineWillStart")
        self._options = options
        delivery = Delivery(threads=own)
        self._queue = delivery.queue()
        self._thread = HubThread() if own else None
        try:
            core = self._thread.start(lambda: self._build(delivery)) if self._thread else self._build(delivery)
        except BaseException:
            delivery.stop(0.0)
            self._post_now("SCEngineDidFail")
            raise
        self._ended = Flag()
        self._is_stopping = False
        self._core = core
        if own:
            atexit.register(self.stop)
        self._post_now("SCEngineDidStart")

    def _build(self, delivery: Delivery) -> Core:
        core = Core(self._options, delivery)
        try:
            core.listen()
        except BaseException:
            core.close()
            if self._thread is not None:
                self._thread.end()
            raise
        self._set_trace(core, self._options.trace_sip)
        core.log.info(
            "engine.started",
            host=core.host,
            udp=self._options.local_udp_port,
            tcp=self._options.local_tcp_port,
            hub="own" if self._thread else "current",
        )
        return core

    # --------------------------------------------------------------- stop

    def stop(self) -> None:
        """End all sessions, then the engine; nothing happens when it does not run.

        Waits for the end, unless it is called from an observer or an actor,
        which the end has to wait for: then it returns at once.

        Notifications:
            SCSessionDidEnd of each session, SCEngineWillEnd, SCEngineDidEnd.
        """
        with self._lock:
            core = self._core
            if core is None:
                return
            first, self._is_stopping = not self._is_stopping, True
        core.is_open = False
        if first:
            core.system.hub.loop.run_callback_threadsafe(self._spawn_shutdown, core)
        if not self._must_not_wait(core):
            self._ended.wait(STOP_LIMIT)

    def _must_not_wait(self, core: Core) -> bool:
        current = getcurrent()
        return core.delivery.inside() or current is core.system.hub or core.system.root.owns(current)

    def _spawn_shutdown(self, core: Core) -> None:
        gevent.spawn(self._shut_down, core)

    def _shut_down(self, core: Core) -> None:
        for session in SessionManager().sessions:
            session.terminate()
        deadline = time.monotonic() + ENDING_LIMIT
        while SessionManager().sessions and time.monotonic() < deadline:
            gevent.sleep(0.01)
        for session in SessionManager().sessions:
            session.abandon("the engine is stopping")
        while SessionManager().sessions and time.monotonic() < deadline + 1.0:
            gevent.sleep(0.01)
        queue, thread, ended = self._queue, self._thread, self._ended
        queue.post(self, "SCEngineWillEnd")
        core.close()
        core.log.info("engine.ended")
        atexit.unregister(self.stop)
        with self._lock:
            self._core = None
        queue.post(self, "SCEngineDidEnd")
        core.delivery.flush(OBSERVER_LIMIT)
        core.delivery.stop(0.1)
        ended.set()
        if thread is not None:
            thread.end()

    # --------------------------------------------------------- properties

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(EngineOptions, name):
            raise AttributeError(f"Engine has no attribute {name!r}")
        if self._core is None:
            raise AttributeError(f"{name} is known only while the engine runs")
        return getattr(self._options, name)

    @property
    def local_ip(self) -> str:
        """The address that the engine listens on."""
        return self.core.host

    @property
    def trace_sip(self) -> bool:
        """Whether SCEngineSIPTrace is posted; can be switched while running."""
        return self._options.trace_sip

    @trace_sip.setter
    def trace_sip(self, value: bool) -> None:
        self._options.trace_sip = bool(value)
        if self._core is not None:
            self._set_trace(self._core, bool(value))

    @property
    def user_agent(self) -> str:
        """For User-Agent and Server of sessions made from now on."""
        return self._options.user_agent

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        check_user_agent(value)
        self._options.user_agent = value

    playback_devices: tuple[str, ...] = ()
    recording_devices: tuple[str, ...] = ()
    current_playback_device = None
    current_recording_device = None

    @staticmethod
    def parse_sip_uri(text: str) -> SIPURI:
        """Read a SIP URI.

        Raises:
            SIPCoreError: It is none.
        """
        return SIPURI.parse(text)

    def tree(self) -> Any:
        """Return the tree of supervisors and actors as it is now."""
        core = self.core
        return core.system.call(core.system.tree)

    def _set_trace(self, core: Core, on: bool) -> None:
        core.transports.trace = SIPTrace(self._queue, self) if on else None

    def _post_now(self, name: str) -> None:
        data = NotificationData(timestamp=datetime.now())
        NotificationCenter().post_notification(name, self, data)
