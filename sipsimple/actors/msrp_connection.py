"""The actors of one MSRP connection: who opens it, and who reads it (RFC 4975 sections 5.4 and 7)."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.msrp_messages import ChunksReceived, ConnectionFailed, ConnectionLost, ConnectionMade
from sipsimple.actors.runtime import Actor, Ref
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls import fingerprint_matches, self_signed_context
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import RemoteProtocolError, TransportFailed
from sipsimple.protocols.msrp.chunk import response
from sipsimple.protocols.msrp.uri import DEFAULT_PORT

if TYPE_CHECKING:
    import ssl

    from sipsimple.actors.msrp_messages import ConnectionBound
    from sipsimple.protocols.msrp.framer import Framer

DIAL_TIMEOUT = 30.0
BACKLOG_LIMIT_BYTES = 64 * 1024 * 1024  # a burst of chat messages may be written faster than any network takes it
MAILBOX_ENOUGH = 64  # reads that may wait for the chat before the far end has to wait too
IN_USE = 506
BREATH = 0.005  # seconds between two looks whether the chat has caught up


class MSRPConnection(Actor):
    """Reads one connection and tells the chat what came.

    While the chat is far behind it does not read, so that the far end's writing
    stalls and this side's memory does not grow. Stream and framer are not its
    own: a reader that crashed goes on with the next byte.
    """

    def __init__(self, stream: Stream, framer: Framer, chat: Ref) -> None:
        super().__init__()
        self.stream = stream
        self.framer = framer
        self.chat = chat

    def run(self) -> None:
        """Read until the stream ends, breaks or cannot be understood, and tell the chat how it ended."""
        try:
            while self.chat.is_alive and self._receive():
                while self._chat_is_behind():
                    gevent.sleep(BREATH)
        except (TransportFailed, RemoteProtocolError) as error:
            self._tell_chat(ConnectionLost(clean=False, reason=error.reason))
        else:
            self._tell_chat(ConnectionLost(clean=True, reason="the connection was closed"))

    def stopped(self, reason: str) -> None:
        """Close the stream; what was written still leaves."""
        self.log.info("connection.closed", reason=reason, remote=self.stream.remote)
        self.stream.close()

    def _receive(self) -> bool:
        if self.framer.error is not None:
            raise self.framer.error
        data = self.stream.read()
        chunks = self.framer.feed(data)
        if chunks:
            self._tell_chat(ChunksReceived(tuple(chunks)))
        return bool(data)

    def _tell_chat(self, message: object) -> None:
        """Tell the chat, when it has room: a part of the stream must not be lost in a flood of messages to send."""
        while not self.chat.tell(message) and self.chat.is_alive:
            gevent.sleep(BREATH)

    def _chat_is_behind(self) -> bool:
        return self.chat.depth > MAILBOX_ENOUGH


class MSRPDialer(Actor):
    """Opens the connection to the first hop of the peer's path, tells the chat, and ends.

    With a fingerprint (`SHA-256 AA:BB:..`) the TLS certificate must match it;
    without one any certificate is taken, as peers use self-signed ones.
    """

    def __init__(
        self,
        chat: Ref,
        host: str,
        port: int | None,
        tls: bool,
        fingerprint: str | None = None,
        timeout: float = DIAL_TIMEOUT,
    ) -> None:
        super().__init__()
        self.chat = chat
        self.host = host
        self.port = DEFAULT_PORT if port is None else port
        self.tls = tls
        self.fingerprint = fingerprint
        self.timeout = timeout

    def run(self) -> None:
        """Connect, and tell how it went."""
        try:
            stream = self._dial()
        except TransportFailed as error:
            self.log.info("connection.failed", reason=error.reason)
            self.chat.tell(ConnectionFailed(error.reason))
            return
        self.log.info("connection.opened", remote=stream.remote, tls=self.tls)
        if not self.chat.tell(ConnectionMade(stream)):
            stream.close()

    def _dial(self) -> Stream:
        begun = monotonic()
        sock = sockets.connect(self.host, self.port, self.timeout)
        remote = sockets.remote_address(sock, (self.host, self.port))
        if not self.tls:
            return Stream(sock, remote, BACKLOG_LIMIT_BYTES)
        name = None if sockets.family_of(self.host) else self.host
        stream = TLSStream(sock, remote, _context(), server_name=name, backlog_limit=BACKLOG_LIMIT_BYTES)
        try:
            stream.handshake(max(0.0, self.timeout - (monotonic() - begun)))
            self._check(stream)
        except BaseException:  # also when this actor is killed
            stream.close(flush=False)
            raise
        return stream

    def _check(self, stream: Stream) -> None:
        shown = stream.peer_certificate
        if self.fingerprint is not None and not (shown and fingerprint_matches(self.fingerprint, shown)):
            peer = sockets.address_text(stream.remote)
            raise TransportFailed(f"the certificate of {peer} does not match its fingerprint", peer, "tls")


def answer_in_use(event: ConnectionBound) -> None:
    """Tell a peer that the session it asks for has its connection already: section 7.3."""
    request = event.chunks[0] if event.chunks else event.framer.head
    answer = response(request, IN_USE) if request is not None and request.method not in (None, "REPORT") else None
    if answer is not None:
        with suppress(TransportFailed):
            event.stream.write(answer.encode())


@cache
def _context() -> ssl.SSLContext:
    return self_signed_context()
