"""Listening for MSRP connections, and giving each to the session that it asks for.

One port serves every session: which ones a connection is for stands in the
To-Path of its requests (RFC 4975 sections 5.4 and 7.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent import Timeout

from sipsimple.actors.msrp.connection import BACKLOG_LIMIT_BYTES, MSRPConnection
from sipsimple.actors.msrp.connections import MSRPConnections
from sipsimple.actors.msrp.shared import SharedConnection
from sipsimple.actors.runtime import Logger, Ref, Supervisor, get_logger
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.listeners import start_listener
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tcp import TCPAcceptor, TCPPort
from sipsimple.actors.wire.tls import Certificate, self_signed_certificate, server_context
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import ActorDied, RemoteProtocolError, TransportFailed

if TYPE_CHECKING:
    import ssl

    from sipsimple.actors.wire.sockets import Address, Socket

GREETING_TIMEOUT = 30.0
GREETING_CHUNK_BYTES = 1024 * 1024  # strangers get less memory than peers
UNBOUND_LIMIT = 256


class MSRPListener:
    """One port where peers connect to our sessions.

    Attributes:
        host: As given, for the `a=path` line.
        port: The bound port.
        tls: Connections speak TLS.
        fingerprint: Of our certificate, for the `a=fingerprint` line; None without TLS.
        unbound: The connections that have not named their session yet, oldest first.
        unbound_limit: How many there may be; one more ends the oldest, so that strangers who say nothing keep
            nobody out.
        connections: All of the engine.
    """

    def __init__(
        self,
        host: str,
        tcp: TCPPort,
        certificate: Certificate | None,
        supervisor: Supervisor,
        connections: MSRPConnections,
        log: Logger,
    ) -> None:
        self.host = host
        self.port = tcp.local[1]
        self.tls = certificate is not None
        self.fingerprint = certificate.fingerprint if certificate else None
        self.unbound: dict[SharedConnection, None] = {}
        self.unbound_limit = UNBOUND_LIMIT
        self._tcp = tcp
        self._context: ssl.SSLContext | None = server_context(certificate) if certificate else None
        self.connections = connections
        self._supervisor = supervisor
        self._log = log
        self._expected: dict[str, Ref] = {}

    @property
    def child_id(self) -> str:
        """The name of the acceptor in the tree."""
        return f"msrp{'s' if self.tls else ''} {sockets.address_text((self.host, self.port))}"

    def expect(self, session_id: str, chat: Ref) -> None:
        """Tell `chat` of each connection that asks for this session, until `forget`."""
        self._expected[session_id] = chat

    def forget(self, session_id: str) -> None:
        """Let connections that ask for this session be answered 481 again."""
        self._expected.pop(session_id, None)

    def expected(self, session_id: str) -> Ref | None:
        """Who keeps this session; None when nobody does."""
        return self._expected.get(session_id)

    def start(self) -> None:
        """Begin to accept."""
        start_listener(self._supervisor, self.child_id, TCPAcceptor, self._tcp, self._accept)

    def deafen(self) -> None:
        """Close the port; who accepts there ends by itself."""
        self._tcp.close()

    def close(self) -> None:
        """Stop accepting, and close the connections that are no session's yet."""
        self.deafen()
        self._supervisor.terminate_child(self.child_id)
        for connection in tuple(self.unbound):
            connection.close()
        self._expected.clear()

    def _accept(self, sock: Socket, remote: Address) -> None:
        if len(self.unbound) >= self.unbound_limit:
            oldest = next(iter(self.unbound))
            del self.unbound[oldest]
            self._log.warning("connection.ended", reason="too many have not named their session", peer=remote)
            oldest.close()
        if self._context is None:
            stream = Stream(sock, remote, BACKLOG_LIMIT_BYTES)
        else:
            stream = TLSStream(sock, remote, self._context, server_side=True, backlog_limit=BACKLOG_LIMIT_BYTES)
        connection = SharedConnection(stream, self.expected)
        connection.limit_chunks(GREETING_CHUNK_BYTES)
        self.unbound[connection] = None
        try:
            self.connections.start(connection, MSRPAccepted, self)
        except ActorDied:
            self.unbound.pop(connection, None)
            connection.close()


class MSRPListeners:
    """The ports for MSRP, opened when first asked for and shared by all sessions.

    Args:
        supervisor: Gets the acceptors and greeters as children.
        log: For what happens outside an actor.
        certificate: Of the TLS ports; None for a self-signed one made at the first need.
    """

    def __init__(
        self, supervisor: Supervisor, log: Logger | None = None, certificate: Certificate | None = None
    ) -> None:
        self._supervisor = supervisor
        self._log = log or get_logger(actor=supervisor.name)
        self._certificate = certificate
        self._connections = MSRPConnections(supervisor)
        self._listeners: dict[tuple[str, int, bool], MSRPListener] = {}

    def get(self, host: str, port: int | None = None, tls: bool = False) -> MSRPListener:
        """The listener of a numeric address, opened if there is none; without a port any that is open will do.

        Raises:
            TransportFailed: The address cannot be bound.
        """
        key = (host, port or 0, tls)
        listener = self._listeners.get(key)
        if listener is None:
            listener = self._open(host, port or 0, tls)
            self._listeners[key] = self._listeners[host, listener.port, tls] = listener
        return listener

    def deafen(self) -> None:
        """Close the ports, and nothing else."""
        for listener in set(self._listeners.values()):
            listener.deafen()

    def close(self) -> None:
        """Stop listening; connections of sessions stay."""
        for listener in set(self._listeners.values()):
            listener.close()
        self._listeners.clear()

    def _open(self, host: str, port: int, tls: bool) -> MSRPListener:
        if tls and self._certificate is None:
            self._certificate = self_signed_certificate(host)
        certificate = self._certificate if tls else None
        tcp = TCPPort(sockets.tcp_listener(host, port))
        listener = MSRPListener(host, tcp, certificate, self._supervisor, self._connections, self._log)
        listener.start()
        return listener


class MSRPAccepted(MSRPConnection):
    """Reads a connection that a peer opened; it has to name a session of ours in time."""

    def __init__(self, connection: SharedConnection, listener: MSRPListener) -> None:
        super().__init__(connection)
        self.listener = listener

    def open(self) -> bool:
        """Shake hands, and read until it is known which session the first chunk is for; within 30 seconds."""
        limit = Timeout.start_new(GREETING_TIMEOUT)
        try:
            refusal = self._greet()
        except Timeout as expired:
            if expired is not limit:
                raise
            refusal = "no request came in time"
        except (TransportFailed, RemoteProtocolError) as error:
            refusal = error.reason
        finally:
            limit.close()
        if refusal:
            self.log.info("connection.refused", reason=refusal, remote=self._stream.remote)
        return not refusal

    @property
    def _stream(self) -> Stream:
        assert self.connection.stream is not None
        return self.connection.stream

    def stopped(self, reason: str) -> None:
        """Close the stream; what was written still leaves."""
        self.listener.unbound.pop(self.connection, None)
        super().stopped(reason)

    def _greet(self) -> str:
        """Learn that the peer has a session here; return why not, or nothing."""
        self._stream.handshake(GREETING_TIMEOUT)
        while not self.connection.is_used:
            if not self.receive():
                return "closed without naming a session of ours"
        self.listener.unbound.pop(self.connection, None)
        return ""
