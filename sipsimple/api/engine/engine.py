"""`Engine`: starts and stops everything."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Unpack

from sipsimple.api import native
from sipsimple.api.asking.events import checked_event
from sipsimple.api.engine.audio import EngineAudio
from sipsimple.api.engine.hubs import wants_own_hub
from sipsimple.api.engine.options import EngineOptions
from sipsimple.api.engine.running import Run
from sipsimple.api.host import reachable_ip
from sipsimple.api.notification.application_bridge import install_bridge
from sipsimple.api.notification.notification import NotificationCenter, NotificationData
from sipsimple.api.session.manager import SessionManager
from sipsimple.api.uri import SIPURI
from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.actors.runtime.tree import Node
    from sipsimple.api.engine.core import Core
    from sipsimple.api.engine.start_options import StartOptions

_lock = native.module_lock()


class Engine(EngineAudio):
    """One object for the process: `Engine() is Engine()`.

    It can be started again after it has ended.

    Notifications:
        SCEngineWillStart, SCEngineDidStart; SCEngineDidFail when it cannot start or go on;
        SCEngineWillEnd, SCEngineDidEnd; SCEngineSIPTrace for each message while `trace_sip`.
    """

    _instance: Engine | None = None

    default_start_options = EngineOptions.defaults()

    __slots__ = ("__weakref__", "_is_starting", "_run")  # what is misspelt cannot be set

    _run: Run | None
    _is_starting: bool

    def __new__(cls) -> Engine:
        """Return the one engine."""
        with _lock:
            if cls._instance is None:
                instance = super().__new__(cls)
                instance._run = None
                instance._is_starting = False
                cls._instance = instance
            return cls._instance

    @property
    def notification_center(self) -> NotificationCenter:
        """The bus that the notifications of the engine go over."""
        return NotificationCenter()

    @property
    def is_running(self) -> bool:
        """Whether the engine has started and not ended yet."""
        run = self._run
        return run is not None and not run.is_over

    @property
    def core(self) -> Core:
        """What runs.

        Raises:
            SIPCoreError: The engine does not run.
        """
        return self._running().core

    def _running(self) -> Run:
        run = self._run
        if run is None or run.is_over:
            raise SIPCoreError("the engine is not running: call Engine().start() first")
        return run

    def start(
        self,
        auto_sound: bool = True,
        local_ip: str | None = None,
        *,
        hub: Literal["auto", "current", "own"] = "auto",
        **options: Unpack[StartOptions],
    ) -> None:
        """Start; returns when the listeners are open.

        Args:
            auto_sound: Open the default sound devices, where there are any.
            local_ip: Address to listen on and to tell peers; None: all of this host, and each peer is told the one
                that leads to it.
            hub: `"current"`: run on the gevent hub of the caller; `"own"`: on one in a thread of its
                own; `"auto"`: current where `threading` is patched or the caller is a greenlet, else own.
            options: The other fields of `EngineOptions`, which says what they mean.

        Raises:
            SIPCoreError: The engine runs already.
            ValueError: An option has a bad value.
            TypeError: An option is of the wrong type, or there is no such option.
            TransportFailed: A port cannot be had.

        Notifications:
            SCEngineWillStart, then SCEngineDidStart or SCEngineDidFail, in the caller's thread.
            Later, should the tree of actors break down: SCEngineDidFail, the end of each session, SCEngineDidEnd.
        """
        checked = EngineOptions.given({"auto_sound": auto_sound, "local_ip": local_ip, **options})
        own = wants_own_hub(hub)
        with _lock:
            if self.is_running or self._is_starting:
                raise SIPCoreError("the engine is running already")
            self._is_starting = True
        try:
            self._start(checked, own)
        finally:
            self._is_starting = False
        self._post_now("SCEngineDidStart")

    def _start(self, options: EngineOptions, own: bool) -> None:
        SessionManager()
        install_bridge()
        self._post_now("SCEngineWillStart")
        run = Run(self, options, own)
        try:
            run.begin()
        except BaseException:
            self._post_now("SCEngineDidFail")
            raise
        self._run = run

    def stop(self) -> None:
        """End all sessions and registrations, then the engine; nothing happens when it does not run.

        Waits for the end, unless it is called from an observer or an actor,
        which the end has to wait for: then it returns at once.

        Notifications:
            SCSessionDidEnd of each session, SCRegistrationDidEnd of each registration, SCEngineWillEnd, SCEngineDidEnd.
        """
        run = self._run
        if run is not None:
            run.stop()

    def add_event(self, event: str, accept_types: Iterable[str]) -> None:
        """Accept bodies of these types in subscriptions to `event` made from now on; any type if there is none.

        Raises:
            SIPCoreError: The engine does not run.
            ValueError: The event or a type is none.
            TypeError: An argument is of the wrong type.
        """
        options = self.core.options
        options.events = {**(options.events or {}), checked_event(event).package: tuple(accept_types)}

    def network_changed(self) -> None:
        """Look for every server anew and refresh at once: the network is another one, or is back.

        Raises:
            SIPCoreError: The engine does not run.

        Notifications:
            Of each registration, subscription and publication, as of a refresh; others who subscribed are notified.

        RFC: 5626 4.5.
        """
        core = self.core
        for each in (core.transports, core.registrations, core.subscriptions, core.publications, core.notifiers):
            core.system.call(each.network_changed)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(EngineOptions, name):
            raise AttributeError(f"Engine has no attribute {name!r}")
        if not self.is_running:
            raise AttributeError(f"{name} is known only while the engine runs")
        return getattr(self.core.options, name)

    @property
    def local_ip(self) -> str:
        """The address by which others reach the engine now; with none given to `start()` it may change."""
        return reachable_ip(self.core.host)

    @property
    def trace_sip(self) -> bool:
        """Whether SCEngineSIPTrace is posted; can be switched while running."""
        return self.core.options.trace_sip

    @trace_sip.setter
    def trace_sip(self, value: bool) -> None:
        run = self._running()
        run.options.trace_sip = value
        run.trace_sip(run.core, bool(value))

    @property
    def trace_msrp(self) -> bool:
        """Whether the MSRP messages are logged of chats that are made from now on; can be switched while running."""
        return self.core.options.trace_msrp

    @trace_msrp.setter
    def trace_msrp(self, value: bool) -> None:
        self.core.options.trace_msrp = value

    @property
    def user_agent(self) -> str:
        """For User-Agent and Server of sessions made from now on."""
        return self.core.options.user_agent

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        self.core.options.user_agent = value

    @property
    def log_level(self) -> int:
        """As in 2009; nothing depends on it."""
        return self.core.options.log_level

    @log_level.setter
    def log_level(self, value: int) -> None:
        self.core.options.log_level = value

    @staticmethod
    def parse_sip_uri(text: str) -> SIPURI:
        """Read a SIP URI.

        Raises:
            SIPCoreError: It is none.
        """
        return SIPURI.parse(text)

    def tree(self) -> Node:
        """Return the tree of supervisors and actors as it is now.

        Raises:
            SIPCoreError: The engine does not run.
        """
        core = self.core
        return core.system.call(core.system.tree)

    def _post_now(self, name: str) -> None:
        data = NotificationData(timestamp=datetime.now())
        NotificationCenter().post_notification(name, self, data)


def _forked() -> None:
    """Have no engine in a process that was forked off just now: what runs is its parent's."""
    engine = Engine()
    run, engine._run, engine._is_starting = engine._run, None, False  # noqa: SLF001 - of this module
    if run is not None and not run.is_over:
        run.leave_to_parent()
        SessionManager().forget_all()


os.register_at_fork(after_in_child=_forked)
