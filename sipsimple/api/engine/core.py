"""The running engine: the one place where the tree of actors is put together.

::

    root                  one_for_one
    ├ transports          UDP and TCP listeners, SIP connections, look-ups of names
    ├ msrp                MSRP listeners and connections
    ├ lingering           finished transactions of calls that are over
    ├ flows               the ways to registrars: kept open, and watched
    ├ registrations       one supervisor per registration
    ├ subscriptions       one supervisor per subscription; likewise
    ├ publications        per publication, and
    ├ requests            per request or message outside of sessions
    ├ notifiers           per subscription of others to what the application serves
    ├ calls               one supervisor per session: the session, its audio leg, its chat, the chat's connection
    ├ endpoint            what belongs to no call
    └ media               from the first audio on: the pool of audio processes, their switchboard, the sound device

Endpoint and keeper have supervisors of their own, so that messages which crash
them over and over cost them their state, not the engine its life.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sipsimple.actors.msrp.listener import MSRPListeners
from sipsimple.actors.runtime import (
    Actor,
    ChildSpec,
    GivenUp,
    Ref,
    Supervisor,
    SupervisorSpec,
    System,
    get_logger,
)
from sipsimple.actors.sip.admission import Admission
from sipsimple.actors.sip.endpoint import Endpoint
from sipsimple.actors.sip.flows import Flows
from sipsimple.actors.sip.lingering import Lingering
from sipsimple.actors.sip.outside import Outside
from sipsimple.actors.sip.router import Router
from sipsimple.actors.sip.session import Surroundings
from sipsimple.actors.wire.limits import ConnectionLimits
from sipsimple.actors.wire.resolver import Resolver
from sipsimple.actors.wire.transports import Transports
from sipsimple.api.advertising import advertised
from sipsimple.api.asking.askers import Askers
from sipsimple.api.asking.messages import Messages
from sipsimple.api.asking.registrations import Registrations
from sipsimple.api.audio.engine import AudioEngine
from sipsimple.api.engine.authentication import authentication
from sipsimple.api.engine.extensions import policy
from sipsimple.api.host import ANY_ADDRESS, reachable_ip
from sipsimple.api.limits import MAILBOX_LIMIT
from sipsimple.api.serving.incoming import Incoming
from sipsimple.api.serving.notifiers import Notifiers
from sipsimple.api.session.call_streams import StreamSettings
from sipsimple.api.session.calls import Calls, CallSettings
from sipsimple.protocols.sip.transaction.timing import Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.api.audio.sound import Sound
    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.notification.delivery import Delivery
    from sipsimple.api.notification.notification import NotificationData
    from sipsimple.api.session.session import Session
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
        post: Posts a notification of the engine.
        unheard: How many of them no observer has heard yet.

    Attributes:
        system: The actors' system.
        transports: The SIP sockets.
        router: Which message is for which call.
        host: The address that we listen on; all of them where the application chose none, as they come and go.
        audio: The audio processes.
        calls: What makes calls.
        registrations: What makes registrations.
        subscriptions: What makes subscriptions.
        publications: What makes publications.
        requests: What makes requests outside of sessions.
        notifiers: What makes the subscriptions of others.
        messages: The messages outside of sessions that are not answered yet.
    """

    def __init__(
        self,
        options: EngineOptions,
        delivery: Delivery,
        when_given_up: Callable[[GivenUp], None],
        post: Callable[[str, NotificationData], None],
        unheard: Callable[[], int],
    ) -> None:
        self.options = options
        self.delivery = delivery
        self.host = options.local_ip or ANY_ADDRESS
        self.log = get_logger(component="engine")
        self.system = System(
            root=SupervisorSpec("root", intensity=INTENSITY, period=PERIOD, when_given_up=when_given_up)
        )
        wire = self._supervisor("transports")
        self.router = Router(self.log, Admission(self.log, options.admission, options.manners))
        limits = ConnectionLimits(message_bytes=options.admission.message_bytes)
        self.transports = Transports(wire, self.router, self.log, options.tls_contexts(), limits)
        self.router.learn = self.transports.learn
        self.listeners = MSRPListeners(self._supervisor("msrp"), self.log)
        lingering = self._kept("lingering", Lingering, (self.transports, self.router))
        self.around = Surroundings(self.transports, self.router, Resolver(self.transports, wire), lingering)
        self.audio = AudioEngine(self.system, self._supervisor, options, self.host, delivery)
        settings = self._call_settings()
        self.calls = Calls(self._supervisor("calls"), self.around, delivery, settings)
        flows = self._kept("flows", Flows, (self.transports,))
        self.registrations = Registrations(self._supervisor("registrations"), self.around, flows, delivery, settings)
        self.subscriptions, self.publications, self.requests = [
            Askers(self._supervisor(name), self.around, delivery, settings)
            for name in ("subscriptions", "publications", "requests")
        ]
        self.notifiers = Askers(self._supervisor("notifiers"), self.around, delivery, settings)
        self.messages = Messages(self.requests, post)
        incoming = Incoming(options, post, unheard)
        arguments = (
            self.transports,
            self.router,
            self.calls.open,
            self._user_agent,
            secrets.token_hex(16),
            authentication(options.authenticate, options.digest_algorithms, options.admission, secrets.token_bytes(32)),
            Outside(
                incoming.policy,
                incoming.tell,
                Notifiers(self.notifiers, self.router, post, options.admission),
                settings.timing.timeout,
            ),
        )
        self.router.endpoint = self._kept("endpoint", Endpoint, arguments)

    def _supervisor(self, name: str, *children: ChildSpec) -> Supervisor:
        return self.system.root.start_child(SupervisorSpec(name, intensity=INTENSITY, period=PERIOD, children=children))

    def _kept(self, name: str, actor: type[Actor], arguments: tuple[object, ...]) -> Ref:
        spec = ChildSpec("actor", actor, arguments, mailbox_limit=MAILBOX_LIMIT)
        ref = self._supervisor(name, spec).child("actor")
        assert isinstance(ref, Ref), "a supervisor begins with its children"
        return ref

    def _call_settings(self) -> CallSettings:
        t1 = self.options.sip_t1
        scale = t1 / Timing().t1
        timing = Timing(t1, Timing().t2 * scale, Timing().t4 * scale, Timing().wait_d * scale)
        return CallSettings(
            reachable_ip(self.host),
            self._user_agent,
            timing,
            StreamSettings(self.listeners, self.audio, self.host, self.options),
            self.options.refuse_md5,
            policy(self.options),
        )

    def _user_agent(self) -> str:
        return self.options.user_agent

    @property
    def askers(self) -> tuple[Registrations | Askers, ...]:
        """Whatever runs without sessions, and ends in its own way when the engine stops."""
        return self.registrations, self.subscriptions, self.publications, self.requests, self.notifiers

    def refuse_new(self) -> None:
        """Take nothing new any more; from any thread."""
        self.calls.is_open = False
        for each in self.askers:
            each.is_open = False

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
            self.transports.advertise(transport, advertised(self.options, transport))
            port = getattr(self.options, f"local_{transport}_port")
            if port is not None:
                setattr(self.options, f"local_{transport}_port", self.transports.listen(transport, self.host, port))

    def place_call(self, session: Session, command: Connect) -> None:
        """Make the actors of an outgoing session; from any thread.

        Raises:
            SIPCoreError: The engine is stopping.
        """
        self.system.call(self.calls.place, session, command)

    def deafen(self) -> None:
        """Take nothing from the network any more, and let no actor do anything: those of another process do.

        Connections are left without a word, by themselves: see `sipsimple.actors.wire.stream`.
        """
        self.refuse_new()
        self.transports.deafen()
        self.listeners.deafen()
        self.system.freeze()

    def close(self) -> None:
        """Stop every actor and close every socket; on the hub."""
        self.transports.close()
        self.listeners.close()
        self.audio.close()
        self.system.stop()
