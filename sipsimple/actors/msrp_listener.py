"""Listening for MSRP connections, and giving each to the session that it asks for.

One port serves every session: which one a connection is for stands in the
To-Path of its first request (RFC 4975 sections 5.4 and 7.3).
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from gevent import Timeout

from sipsimple.actors.msrp_connection import BACKLOG_LIMIT_BYTES
from sipsimple.actors.msrp_messages import ConnectionBound
from sipsimple.actors.runtime import Actor, ChildSpec, Logger, Ref, Restart, Supervisor, get_logger
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.listeners import start_listener
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tcp import TCPAcceptor, TCPPort
from sipsimple.actors.wire.tls import Certificate, self_signed_certificate, server_context
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import ActorDied, RemoteProtocolError, TransportFailed
from sipsimple.protocols.msrp.chunk import response
from sipsimple.protocols.msrp.framer import MAX_CHUNK_BYTES, Framer

if TYPE_CHECKING:
    import ssl

    from sipsimple.actors.wire.sockets import Address, Socket
    from sipsimple.protocols.msrp.message import MSRPData

GREETING_TIMEOUT = 30.0
GREETING_CHUNK_BYTES = 1024 * 1024  # strangers get less memory than peers
UNBOUND_LIMIT = 256
NO_SUCH_SESSION = 481


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
    """

    def __init__(
        self, host: str, tcp: TCPPort, certificate: Certificate | None, supervisor: Supervisor, log: Logger
    ) -> None:
        self.host = host
        self.port = tcp.local[1]
        self.tls = certificate is not None
        self.fingerprint = certificate.fingerprint if certificate else None
        self.unbound: dict[Stream, None] = {}
        self.unbound_limit = UNBOUND_LIMIT
        self._tcp = tcp
        self._context: ssl.SSLContext | None = server_context(certificate) if certificate else None
        self._supervisor = supervisor
        self._log = log
        self._expected: dict[str, Ref] = {}
        self._numbers = count(1)

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

    def expected(self, session_id: str | None) -> Ref | None:
        """Who keeps this session; None when nobody does."""
        return self._expected.get(session_id) if session_id is not None else None

    def start(self) -> None:
        """Begin to accept."""
        start_listener(self._supervisor, self.child_id, TCPAcceptor, self._tcp, self._accept)

    def close(self) -> None:
        """Stop accepting, and close the connections that are no session's yet."""
        self._tcp.close()
        self._supervisor.terminate_child(self.child_id)
        for stream in tuple(self.unbound):
            stream.close(flush=False)
        self._expected.clear()

    def _accept(self, sock: Socket, remote: Address) -> None:
        if len(self.unbound) >= self.unbound_limit:
            oldest = next(iter(self.unbound))
            del self.unbound[oldest]
            self._log.warning("connection.ended", reason="too many have not named their session", peer=oldest.remote)
            oldest.close(flush=False)
        if self._context is None:
            stream = Stream(sock, remote, BACKLOG_LIMIT_BYTES)
        else:
            stream = TLSStream(sock, remote, self._context, server_side=True, backlog_limit=BACKLOG_LIMIT_BYTES)
        greeter = ChildSpec(
            f"{self.child_id} greeter-{next(self._numbers)}",
            MSRPGreeter,
            (stream, self),
            Restart.TEMPORARY,
            shutdown=1.0,
        )
        self.unbound[stream] = None
        try:
            self._supervisor.start_child(greeter)
        except ActorDied:
            self.unbound.pop(stream, None)
            stream.close(flush=False)


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
        listener = MSRPListener(host, tcp, certificate, self._supervisor, self._log)
        listener.start()
        return listener


class MSRPGreeter(Actor):
    """Learns which session an accepted connection is for, hands it over, and ends."""

    def __init__(self, stream: Stream, listener: MSRPListener) -> None:
        super().__init__()
        self.stream = stream
        self.listener = listener
        self.framer = Framer(max_chunk=GREETING_CHUNK_BYTES)
        self.is_handed_over = False

    def run(self) -> None:
        """Shake hands, read until it is known which session the first chunk is for; within 30 seconds."""
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
            self.log.info("connection.refused", reason=refusal, remote=self.stream.remote)

    def incarnation_ended(self) -> None:
        """Close the connection unless a session has it."""
        self.listener.unbound.pop(self.stream, None)
        if not self.is_handed_over:
            self.stream.close()

    def _greet(self) -> str:
        """Hand the connection over, when it is known for whom it is; return why not, or nothing."""
        self.stream.handshake(GREETING_TIMEOUT)
        chunks: list[MSRPData] = []
        while not chunks and self._chat_for(self.framer.head) is None:
            data = self.stream.read()
            if not data:
                return "closed without a request"
            chunks = self.framer.feed(data)
        first = chunks[0] if chunks else self.framer.head
        assert first is not None
        chat = self._chat_for(first)
        self.framer.max_chunk = MAX_CHUNK_BYTES
        if chat is not None:
            self.is_handed_over = chat.tell(ConnectionBound(self.stream, self.framer, tuple(chunks)))
        if self.is_handed_over:
            return ""
        self._answer_no_such_session(first)
        return "no such session"

    def _chat_for(self, chunk: MSRPData | None) -> Ref | None:
        """Who keeps the session that a request asks for; None when nobody does, or it is no request."""
        path = None if chunk is None or chunk.method is None else chunk.to_path
        return self.listener.expected(path[-1].session_id) if path else None

    def _answer_no_such_session(self, request: MSRPData) -> None:
        answer = response(request, NO_SUCH_SESSION) if request.method not in (None, "REPORT") else None
        if answer is not None:
            self.stream.write(answer.encode())
