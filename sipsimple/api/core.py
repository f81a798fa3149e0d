"""The running engine: the one place where the tree of actors is put together.

::

    root                  one_for_one
    ├ transports          UDP and TCP listeners, SIP connections, look-ups of names
    ├ msrp                MSRP listeners and connections that are not bound yet
    ├ lingering           finished transactions of calls that are over
    ├ calls               one supervisor per session: the session, its audio leg, its chat, the chat's connection
    ├ endpoint            what belongs to no call
    └ media               from the first audio on: the pool of audio processes, their switchboard, the sound device

Endpoint and keeper have supervisors of their own, so that messages which crash
them over and over cost them their state, not the engine its life.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sipsimple.actors.endpoint import Endpoint
from sipsimple.actors.lingering import Lingering
from sipsimple.actors.msrp_listener import MSRPListeners
from sipsimple.actors.router import Router
from sipsimple.actors.runtime import (
    Actor,
    ChildSpec,
    GivenUp,
    Overflow,
    Ref,
    Supervisor,
    SupervisorSpec,
    System,
    get_logger,
)
from sipsimple.actors.session import Surroundings
from sipsimple.actors.wire.resolver import Resolver
from sipsimple.actors.wire.transports import Transports
from sipsimple.api.audio_engine import AudioEngine
from sipsimple.api.calls import Calls, CallSettings
from sipsimple.api.host import default_host_ip
from sipsimple.api.limits import MAILBOX_LIMIT
from sipsimple.api.streams import StreamSettings
from sipsimple.protocols.sip.transaction.timing import Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.api.delivery import Delivery
    from sipsimple.api.options import EngineOptions
    from sipsimple.api.session import Session
    from sipsimple.api.sound import Sound
    from sipsimple.protocols.sip.usage.events import Connect

INTENSITY = 100
"""Restarts that each branch of the tree may spend within PERIOD: far more than anything but a fault of ours needs."""

PERIOD = 10.0
"""Seconds."""


class Core:
    """Everything that runs between `Engine.start()` and the end of `Engine.stop()`; made on the hub.

    Args:
        options: As given to `Engine.start()`.
        delivery: The workers that run observers.
        when_given_up: Called when the tree cannot be kept up.

    Attributes:
        system: The actors' system.
        transports: The SIP sockets.
        router: Which message is for which call.
        host: The address that we listen on and tell peers.
        audio: The audio processes.
        calls: What makes calls.
    """

    def __init__(self, options: EngineOptions, delivery: Delivery, when_given_up: Callable[[GivenUp], None]) -> None:
        self.options = options
        self.delivery = delivery
        self.host = options.local_ip or default_host_ip()
        self.log = get_logger(component="engine")
        self.system = System(
            root=SupervisorSpec("root", intensity=INTENSITY, period=PERIOD, when_given_up=when_given_up)
        )
        wire = self._supervisor("transports")
        self.router = Router(self.log)
        self.transports = Transports(wire, self.router, self.log, options.tls_contexts())
        self.listeners = MSRPListeners(self._supervisor("msrp"), self.log)
        lingering = self._kept("lingering", Lingering, (self.transports, self.router), Overflow.REFUSE)
        self.around = Surroundings(self.transports, self.router, Resolver(self.transports, wire), lingering)
        self.audio = AudioEngine(self.system, self._supervisor, options, self.host, delivery)
        self.calls = Calls(self._supervisor("calls"), self.around, delivery, self._call_settings())
        arguments = (self.transports, self.router, self.calls.open, self._user_agent, secrets.token_hex(16))
        self.router.endpoint = self._kept("endpoint", Endpoint, arguments, Overflow.DROP_NEWEST)

    def _supervisor(self, name: str, *children: ChildSpec) -> Supervisor:
        return self.system.root.start_child(SupervisorSpec(name, intensity=INTENSITY, period=PERIOD, children=children))

    def _kept(self, name: str, actor: type[Actor], arguments: tuple[object, ...], overflow: Overflow) -> Ref:
        spec = ChildSpec("actor", actor, arguments, mailbox_limit=MAILBOX_LIMIT, overflow=overflow)
        ref = self._supervisor(name, spec).child("actor")
        assert isinstance(ref, Ref), "a supervisor begins with its children"
        return ref

    def _call_settings(self) -> CallSettings:
        t1 = self.options.sip_t1
        scale = t1 / Timing().t1
        timing = Timing(t1, Timing().t2 * scale, Timing().t4 * scale, Timing().wait_d * scale)
        return CallSettings(
            self.host,
            self._user_agent,
            timing,
            StreamSettings(self.listeners, self.audio, self.host, self.options),
        )

    def _user_agent(self) -> str:
        return self.options.user_agent

    @property
    def sound(self) -> Sound:
        """What is played here."""
        return self.audio.sound

    @property
    def audio_trouble(self) -> str | None:
        """Why there is no audio; None: there is."""
        return self.audio.trouble

    def listen(self) -> None:
        """Open the listeners that the options ask for.

        Raises:
            TransportFailed: A port cannot be had.
        """
        for transport in ("udp", "tcp", "tls"):
            port = getattr(self.options, f"local_{transport}_port")
            if port is not None:
                setattr(self.options, f"local_{transport}_port", self.transports.listen(transport, self.host, port))

    def place_call(self, session: Session, command: Connect) -> None:
        """Make the actors of an outgoing session; from any thread.

        Raises:
            SIPCoreError: The engine is stopping.
        """
        self.system.call(self.calls.place, session, command)

    def close(self) -> None:
        """Stop every actor and close every socket; on the hub."""
        self.transports.close()
        self.listeners.close()
        self.audio.close()
        self.system.stop()
