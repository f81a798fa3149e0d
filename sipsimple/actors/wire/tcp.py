"""Listening for TCP connections: the bound socket, and the actor that accepts."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.runtime import Actor
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.waiting import Readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.wire.sockets import Address, Socket

BATCH = 64
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
EXHAUSTED_PAUSE = 0.25  # seconds; what is exhausted does not come back by asking faster


class TCPPort:
    """A listening TCP socket; one greenlet accepts.

    Attributes:
        local: The bound address.
    """

    __slots__ = ("_readable", "_socket", "local")

    def __init__(self, sock: Socket) -> None:
        self.local = sockets.address_of(sock.getsockname())
        self._socket: Socket | None = sock
        self._readable = Readable(sock.fileno())

    def wait(self) -> bool:
        """Wait until connections may have come; False once the port is closed."""
        if self._socket is not None:
            self._readable.wait()
        return self._socket is not None

    def take(self) -> tuple[Socket, Address] | None:
        """Accept one connection; None when none waits.

        Raises:
            OSError: The system has no descriptor or no memory left for it.
        """
        if self._socket is None:
            return None
        try:
            return sockets.accept(self._socket)
        except OSError as error:
            if error.errno in EXHAUSTED:
                raise
            return None  # none waits, or the one that did has gone

    def close(self) -> None:
        """Close the socket; the acceptor's `wait` returns False."""
        if self._socket is not None:
            self._readable.close()
            self._socket.close()
            self._socket = None


class TCPAcceptor(Actor):
    """Accepts the connections of one port and gives each to `accepted`, which must not wait."""

    def __init__(self, port: TCPPort, accepted: Callable[[Socket, Address], None]) -> None:
        super().__init__()
        self.port = port
        self.accepted = accepted

    def run(self) -> None:
        """Accept until the port is closed; everybody else has a turn after each batch."""
        while self.port.wait():
            for _ in range(BATCH):
                connection = self._take()
                if connection is None:
                    break
                self.accepted(*connection)

    def _take(self) -> tuple[Socket, Address] | None:
        try:
            return self.port.take()
        except OSError as error:
            self.log.warning("connection.not_accepted", reason=str(error), local=self.port.local)
            gevent.sleep(EXHAUSTED_PAUSE)
            return None
