"""The open SIP connections: found by number or by far end, opened when needed, forgotten when they end."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import AutoShutdown, ChildSpec, Logger, Restart, Supervisor, SupervisorSpec
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.connection import Connection, SIPConnection
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import ActorDied, TransportFailed
from sipsimple.protocols.sip.transport import Flow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.wire.receiver import Receiver, Trace
    from sipsimple.actors.wire.sockets import Address, Socket
    from sipsimple.actors.wire.tls import Contexts

CONNECT_TIMEOUT = 10.0
CONNECTION_LIMIT = 10_000
RESTARTS, RESTART_PERIOD = 20, 10.0


class Connections:
    """Every TCP and TLS connection, each with a supervisor and so a restart budget of its own."""

    def __init__(
        self, supervisor: Supervisor, receiver: Receiver, trace: Trace, contexts: Contexts, log: Logger
    ) -> None:
        self.limit = CONNECTION_LIMIT
        self._supervisor = supervisor
        self._receiver = receiver
        self._trace = trace
        self._contexts = contexts
        self._log = log
        self._numbers = count(1)
        self._by_number: dict[int, Connection] = {}
        self._by_remote: dict[tuple[str, Address], Connection] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def find(self, transport: str, remote: Address, number: int | None = None) -> Connection | None:
        """The connection of this number, else the latest one to this far end, else None."""
        connection = self._by_number.get(number) if number is not None else None
        return connection or self._by_remote.get((transport, remote))

    def open(self, flow: Flow, server_name: str | None) -> Connection:
        """Begin to connect to a flow's far end; what is sent meanwhile waits in the connection.

        The certificate of a TLS server must bear `server_name`; None for the host of the flow.

        Raises:
            TransportFailed: There are too many connections, or everything is being shut down.
        """
        host, port = flow.remote

        def dial() -> Stream:
            sock = sockets.connect(host, port, CONNECT_TIMEOUT)
            if flow.transport == "tls":
                return TLSStream(sock, flow.remote, self._contexts.client, server_name=server_name or host)
            return Stream(sock, flow.remote)

        return self._start(flow.transport, flow.local, flow.remote, dial)

    def accept(self, transport: str, sock: Socket, remote: Address) -> None:
        """Take over an accepted socket."""
        stream = (
            TLSStream(sock, remote, self._contexts.server, server_side=True)
            if transport == "tls"
            else Stream(sock, remote)
        )
        try:
            self._start(transport, stream.local, remote, stream)
        except TransportFailed as error:
            self._log.warning("connection.refused", reason=error.reason, remote=remote)
            stream.close()

    def close(self) -> None:
        """End every connection; what was written still leaves."""
        for number, connection in list(self._by_number.items()):
            connection.end()
            self._supervisor.terminate_child(_child_id(number))

    def _start(
        self, transport: str, local: Address, remote: Address, opened: Stream | Callable[[], Stream]
    ) -> Connection:
        if len(self._by_number) >= self.limit:
            raise TransportFailed(f"{self.limit} connections are open", sockets.address_text(remote), transport)
        number = next(self._numbers)
        connection = Connection(Flow(transport, local, remote, number), opened, self._forget)
        try:
            self._supervisor.start_child(_spec(number, connection, self._receiver, self._trace))
        except ActorDied as error:
            raise TransportFailed("shutting down", sockets.address_text(remote), transport) from error
        self._by_number[number] = connection
        self._by_remote[transport, remote] = connection
        return connection

    def _forget(self, connection: Connection) -> None:
        flow = connection.flow
        if flow.connection is not None:
            self._by_number.pop(flow.connection, None)
        if self._by_remote.get((flow.transport, flow.remote)) is connection:
            del self._by_remote[flow.transport, flow.remote]


def _child_id(number: int) -> str:
    return f"connection-{number}"


def _spec(number: int, connection: Connection, receiver: Receiver, trace: Trace) -> SupervisorSpec:
    reader = ChildSpec(
        "reader", SIPConnection, (connection, receiver, trace), Restart.TRANSIENT, shutdown=1.0, significant=True
    )
    return SupervisorSpec(
        _child_id(number),
        intensity=RESTARTS,
        period=RESTART_PERIOD,
        auto_shutdown=AutoShutdown.ANY_SIGNIFICANT,
        children=(reader,),
        restart=Restart.TEMPORARY,
        when_given_up=lambda _: connection.end(),
    )
