"""The MSRP connections of an engine, and dialling: sessions between the same two ends share one (RFC 4975 section 5.4).

A connection that this side opened is used again for the same host, port and transport, and with TLS only where the same
certificate is expected. Two peers behind one address, each with a certificate of its own, so have two connections.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any

from sipsimple.actors.msrp.connection import BACKLOG_LIMIT_BYTES, DIAL_TIMEOUT, MSRPConnection
from sipsimple.actors.msrp.messages import ConnectionFailed
from sipsimple.actors.msrp.session_stream import SessionStream
from sipsimple.actors.msrp.shared import SharedConnection
from sipsimple.actors.msrp.watch import MSRPWatch, Watched
from sipsimple.actors.runtime import AutoShutdown, ChildSpec, Restart, Supervisor, SupervisorSpec
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls import fingerprint_matches, self_signed_context
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import ActorDied, RemoteProtocolError, TransportFailed
from sipsimple.protocols.msrp.uri import DEFAULT_PORT, URI

if TYPE_CHECKING:
    import ssl

    from sipsimple.actors.msrp.gate import Gate
    from sipsimple.actors.runtime import GivenUp, Ref

RESTARTS, RESTART_PERIOD = 20, 1.0  # of one connection: a fault in reading it costs no other


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and whom to find there.

    Attributes:
        fingerprint: The TLS certificate must match it (`SHA-256 AA:BB:..`); without one any is taken, as peers use
            self-signed ones.
    """

    host: str
    port: int
    tls: bool
    fingerprint: str | None = None

    @classmethod
    def of(cls, hop: str, fingerprint: str | None) -> Target:
        """By the first URI of the peer's path.

        Raises:
            RemoteProtocolError: It is none.
        """
        uri = URI.parse(hop)
        shown = fingerprint.upper() if uri.use_tls and fingerprint is not None else None
        return cls(uri.host, DEFAULT_PORT if uri.port is None else uri.port, uri.use_tls, shown)


class MSRPConnections:
    """The connections, each with a supervisor of its own.

    Args:
        supervisor: Gets them as children.
        timeout: Seconds that dialling may take.
    """

    def __init__(self, supervisor: Supervisor, timeout: float = DIAL_TIMEOUT) -> None:
        self._supervisor = supervisor
        self._timeout = timeout
        self._numbers = count(1)
        self._dialled: dict[Target, SharedConnection] = {}
        self._watched = Watched()

    def join(self, hop: str, fingerprint: str | None, session_id: str, session: Ref, gate: Gate | None = None) -> None:
        """Have a session told `ConnectionJoined` with its part of a connection, or `ConnectionFailed`.

        Args:
            hop: The first URI of the peer's path.
            fingerprint: As in `Target`.
            session_id: Of this side.
            session: Who keeps it.
            gate: For a file.
        """
        try:
            target = Target.of(hop, fingerprint)
            connection = self._dialled.get(target)
            stream = SessionStream(connection or self._dial(target), session_id, session, gate)
        except (RemoteProtocolError, ActorDied) as error:
            session.tell(ConnectionFailed(str(error)))
            return
        if connection is not None:
            stream.share(partial(self._part, target))
        stream.connection.join(stream)

    def _part(self, target: Target, stream: SessionStream) -> None:
        """Give a session a connection of its own."""
        try:
            self._dial(target).join(stream)
        except ActorDied as error:
            stream.end(ConnectionFailed(str(error)))

    def _dial(self, target: Target) -> SharedConnection:
        connection = SharedConnection()
        self.start(connection, MSRPDialler, target, self._timeout)
        self._dialled[target] = connection
        connection.when_over = partial(self._forget, target, connection)
        return connection

    def _forget(self, target: Target, connection: SharedConnection) -> None:
        if self._dialled.get(target) is connection:
            del self._dialled[target]

    def start(self, connection: SharedConnection, actor: type[MSRPConnection], *args: Any) -> None:
        """Start the actor of a connection, with a restart budget of its own.

        Raises:
            ActorDied: The engine is ending.
        """
        reader = ChildSpec("reader", actor, (connection, *args), Restart.TRANSIENT, shutdown=1.0, significant=True)
        spec = SupervisorSpec(
            f"connection-{next(self._numbers)}",
            intensity=RESTARTS,
            period=RESTART_PERIOD,
            auto_shutdown=AutoShutdown.ANY_SIGNIFICANT,
            children=(reader,),
            restart=Restart.TEMPORARY,
            when_given_up=partial(_give_up, connection),
        )
        self._supervisor.start_child(spec)
        self._watch(connection)

    def _watch(self, connection: SharedConnection) -> None:
        """Look at it now and then; a watch that has given up begins anew, and costs nobody else anything."""
        self._watched.connections.add(connection)
        if self._supervisor.child("watch") is None:
            watch = ChildSpec("actor", MSRPWatch, (self._watched,))
            self._supervisor.start_child(SupervisorSpec("watch", children=(watch,), restart=Restart.TEMPORARY))


def _give_up(connection: SharedConnection, _report: GivenUp) -> None:
    connection.lose(False, "the reader of the connection crashed too often")
    connection.close()


class MSRPDialler(MSRPConnection):
    """Dials, then reads."""

    def __init__(self, connection: SharedConnection, target: Target, timeout: float = DIAL_TIMEOUT) -> None:
        super().__init__(connection)
        self.target = target
        self.timeout = timeout

    def open(self) -> bool:
        """Connect, unless an incarnation before has done so."""
        if self.connection.stream is None:
            try:
                stream = dial(self.target, self.timeout)
            except TransportFailed as error:
                self.log.info("connection.failed", reason=error.reason)
                raise
            self.log.info("connection.opened", remote=stream.remote, tls=self.target.tls)
            self.connection.open(stream)
        return True


def dial(target: Target, timeout: float) -> Stream:
    """Connect, and with TLS look at the far end's certificate.

    Raises:
        TransportFailed: No connection could be made, or the far end is not who it should be.
    """
    begun = monotonic()
    sock = sockets.connect(target.host, target.port, timeout)
    remote = sockets.remote_address(sock, (target.host, target.port))
    if not target.tls:
        return Stream(sock, remote, BACKLOG_LIMIT_BYTES)
    name = None if sockets.family_of(target.host) else target.host
    stream = TLSStream(sock, remote, _context(), server_name=name, backlog_limit=BACKLOG_LIMIT_BYTES)
    try:
        stream.handshake(max(0.0, timeout - (monotonic() - begun)))
        _check(stream, target.fingerprint)
    except BaseException:  # also when the actor that dials is killed
        stream.close(flush=False)
        raise
    return stream


def _check(stream: TLSStream, fingerprint: str | None) -> None:
    shown = stream.peer_certificate
    if fingerprint is not None and not (shown and fingerprint_matches(fingerprint, shown)):
        peer = sockets.address_text(stream.remote)
        raise TransportFailed(f"the certificate of {peer} does not match its fingerprint", peer, "tls")


@cache
def _context() -> ssl.SSLContext:
    return self_signed_context()
