"""A byte stream over a TCP socket: reading waits, writing never does.

One greenlet reads; any may write. What the kernel does not take at once stays
in a bounded backlog that a write watcher drains; what is written "soon" is
collected there until the present turn of the hub is over. A stream belongs to
no greenlet: a reader that was killed is replaced by another on the same
stream, and no byte is lost. All of it happens on one hub, of one process: one
that is forked off has no stream.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from gevent import get_hub

from sipsimple.actors.wire.sockets import WRITABLE, address_of, address_text
from sipsimple.actors.wire.waiting import Readable
from sipsimple.errors import TransportFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sipsimple.actors.wire.sockets import Address, Socket

CHUNK_BYTES = 64 * 1024
BATCH_BYTES = 16 * 1024  # collected, no more: the far end goes to work while this side collects the next
BACKLOG_LIMIT_BYTES = 8 * 1024 * 1024
LINGER = 5.0  # seconds that a closed stream may take to write what it still holds
UNSENT_BYTES = 128 * 1024  # that the kernel may hold beside what is on its way
FAIR_READS = 4  # full reads in a row before other greenlets get their turn


class Stream:
    """A plain TCP byte stream.

    Attributes:
        local: The address of our end.
        remote: The address of the far end.
        closed: Nothing can be written any more.
        when_drained: Called each time when all that was written has been given to the kernel; must not wait.
    """

    __slots__ = (
        "__weakref__",
        "_backlog",
        "_backlog_limit",
        "_error",
        "_full_reads",
        "_linger",
        "_readable",
        "_socket",
        "_writable",
        "closed",
        "local",
        "remote",
        "when_drained",
    )

    transport = "tcp"
    peer_certificate: bytes | None = None

    def __init__(self, sock: Socket, remote: Address, backlog_limit: int = BACKLOG_LIMIT_BYTES) -> None:
        self.closed = False
        self.local = address_of(sock.getsockname())
        self.remote = remote
        self._socket: Socket | None = sock
        self._readable = Readable(sock.fileno())
        self._writable: Any = None
        self._linger: Any = None
        self._backlog: bytearray | None = None
        self._backlog_limit = backlog_limit
        self._full_reads = -1  # below 0: the socket was empty, so wait before reading
        self._error: Exception | None = None
        self.when_drained: Callable[[], None] | None = None
        _streams.add(self)

    @property
    def backlog_bytes(self) -> int:
        """How much was written that the kernel has not been given, or has not taken yet."""
        return len(self._backlog) if self._backlog is not None else 0

    def handshake(self, timeout: float) -> None:
        """Do nothing: only TLS has a handshake."""

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """Wait for bytes and return at most `size` of them; `b""` at the end of the stream.

        A stream that this side closed has ended too.

        Raises:
            TransportFailed: The connection broke; the stream is closed.
        """
        return self._receive(size)

    def write(self, data: bytes) -> None:
        """Send bytes, or keep them until the kernel takes them; never waits.

        Raises:
            TransportFailed: The stream is closed, the connection broke, or the far end has not read
                for so long that the backlog is full; the stream is closed.
        """
        self._send((data,))

    def write_parts(self, parts: Sequence[Any]) -> None:
        """Send several pieces as `write` sends one, without joining them: any objects with the buffer interface.

        Raises:
            TransportFailed: As for `write`.
        """
        self._send(parts)

    def write_soon(self, data: bytes) -> None:
        """Send bytes with all others of this turn of the hub, in one go; never waits.

        They leave in the order of the writes, of `write` too. A connection that
        breaks over them is told by `read`, and by what is written afterwards.

        Raises:
            TransportFailed: As for `write`, but for what only the sending shows.
        """
        if self.closed:
            raise self._refusal()
        if self._backlog is None:
            get_hub().loop.run_callback(self._drain)
        if self._keep(data) >= BATCH_BYTES and self._writable is None:
            self._drain()

    def keep_little(self) -> None:
        """Have the kernel hold little that is not on its way: what is written next is not far behind it."""
        if self._socket is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            with suppress(OSError):  # it is gone already
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)

    def close(self, flush: bool = True) -> None:
        """Close the stream; a waiting reader gets `b""`.

        Args:
            flush: Let the backlog drain first, in the background and for a few seconds at most.
        """
        if not flush:
            self._release()
        elif not self.closed:
            self._drain()
            self.closed = True
            if self._backlog is None:
                self._release()
            else:
                self._linger = get_hub().loop.timer(LINGER)
                self._linger.start(self._release)
                self._readable.interrupt()

    def _receive(self, size: int) -> bytes:
        while True:
            if self._full_reads < 0 and not self.closed:
                self._readable.wait()
            if self.closed or self._socket is None:
                return self._end()
            try:
                data = self._socket.recv(size)
            except BlockingIOError:
                self._full_reads = -1
                continue
            except OSError as error:
                raise self._fail(error) from error
            # A short read emptied the socket. So many full ones are this reader's share of the hub.
            more = len(data) == size and self._full_reads < FAIR_READS
            self._full_reads = self._full_reads + 1 if more else -1
            return data

    def _end(self) -> bytes:
        if self._error is not None:
            raise self._failure(self._error) from self._error
        return b""

    def _send(self, parts: Sequence[Any]) -> None:
        sent = 0
        if self._socket is None or self.closed:
            raise self._refusal()
        if self._backlog is None:
            try:
                sent = self._socket.sendmsg(parts)
            except BlockingIOError:
                pass
            except OSError as error:
                raise self._fail(error) from error
        for part in parts:
            size = len(part)
            if sent < size:
                self._keep(memoryview(part)[sent:])
                self._watch()
            sent = max(0, sent - size)

    def _keep(self, data: bytes | memoryview) -> int:
        backlog = self._backlog
        if backlog is None:
            backlog = self._backlog = bytearray()
        if len(backlog) + len(data) > self._backlog_limit:
            raise self._fail(BufferError(f"the far end does not read, {len(backlog)} bytes wait"))
        backlog += data
        return len(backlog)

    def _watch(self) -> None:
        if self._writable is None and self._socket is not None:
            self._writable = get_hub().loop.io(self._socket.fileno(), WRITABLE)
            self._writable.start(self._drain)

    def _drain(self) -> None:
        """Write from the backlog; called by the hub, so a failure is left for the reader to raise."""
        if self._backlog is None or self._socket is None:
            return  # all that this was called for has left
        try:
            sent = self._socket.send(self._backlog)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._fail(error)
            return
        if sent < len(self._backlog):
            del self._backlog[:sent]
            self._watch()
            return
        self._backlog = None
        if self._writable is not None:
            self._writable.close()
            self._writable = None
        if self.closed:
            self._release()
        elif self.when_drained is not None:
            self.when_drained()

    def _fail(self, error: Exception) -> TransportFailed:
        self._error = error
        self._release()
        return self._failure(error)

    def _refusal(self) -> TransportFailed:
        failure = self._failure(self._error or ConnectionError("the stream is closed"))
        failure.__cause__ = self._error
        return failure

    def _failure(self, error: Exception) -> TransportFailed:
        reason = getattr(error, "strerror", None) or error
        peer = address_text(self.remote)
        return TransportFailed(f"connection to {peer} failed: {str(reason).lower()}", peer, self.transport)

    def leave(self) -> None:
        """Give back the descriptor, without a word to the far end or to who waits here: another process goes on."""
        sock = self._let_go()
        if sock is not None:
            self._readable.leave()
            sock.close()

    def _release(self) -> None:
        """Give back the descriptor and every watcher, at once."""
        sock = self._let_go()
        if sock is None:
            return
        self._readable.close()
        if self._error is None:
            _discard_unread(sock)
        sock.close()

    def _let_go(self) -> Socket | None:
        self.closed = True
        sock, self._socket = self._socket, None
        if sock is not None:
            for watcher in (self._writable, self._linger):
                if watcher is not None:
                    watcher.close()
            self._writable = self._linger = self._backlog = self.when_drained = None
        return sock


_streams: WeakSet[Stream] = WeakSet()


def _forked() -> None:
    for each in tuple(_streams):
        each.leave()


os.register_at_fork(after_in_child=_forked)


def _discard_unread(sock: Socket) -> None:
    """Take what nobody will read: closing over it would reset the connection and lose our last words."""
    for _ in range(FAIR_READS):
        try:
            if not sock.recv(CHUNK_BYTES):
                return
        except OSError:
            return
