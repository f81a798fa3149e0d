"""A TLS byte stream: the standard library's sans-IO TLS over the plain stream.

`ssl.SSLObject` turns bytes into bytes between two memory buffers; the socket,
the waiting and the backlog are those of `Stream`.
"""

from __future__ import annotations

import errno
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gevent import Timeout

from sipsimple.actors.wire.sockets import address_text
from sipsimple.actors.wire.stream import BACKLOG_LIMIT_BYTES, CHUNK_BYTES, Stream
from sipsimple.actors.wire.tls_failure import TLSFailed, fault_of, fault_text
from sipsimple.errors import LocalProtocolError, TransportFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sipsimple.actors.wire.sockets import Address, Socket

END = (ssl.SSLZeroReturnError, ssl.SSLEOFError)  # with and without a closing alert: the framing tells a cut message

RECORD_BYTES = 16 * 1024 + 512  # the largest record, with its head and padding
GATHERED_BYTES = 256 * 1024
_gathered = memoryview(bytearray(GATHERED_BYTES))


class TLSStream(Stream):
    """A TLS byte stream; `handshake` comes before the first read or write.

    Attributes:
        peer_certificate: The far end's certificate in DER after the handshake, None when it showed none.

    Args:
        sock: The connected socket.
        remote: The address of the far end.
        context: How to speak TLS, and whether to trust.
        server_side: The far end opened the connection.
        server_name: Which server is meant, for a server of many names (SNI).
        backlog_limit: So many bytes may wait.
        verify: Looks at the far end's certificate at the end of the handshake; raises `ssl.SSLCertVerificationError`.
    """

    __slots__ = ("_incoming", "_outgoing", "_shaken", "_tls", "_verify", "peer_certificate")

    transport = "tls"

    def __init__(
        self,
        sock: Socket,
        remote: Address,
        context: ssl.SSLContext,
        server_side: bool = False,
        server_name: str | None = None,
        backlog_limit: int = BACKLOG_LIMIT_BYTES,
        verify: Callable[[bytes | None], None] | None = None,
    ) -> None:
        super().__init__(sock, remote, backlog_limit)
        self.peer_certificate = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = context.wrap_bio(self._incoming, self._outgoing, server_side, server_name)
        self._shaken = False
        self._verify = verify

    @property
    def cipher(self) -> str:
        """The version of TLS and the cipher in use, after the handshake."""
        name, version, _bits = (self._tls and self._tls.cipher()) or ("", "", 0)
        return f"{version} {name}".strip()

    def handshake(self, timeout: float) -> None:
        """Agree on keys with the far end, and verify it when the context says so.

        A handshake that was interrupted goes on where it was; one that is done stays done.

        Raises:
            TransportFailed: The far end refused, was refused, or took longer than `timeout` seconds.
        """
        limit = Timeout.start_new(timeout)
        try:
            while not self._shaken:
                self._shake()
        except Timeout as expired:
            if expired is not limit:
                raise
            raise self._fail(TimeoutError(errno.ETIMEDOUT, "TLS handshake timed out")) from None
        finally:
            limit.close()

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """As `Stream.read`."""
        while self._tls is not None and not self.closed:
            try:
                return self._decrypted(self._tls, size)
            except ssl.SSLWantReadError:
                self._flush()
                self._take(size - RECORD_BYTES)  # with what is left of a record, it fits into one read
            except END:
                return b""
            except ssl.SSLError as error:
                raise self._refuse(error) from error
        return self._end()

    def _decrypted(self, tls: ssl.SSLObject, size: int) -> bytes:
        """Return what is there, of as many records as fit: OpenSSL gives one of 16 KiB at a time.

        They are gathered in a buffer of all streams, which nobody else uses as this does not wait.
        """
        read: Any = tls.read  # with a buffer it returns how much it has read
        room = _gathered[: min(size, GATHERED_BYTES)]
        filled = read(len(room), room)
        with suppress(ssl.SSLError):  # no more for now, or for a reason that the next read will find too
            while filled and filled < len(room) and (more := read(len(room) - filled, room[filled:])):
                filled += more
        return bytes(room[:filled])

    def write(self, data: bytes) -> None:
        """As `Stream.write`."""
        self._encrypt(data)
        self._send((self._outgoing.read(),))

    def write_parts(self, parts: Sequence[Any]) -> None:
        """As `Stream.write_parts`."""
        self._encrypt(b"".join(parts))  # a record for each part would cost more
        self._send((self._outgoing.read(),))

    def write_soon(self, data: bytes) -> None:
        """As `Stream.write_soon`."""
        self._encrypt(data)
        super().write_soon(self._outgoing.read())

    def _encrypt(self, data: bytes) -> None:
        if not self._shaken:
            raise LocalProtocolError("cannot write before the TLS handshake")
        if self._tls is not None and not self.closed:
            view = memoryview(data)
            try:
                while view:
                    view = view[self._tls.write(view) :]
            except ssl.SSLError as error:
                raise self._refuse(error) from error

    def close(self, flush: bool = True) -> None:
        """As `Stream.close`; the far end is told that this was the last byte."""
        if flush and self._shaken and self._tls is not None and not self.closed:
            with suppress(ssl.SSLError):  # the far end's closing alert is not waited for
                self._tls.unwrap()
            self._flush_quietly()
        super().close(flush)

    def _shake(self) -> None:
        if self._tls is None or self.closed:
            raise self._failure(self._error or ConnectionError("closed in the TLS handshake")) from self._error
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            self._take()
        except (ssl.SSLError, ssl.CertificateError) as error:
            raise self._refuse(error) from error
        else:
            self.peer_certificate = self._tls.getpeercert(binary_form=True)
            self._look_at_certificate()
            self._flush()
            self._shaken = True

    def _look_at_certificate(self) -> None:
        try:
            if self._verify is not None:
                self._verify(self.peer_certificate)
        except ssl.SSLCertVerificationError as error:
            self._outgoing.read()  # our own certificate is not for a stranger
            raise self._refuse(error) from error

    def _take(self, size: int = CHUNK_BYTES) -> None:
        """Wait for bytes from the socket and hand them to TLS."""
        data = self._receive(max(size, RECORD_BYTES))
        if data:
            self._incoming.write(data)
        elif not self.closed:
            self._incoming.write_eof()

    def _flush(self) -> None:
        """Send what TLS has to say."""
        if self._outgoing.pending:
            self._send((self._outgoing.read(),))

    def _flush_quietly(self) -> None:
        with suppress(TransportFailed):  # the stream is ending anyway
            self._flush()

    def _refuse(self, error: Exception) -> TransportFailed:
        """End the connection for a TLS error, after the alert that tells the far end why."""
        self._flush_quietly()
        return self._fail(error)

    def _failure(self, error: Exception) -> TLSFailed:
        peer = address_text(self.remote)
        return TLSFailed(f"connection to {peer} failed: {fault_text(error).lower()}", peer, fault_of(error))

    def _release(self) -> None:
        super()._release()
        self._tls = None  # some 20 KiB of OpenSSL buffers
