"""The open SIP connections: found by number or by far end, opened when needed, forgotten when they end.

A TLS connection is used for a domain only if its far end has proved to be that
domain; what it proved before, for another domain at the same address, does not
count. A connection that a far end opened carries requests back to where its
Via says only if it asked for that, and proved who it is.

RFC: 3261 18, 26.2.2; 5922 7.3; 5923 5, 9; 5626 4.4.1.
"""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import AutoShutdown, ChildSpec, Logger, Ref, Restart, Supervisor, SupervisorSpec
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.connection import Connection, SIPConnection
from sipsimple.actors.wire.dialling import dial, may_carry, proved
from sipsimple.actors.wire.limits import ConnectionLimits, Door
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import ActorDied, RemoteProtocolError, TransportFailed
from sipsimple.protocols.sip.transport import Flow, default_port
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sipsimple.actors.runtime import Scheduled
    from sipsimple.actors.wire.avoided import Avoided
    from sipsimple.actors.wire.own_address import OwnAddresses
    from sipsimple.actors.wire.receiver import Receiver, Trace
    from sipsimple.actors.wire.sockets import Address, Socket
    from sipsimple.actors.wire.tls import Contexts
    from sipsimple.protocols.sip.message import Request

PONG_TIMEOUT = 10.0
RESTARTS, RESTART_PERIOD = 20, 10.0

Key = tuple[str, "Address"]


class Connections:
    """Every TCP and TLS connection, each with a supervisor and so a restart budget of its own.

    Args:
        supervisor: Gets the connections as children.
        receiver: Gets every message.
        trace: Sees it.
        contexts: How TLS is spoken.
        own: Our addresses.
        avoided: Is told whom we cannot connect to.
        limits: How many connections, and for how long.
        log: For what happens outside an actor.

    Attributes:
        when_lost: Called with the flow and the reason when a connection ends that was opened from here.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        receiver: Receiver,
        trace: Trace,
        contexts: Contexts,
        own: OwnAddresses,
        avoided: Avoided,
        limits: ConnectionLimits,
        log: Logger,
    ) -> None:
        self.limits = limits
        self._supervisor = supervisor
        self._receiver = receiver
        self._trace = trace
        self._contexts = contexts
        self._own = own
        self._avoided = avoided
        self._log = log
        self._clock = supervisor.system.clock
        self._numbers = count(1)
        self._by_number: dict[int, Connection] = {}
        self._by_remote: dict[Key, list[Connection]] = {}
        self._aliases: dict[Connection, Key] = {}
        self._door = Door()
        self._sweep: Scheduled | None = None
        self.when_lost: Callable[[Flow, str], None] | None = None

    def __len__(self) -> int:
        return len(self._by_number)

    def next_number(self) -> int:
        """A number that no connection had or will have."""
        return next(self._numbers)

    def find(
        self, transport: str, remote: Address, number: int | None = None, name: str | None = None
    ) -> Connection | None:
        """The connection of this number, else the latest one to this far end that may be used for `name`, else None."""
        connection = self._by_number.get(number) if number is not None else None
        if connection is not None:
            return connection
        for each in reversed(self._by_remote.get((transport, remote), ())):
            if may_carry(each, name or remote[0], self._contexts):
                return each
        return None

    def open(self, flow: Flow, name: str | None) -> Connection:
        """Begin to connect to a flow's far end; what is sent meanwhile waits in the connection.

        The certificate of a TLS server must bear `name`; None for the host of the flow.

        Raises:
            TransportFailed: There are too many connections, or everything is being shut down.
        """
        name = name or flow.remote[0]
        opened = partial(dial, flow.transport, flow.remote, name, self._contexts)
        return self._start(flow.transport, flow.local, flow.remote, opened, name)

    def accept(self, transport: str, sock: Socket, remote: Address) -> None:
        """Take over an accepted socket, or close it when there are too many."""
        refusal = self._make_room(remote)
        if refusal:
            self._log.warning("connection.refused", reason=refusal, remote=remote)
            sock.close()
            return
        sockets.keep_alive(sock)
        stream = (
            TLSStream(sock, remote, self._contexts.server, server_side=True)
            if transport == "tls"
            else Stream(sock, remote)
        )
        try:
            connection = self._start(
                transport, self._own.towards(transport, remote, stream.local), remote, stream, None
            )
        except TransportFailed as error:
            self._log.warning("connection.refused", reason=error.reason, remote=remote)
            stream.close()
        else:
            self._door.enter(connection)

    def ping(self, connection: Connection, sender: Ref | None, token: Hashable) -> None:
        """Ask for a sign of life; a far end that gives none in ten seconds is given up.

        Raises:
            TransportFailed: The connection has ended.
        """
        connection.ping(sender, token)
        self._clock.call_later(PONG_TIMEOUT, partial(self._miss, connection))

    def readdress(self, transport: str, remote: Address, local: Address) -> None:
        """Say another address of ours over the connections to a far end."""
        for each in self._by_remote.get((transport, remote), ()):
            each.flow = replace(each.flow, local=local)

    def close(self) -> None:
        """End every connection; what was written still leaves."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for number, connection in list(self._by_number.items()):
            connection.end()
            self._supervisor.terminate_child(_child_id(number))

    # What connections tell

    def opened(self, connection: Connection) -> None:
        """Note who the far end is."""
        flow = connection.flow
        connection.identities = proved(connection, self._contexts)
        if connection.is_dialled:
            self._avoided.discard((flow.transport, flow.remote))
        cipher = connection.stream.cipher if isinstance(connection.stream, TLSStream) else None
        self._log.debug("connection.opened", transport=flow.transport, remote=flow.remote, cipher=cipher)

    def spoke(self, connection: Connection) -> None:
        """It is no stranger any more."""
        self._door.introduce(connection)

    def requested(self, connection: Connection, request: Request) -> None:
        """Let requests go back over the connection, when the far end asks for it with its Via (RFC 5923 section 9)."""
        try:
            via = request.via
        except RemoteProtocolError:
            return
        if connection.is_dialled or via.parameter("alias") is None:
            return
        key = "tls", (connection.flow.remote[0], via.port or default_port("tls"))
        if connection not in self._aliases:
            self._aliases[connection] = key
            self._by_remote.setdefault(key, []).append(connection)

    def ended(self, connection: Connection) -> None:
        """Forget it."""
        flow = connection.flow
        if flow.connection is not None:
            self._by_number.pop(flow.connection, None)
        self._door.leave(connection)
        self._unlist((flow.transport, flow.remote), connection)
        alias = self._aliases.pop(connection, None)
        if alias is not None:
            self._unlist(alias, connection)
        if connection.is_dialled and not connection.is_open and connection.failure is not None:
            self._avoided.add((flow.transport, flow.remote))
        if connection.is_dialled and connection.is_open and self.when_lost is not None:
            self.when_lost(flow, connection.failure.reason if connection.failure else "the far end has closed it")

    # Inside

    def _unlist(self, key: Key, connection: Connection) -> None:
        left = [each for each in self._by_remote.pop(key, ()) if each is not connection]
        if left:
            self._by_remote[key] = left

    def _make_room(self, remote: Address) -> str:
        """Return why a far end is refused; a stranger who says nothing makes room for the next."""
        if self._door.count(remote[0]) >= self.limits.per_source:
            return f"{self.limits.per_source} connections from there are open"
        is_full = len(self._by_number) >= self.limits.total
        if is_full or self._door.strangers >= self.limits.strangers:
            oldest = self._door.oldest_stranger()
            if oldest is not None:
                oldest.end(self._failed(oldest, "others wait, and it said nothing"))
            elif is_full:
                return f"{self.limits.total} connections are open"
        return ""

    def _start(
        self, transport: str, local: Address, remote: Address, opened: Stream | Callable[[], Stream], name: str | None
    ) -> Connection:
        if len(self._by_number) >= self.limits.total:
            reason = f"{self.limits.total} connections are open"
            raise TransportFailed(reason, sockets.address_text(remote), transport)
        number = next(self._numbers)
        flow = Flow(transport, local, remote, number)
        timeout, size = self._contexts.timeout, self.limits.message_bytes
        connection = Connection(flow, opened, self, name, timeout, self._clock.now, size)
        try:
            self._supervisor.start_child(_spec(number, connection, self._receiver, self._trace))
        except ActorDied as error:
            raise TransportFailed("shutting down", sockets.address_text(remote), transport) from error
        self._by_number[number] = connection
        self._by_remote.setdefault((transport, remote), []).append(connection)
        if self._sweep is None:
            self._sweep = self._clock.call_later(self.limits.sweep, self._end_idle)
        return connection

    def _end_idle(self) -> None:
        """End what was silent for too long; again as long as there are connections."""
        now = self._clock.now()
        for each in list(self._by_number.values()):
            if each.is_stranger and now - each.begun >= self.limits.silence:
                each.end(self._failed(each, "it said nothing"))
            elif now - each.last_active >= self.limits.idle:
                each.end(self._failed(each, "it was idle"))
        self._sweep = self._clock.call_later(self.limits.sweep, self._end_idle) if self._by_number else None

    def _miss(self, connection: Connection) -> None:
        if not connection.is_heard and not connection.has_ended:
            connection.end(self._failed(connection, "no answer to a keep-alive"))

    def _failed(self, connection: Connection, reason: str) -> TransportFailed:
        self._log.info("connection.given_up", reason=reason, remote=connection.flow.remote)
        return TransportFailed(reason, sockets.address_text(connection.flow.remote), connection.flow.transport)


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
