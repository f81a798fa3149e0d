"""The running engine: the one place where the tree of actors is put together.

::

    root                  one_for_one
    ├ transports          UDP and TCP listeners, SIP connections, look-ups of names
    ├ msrp                MSRP listeners and connections that are not bound yet
    ├ endpoint            what belongs to no call
    ├ lingering           finished transactions of calls that are over
    └ calls               one supervisor per session: the session, its chat, the chat's connection
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from sipsimple.actors.endpoint import Endpoint
from sipsimple.actors.lingering import Lingering
from sipsimple.actors.msrp_listener import MSRPListeners
from sipsimple.actors.router import Router
from sipsimple.actors.runtime import (
    AutoShutdown,
    ChildSpec,
    GivenUp,
    Ref,
    Restart,
    Supervisor,
    SupervisorSpec,
    System,
    get_logger,
)
from sipsimple.actors.session import Session as SessionActor
from sipsimple.actors.session import Surroundings
from sipsimple.actors.wire.resolver import Resolver
from sipsimple.actors.wire.transports import Transports
from sipsimple.api.delivery import Delivery
from sipsimple.api.host import default_host_ip
from sipsimple.api.session import Session
from sipsimple.api.streams import CallStreams
from sipsimple.errors import RemoteProtocolError, SIPCoreError
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.timing import Timing
from sipsimple.protocols.sip.usage.admission import admit
from sipsimple.protocols.sip.usage.call import Call, Identity
from sipsimple.protocols.sip.usage.events import Abandoned, Connect
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.api.options import EngineOptions
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transport import Flow

NTP_EPOCH = 2208988800
"""Seconds from 1900, where the numbers of an `o=` line begin, to 1970."""

BUDGET = 3
"""Restarts that one call may spend within PERIOD."""

PERIOD = 30.0
"""Seconds."""


class Core:
    """Everything that runs between `Engine.start()` and the end of `Engine.stop()`; made on the hub.

    Attributes:
        system: The actors' system.
        transports: The SIP sockets.
        delivery: The workers that run observers.
        host: The address that we listen on and tell peers.
        is_open: Whether new calls are taken.
    """

    def __init__(self, options: EngineOptions, delivery: Delivery) -> None:
        self.options = options
        self.delivery = delivery
        self.host = options.local_ip or default_host_ip()
        self.log = get_logger(component="engine")
        self.is_open = True
        self.system = System()
        self.timing = Timing(options.sip_t1, max(4.0 * options.sip_t1 / 0.5, options.sip_t1))
        wire = self._supervisor("transports", intensity=100)
        self.router = Router(self.log)
        self.transports = Transports(wire, self.router, self.log)
        self.listeners = MSRPListeners(self._supervisor("msrp", intensity=100), self.log)
        root = self.system.root
        arguments = (self.transports, self.open_call, options.user_agent, secrets.token_hex(16))
        self.router.endpoint = root.start_child(ChildSpec("endpoint", Endpoint, arguments))
        lingering = root.start_child(ChildSpec("lingering", Lingering, (self.transports, self.router)))
        self.calls = self._supervisor("calls", intensity=100)
        self.around = Surroundings(self.transports, self.router, Resolver(self.transports, wire), lingering)

    def _supervisor(self, name: str, intensity: int) -> Supervisor:
        return self.system.root.start_child(SupervisorSpec(name, intensity=intensity, period=10.0))

    def listen(self) -> None:
        """Open the listeners that the options ask for.

        Raises:
            TransportFailed: A port cannot be had.
        """
        for transport in ("udp", "tcp"):
            port = getattr(self.options, f"local_{transport}_port")
            if port is not None:
                setattr(self.options, f"local_{transport}_port", self.transports.listen(transport, self.host, port))

    # -------------------------------------------------------------- calls

    def call_out(self, session: Session, command: Connect) -> None:
        """Make the actors of an outgoing session; from any thread."""
        if not self.is_open:
            raise SIPCoreError("the engine is stopping")
        self.system.call(self._call_out, session, command)

    def _call_out(self, session: Session, command: Connect) -> None:
        token = secrets.token_hex(8)
        self._start_call(self._identity(token, f"{secrets.token_hex(16)}@{self.host}"), session, command)

    def open_call(self, request: Request, flow: Flow) -> None:
        """Make the actors of an incoming session; the endpoint calls this.

        Raises:
            RemoteProtocolError: The INVITE is refused.
        """
        if not self.is_open:
            raise RemoteProtocolError("the engine is stopping", 503)
        identity = self._identity(secrets.token_hex(8), request.call_id)
        self._start_call(identity, Session(), admit(request, flow, identity.session_id))

    def _identity(self, token: str, call_id: str) -> Identity:
        session_id = int(time.time()) + NTP_EPOCH
        return Identity(token, call_id, self.options.user_agent, session_id, self.timing)

    def _start_call(self, identity: Identity, session: Session, first: object) -> None:
        streams = CallStreams(session, self.listeners, self.host)
        call = Call(identity, transactions=Transactions(self.timing))
        spec = SupervisorSpec(
            identity.token,
            intensity=BUDGET,
            period=PERIOD,
            auto_shutdown=AutoShutdown.ALL_SIGNIFICANT,
            restart=Restart.TEMPORARY,
            children=(session_spec(call, self.around, streams, session),),
            when_given_up=lambda given_up: self._bury(session, streams, given_up),
        )
        supervisor = self.calls.start_child(spec)
        streams.supervisor = supervisor
        ref = supervisor.child("session")
        if not isinstance(ref, Ref):
            raise AssertionError("a call begins with its session")
        session.attach(ref, self.delivery.queue(), first)

    # -------------------------------------------------------- last rites

    def _bury(self, session: Session, streams: CallStreams, given_up: GivenUp) -> None:
        """End a call whose actors cannot go on, in the ordinary way, from its last committed state."""
        call = session.call
        if call is None or call.state is State.TERMINATED:
            return
        reason = f"{given_up.child} crashed too often: {given_up.error}"
        spec = SupervisorSpec(
            f"{call.identity.token}-last",
            intensity=0,
            auto_shutdown=AutoShutdown.ANY_SIGNIFICANT,
            restart=Restart.TEMPORARY,
            children=(session_spec(call, self.around, streams, session),),
            when_given_up=lambda _given_up: self._report(session, reason),
        )
        try:
            supervisor = self.calls.start_child(spec)
        except SIPCoreError:
            self._report(session, reason)
            return
        ref = supervisor.child("session")
        if isinstance(ref, Ref):
            session.attach_successor(ref, Abandoned(reason))

    def _report(self, session: Session, reason: str) -> None:
        """Tell the end of a call for which nothing else could be done."""
        session.give_up(reason)

    # --------------------------------------------------------------- stop

    def close(self) -> None:
        """Stop every actor and close every socket; on the hub."""
        self.transports.close()
        self.listeners.close()
        self.system.stop()


def session_spec(call: Call, around: Surroundings, streams: CallStreams, session: Session) -> ChildSpec:
    """Return the spec of a session's actor."""
    arguments = (call, around, streams, session.notify)
    return ChildSpec("session", SessionActor, arguments, Restart.TRANSIENT, shutdown=2.0, significant=True)
