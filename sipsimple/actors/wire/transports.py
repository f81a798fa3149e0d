"""The transports: the one way by which SIP comes in and goes out (RFC 3261 section 18).

Sending is a call, not a message: it never waits and never raises. What fails
is told to the actor that sent it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Logger, Ref, Supervisor, get_logger
from sipsimple.actors.wire.connections import Connections
from sipsimple.actors.wire.listeners import Listeners
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.actors.wire.receiver import Hook, Receiver, Trace
from sipsimple.actors.wire.sockets import address_text, family_of, source_address
from sipsimple.actors.wire.tls import Contexts
from sipsimple.errors import LocalProtocolError, TransportFailed
from sipsimple.protocols.sip.transport import Flow

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.actors.wire.sockets import Address

TRANSPORTS = ("udp", "tcp", "tls")
NAMED_SERVERS = 4096


class Transports:
    """All sockets that carry SIP.

    Args:
        supervisor: Gets the listeners and connections as children.
        receiver: Gets every message.
        log: For what happens outside an actor.
        contexts: How TLS connections are answered and opened; by default see `tls.Contexts`.
    """

    def __init__(
        self, supervisor: Supervisor, receiver: Receiver, log: Logger | None = None, contexts: Contexts | None = None
    ) -> None:
        self._trace = Trace()
        self._connections = Connections(
            supervisor, receiver, self._trace, contexts or Contexts(), log or get_logger(actor=supervisor.name)
        )
        self._listeners = Listeners(supervisor, receiver, self._trace, self._connections.accept)
        self._server_names: dict[Address, str] = {}

    @property
    def trace(self) -> Hook | None:
        """Called as `trace(received, data, flow)` with each message; None switches it off."""
        return self._trace.hook

    @trace.setter
    def trace(self, hook: Hook | None) -> None:
        self._trace.hook = hook

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

    def local_address(self, transport: str, remote_host: str) -> Address | None:
        """Where a host reaches us by this transport; None when nothing listens in its family."""
        return self._listeners.local_address(transport, remote_host)

    def flow_to(self, transport: str, host: str, port: int, server_name: str | None = None) -> Flow:
        """The flow to a numeric address, by the connection that is open to it if there is one.

        Its `local` is what Via and Contact say: where we listen, else our address with port 0. The
        certificate of a TLS server must bear `server_name` (RFC 5922), or the address when that is None.

        Raises:
            TransportFailed: No route leads there.
            LocalProtocolError: The host is a name, or there is no such transport.
        """
        if transport not in TRANSPORTS or family_of(host) is None:
            raise LocalProtocolError(f"no flow by {transport!r} to {host!r}")
        remote = (host, port)
        if server_name is not None:
            self._remember_name(remote, server_name)
        connection = self._connections.find(transport, remote)
        if connection is not None:
            return connection.flow
        return Flow(transport, self.local_address(transport, host) or _unheard(transport, remote), remote)

    def send(self, data: bytes, flow: Flow, sender: Ref | None = None, token: Hashable = None) -> None:
        """Send one message over a flow; never waits, never raises.

        A flow whose connection has ended is followed to its far end by another
        connection. Messages for one far end leave in the order in which they
        were sent. When this one did not leave, `sender` is told `SendFailed(token, error)`.
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

    def _send_on_connection(self, data: bytes, flow: Flow, sender: Ref | None, token: Hashable) -> None:
        connection = self._connections.find(flow.transport, flow.remote, flow.connection)
        if connection is None:
            connection = self._connections.open(flow, self._server_names.get(flow.remote))
        connection.send(data, sender, token)

    def _remember_name(self, remote: Address, server_name: str) -> None:
        if len(self._server_names) >= NAMED_SERVERS:
            del self._server_names[next(iter(self._server_names))]
        self._server_names[remote] = server_name


def _unheard(transport: str, remote: Address) -> Address:
    """Our address towards a host that cannot reach us by this transport."""
    host = source_address(remote[0])
    if host is None:
        raise TransportFailed(f"no route to {remote[0]}", address_text(remote), transport)
    return host, 0
