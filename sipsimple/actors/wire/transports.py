"""The transports: the one way by which SIP comes in and goes out (RFC 3261 section 18).

Sending is a call, not a message: it never waits and never raises. What fails
is told to the actor that sent it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Logger, Ref, Supervisor, get_logger
from sipsimple.actors.wire.avoided import Avoided
from sipsimple.actors.wire.connection import PING
from sipsimple.actors.wire.connections import Connections
from sipsimple.actors.wire.limits import ConnectionLimits
from sipsimple.actors.wire.listeners import Listeners
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.actors.wire.own_address import Advertised, OwnAddresses, seen_from_outside
from sipsimple.actors.wire.receiver import Hook, Receiver, Trace
from sipsimple.actors.wire.sockets import address_text, family_of, source_address
from sipsimple.actors.wire.tls import Contexts
from sipsimple.errors import LocalProtocolError, RemoteProtocolError, TransportFailed
from sipsimple.protocols.sip.resolve.search import Means
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sipsimple.actors.wire.sockets import Address
    from sipsimple.actors.wire.tls_identity import Identities
    from sipsimple.protocols.sip.message import Response

TRANSPORTS = ("udp", "tcp", "tls")
NAMED_FLOWS = 16_384
RESPONSE = b"SIP/"  # what responses begin with, and no request
ROUTES = {4: "192.0.2.1", 6: "2001:db8::1"}  # addresses to ask the routing table about


class Transports:
    """All sockets that carry SIP.

    Args:
        supervisor: Gets the listeners and connections as children.
        receiver: Gets every message.
        log: For what happens outside an actor.
        contexts: How TLS connections are answered and opened, `TLSSettings.contexts()`; by default see `tls.Contexts`.
        limits: How many connections, and for how long.

    Attributes:
        avoided: The far ends that failed lately.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        receiver: Receiver,
        log: Logger | None = None,
        contexts: Contexts | None = None,
        limits: ConnectionLimits | None = None,
    ) -> None:
        log = log or get_logger(actor=supervisor.name)
        self.avoided = Avoided(supervisor.system.clock.now)
        self._trace = Trace()
        self._own = OwnAddresses()
        self._connections = Connections(
            supervisor,
            receiver,
            self._trace,
            contexts or Contexts(),
            self._own,
            self.avoided,
            limits or ConnectionLimits(),
            log,
        )
        self._listeners = Listeners(supervisor, receiver, self._trace, self._connections.accept, self._own)
        self._names: dict[int, str] = {}
        self._numbers: dict[tuple[Address, str], int] = {}

    @property
    def trace(self) -> Hook | None:
        """Called as `trace(received, data, flow)` with each message; None switches it off."""
        return self._trace.hook

    @trace.setter
    def trace(self, hook: Hook | None) -> None:
        self._trace.hook = hook

    @property
    def when_lost(self) -> Callable[[Flow, str], None] | None:
        """Called with the flow and the reason when a connection ends that was opened from here; must not wait."""
        return self._connections.when_lost

    @when_lost.setter
    def when_lost(self, hook: Callable[[Flow, str], None] | None) -> None:
        self._connections.when_lost = hook

    @property
    def open_connections(self) -> int:
        """How many TCP and TLS connections are open or being opened."""
        return len(self._connections)

    def listen(self, transport: str, host: str, port: int) -> int:
        """Receive on a numeric address from now on; return the port, which the system chose if 0 was asked for.

        Raises:
            TransportFailed: The address cannot be bound.
            LocalProtocolError: There is no such transport.
        """
        if transport not in TRANSPORTS:
            raise LocalProtocolError(f"no such transport: {transport!r}")
        return self._listeners.listen(transport, host, port)

    def advertise(self, transport: str, advertised: Advertised | None) -> None:
        """Have Via and Contact name an address outside of us for a transport, from the next flow on; None: our own."""
        self._own.advertise(transport, advertised)

    def learn(self, response: Response, flow: Flow) -> Flow | None:
        """Note where the far end of `flow` saw us, from a response to a request of ours; Via and Contact say it there.

        Returns the flow as it is from now on when that has changed.
        Call it only with responses that a transaction waits for: others may be forged.
        """
        try:
            seen = seen_from_outside(response.via)
        except RemoteProtocolError:
            return None
        if seen is None or seen == flow.local or (seen[0] == flow.local[0] and not self._own.has_learned):
            return None  # as nearly always: nothing stands between, or it is known what does
        bound = self._bound(flow.transport, flow.remote)
        if bound is None:
            return None
        self._own.learn(flow.transport, flow.remote, bound, seen)
        local = self._own.towards(flow.transport, flow.remote, bound)
        if local == flow.local:
            return None
        if flow.transport != "udp":
            self._connections.readdress(flow.transport, flow.remote, local)
        return replace(flow, local=local)

    def network_changed(self) -> None:
        """Forget which address of ours leads to whom: it is looked up anew for the next flow."""
        self._own.forget()

    def means(self) -> Means:
        """What requests can go by: the transports, and the address families in which we listen, or have a route."""
        transports = TRANSPORTS if self._listeners.has("udp") else TRANSPORTS[1:]
        heard = self._listeners.families
        families = [number for number, host in ROUTES.items() if family_of(host) in heard]
        if not heard:
            families = [number for number, host in ROUTES.items() if source_address(host) is not None]
        return Means(transports, tuple(families) or (4,))

    def local_address(self, transport: str, remote_host: str) -> Address | None:
        """Where a host reaches us by this transport; None when nothing listens in its family."""
        bound = self._listeners.local_address(transport, remote_host)
        return None if bound is None else self._own.advertised(transport, remote_host, bound)

    def identities(self, flow: Flow) -> Identities | None:
        """Whom the far end of a connection has proved to be (RFC 5922); None when that was not verified."""
        connection = self._connections.find(flow.transport, flow.remote, flow.connection)
        return None if connection is None else connection.identities

    def flow_to(self, transport: str, host: str, port: int, server_name: str | None = None) -> Flow:
        """The flow to a numeric address, by the connection that is open to it if there is one.

        Its `local` is what Via and Contact say: where we listen, or are reached from outside, else our
        address with port 0. The certificate of a TLS server must bear `server_name` (RFC 5922), or the
        address when that is None; a connection is used only if its far end has proved to be that.

        Raises:
            TransportFailed: No route leads there.
            LocalProtocolError: The host is a name, or there is no such transport.
        """
        if transport not in TRANSPORTS or family_of(host) is None:
            raise LocalProtocolError(f"no flow by {transport!r} to {host!r}")
        remote = (host, port)
        connection = self._connections.find(transport, remote, name=server_name)
        if connection is not None:
            return connection.flow
        bound = self._bound(transport, remote)
        if bound is None:
            raise TransportFailed(f"no route to {host}", address_text(remote), transport)
        number = self._number_for(remote, server_name) if transport == "tls" and server_name else None
        return Flow(transport, self._own.towards(transport, remote, bound), remote, number)

    def send(self, data: bytes, flow: Flow, sender: Ref | None = None, token: Hashable = None) -> None:
        """Send one message over a flow; never waits, never raises.

        A flow whose connection has ended is followed to its far end by another connection; a response to
        where the request's Via says (RFC 3261 18.2.2). Where nobody listens at the far end, as it opened the
        connection, a request does not leave: its sender knows where else it may go.
        Messages for one far end leave in the order in which they were sent. When this one did not leave, or
        its connection broke before it was answered, `sender` is told `SendFailed(token, error)`.
        """
        if self._trace.hook is not None:
            self._trace.hook(False, data, flow)
        try:
            if flow.transport == "udp":
                self._listeners.sender(flow).send(data, flow.remote)
            else:
                self._send_on_connection(data, flow, sender, token)
        except TransportFailed as error:
            if sender is not None:
                sender.tell(SendFailed(token, error))

    def close(self) -> None:
        """Stop listening and end every connection; what was written still leaves."""
        self._listeners.close()
        self._connections.close()

    def deafen(self) -> None:
        """Close the ports, and nothing else; need not be on the hub if that does not run."""
        self._listeners.deafen()

    def keep_alive(self, flow: Flow, sender: Ref | None = None, token: Hashable = None) -> None:
        """Keep the way to a far end open; never waits, never raises.

        Over a connection the far end must answer within ten seconds, else the
        connection is ended and `sender` is told `SendFailed(token, error)`.

        RFC: 5626 4.4.1, 5.4.
        """
        connection = self._connections.find(flow.transport, flow.remote, flow.connection, self._name_of(flow))
        if connection is None:
            self.send(PING, flow, sender, token)
            return
        try:
            self._connections.ping(connection, sender, token)
        except TransportFailed as error:
            if sender is not None:
                sender.tell(SendFailed(token, error))

    def _send_on_connection(self, data: bytes, flow: Flow, sender: Ref | None, token: Hashable) -> None:
        name = self._name_of(flow)
        connection = self._connections.find(flow.transport, flow.remote, flow.connection, name)
        if connection is None and flow.back is not None:
            if not data.startswith(RESPONSE):
                raise TransportFailed("the connection has ended", address_text(flow.remote), flow.transport)
            flow = replace(flow, remote=flow.back)
            connection = self._connections.find(flow.transport, flow.remote, None, name)
        if connection is None:
            connection = self._connections.open(flow, name)
            if name is not None and connection.flow.connection is not None:
                self._remember_name(connection.flow.connection, name)
        connection.send(data, sender, token)

    def _name_of(self, flow: Flow) -> str | None:
        """Whom the far end of a flow is to prove to be; None: its address."""
        return self._names.get(flow.connection) if flow.connection is not None else None

    def _bound(self, transport: str, remote: Address) -> Address | None:
        """Our own address towards a far end: where we listen, else any with port 0; None when no route leads there."""
        local = self._listeners.local_address(transport, remote[0])
        if local is None:
            host = source_address(remote[0])
            local = (host, 0) if host is not None else None
        return local

    def _number_for(self, remote: Address, name: str) -> int:
        """A number for a flow that is not open yet: by it, the name is known when something is sent."""
        number = self._numbers.get((remote, name))
        if number is None or number not in self._names:
            number = self._connections.next_number()
            if len(self._numbers) >= NAMED_FLOWS:
                self._numbers.clear()
            self._numbers[remote, name] = number
            self._remember_name(number, name)
        return number

    def _remember_name(self, number: int, name: str) -> None:
        if len(self._names) >= NAMED_FLOWS:
            del self._names[next(iter(self._names))]
        self._names[number] = name
