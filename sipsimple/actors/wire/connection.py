"""One SIP connection over TCP or TLS: what it holds, and the actor that opens and reads it.

The connection is a value to its readers: a reader that crashed goes on with
the next message, on the same stream, framer and queue (RFC 3261 section 18.3,
keep-alives of RFC 5626 section 4.4.1).
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from sipsimple.actors.runtime import Actor, Ref
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.actors.wire.sockets import address_text
from sipsimple.actors.wire.stream import Stream
from sipsimple.errors import RemoteProtocolError, TransportFailed
from sipsimple.protocols.sip.framer import Framer, Item, KeepAlive, Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sipsimple.actors.wire.receiver import Receiver, Trace
    from sipsimple.protocols.sip.transport import Flow

HANDSHAKE_TIMEOUT = 10.0
WAITING_LIMIT = 1024
PONG = b"\r\n"


class Waiting(NamedTuple):
    """One message that waits for the connection to open."""

    data: bytes
    sender: Ref | None
    token: Hashable


class Connection:
    """A connection from the first thing that was to be sent, or from its acceptance, until its end.

    Args:
        flow: Its addresses and its number; `local` is what our Via and Contact say.
        opened: The accepted stream, or what opens one and may wait.
        on_end: Called once, when it has ended.

    Attributes:
        failure: Why it ended; None while it lives, and when it ended in the ordinary way.
    """

    __slots__ = (
        "_dial", "_on_end", "failure", "flow", "framer", "has_ended", "is_open", "received", "stream", "waiting",
    )  # fmt: skip

    def __init__(self, flow: Flow, opened: Stream | Callable[[], Stream], on_end: Callable[[Connection], None]) -> None:
        self.flow = flow
        self.stream: Stream | None = None
        self.framer = Framer()
        self.received: deque[Item] = deque()
        self.waiting: deque[Waiting] = deque()
        self.is_open = False
        self.has_ended = False
        self.failure: TransportFailed | None = None
        self._dial: Callable[[], Stream] | None = None
        self._on_end = on_end
        if isinstance(opened, Stream):
            self.stream = opened
        else:
            self._dial = opened

    def send(self, data: bytes, sender: Ref | None, token: Hashable) -> None:
        """Write a message, or queue it until the connection is open.

        Raises:
            TransportFailed: It has ended, or too much waits.
        """
        if self.has_ended:
            raise self._ended()
        if self.is_open and self.stream is not None:
            self.stream.write(data)
        elif len(self.waiting) < WAITING_LIMIT:
            self.waiting.append(Waiting(data, sender, token))
        else:
            raise self._failed("too much waits for the connection")

    def receive(self) -> bool:
        """Open the connection if it is not open, wait for bytes, and add what they complete to `received`.

        Returns False at the end of the stream.

        Raises:
            TransportFailed: The far end cannot be reached or trusted, or the connection broke.
            RemoteProtocolError: What it sends cannot be told apart into messages.
        """
        if self.framer.error is not None:
            raise self.framer.error
        stream = self.stream if self.is_open and self.stream is not None else self._open()
        data = stream.read()
        self.received.extend(self.framer.feed(data))
        return bool(data)

    def _open(self) -> Stream:
        if self.stream is None:
            assert self._dial is not None
            self.stream = self._dial()
        stream = self.stream
        stream.handshake(HANDSHAKE_TIMEOUT)
        if self.has_ended:
            stream.close(flush=False)
            raise self._ended()
        self.is_open = True
        while self.waiting:
            stream.write(self.waiting[0].data)
            self.waiting.popleft()
        return stream

    def end(self, error: TransportFailed | None = None) -> None:
        """Close the stream, tell everybody whose message still waits, and be forgotten."""
        if self.stream is not None:  # also when it has ended: the stream may have been opened since
            self.stream.close()
        if self.has_ended:
            return
        self.has_ended = True
        self.is_open = False
        self.failure = error
        failure = self._ended()
        for each in self.waiting:
            if each.sender is not None:
                each.sender.tell(SendFailed(each.token, failure))
        self.waiting.clear()
        self._on_end(self)

    def _ended(self) -> TransportFailed:
        return self.failure or self._failed("the connection has ended")

    def _failed(self, reason: str) -> TransportFailed:
        return TransportFailed(reason, address_text(self.flow.remote), self.flow.transport)


class SIPConnection(Actor):
    """Opens one connection if need be, reads it, and gives each message to the receiver."""

    def __init__(self, connection: Connection, receiver: Receiver, trace: Trace) -> None:
        super().__init__()
        self.connection = connection
        self.receiver = receiver
        self.trace = trace

    def run(self) -> None:
        """Read until the stream ends, breaks or cannot be understood."""
        received = self.connection.received
        while True:
            while received:  # first what a crashed incarnation had read and not given to the receiver
                self._deliver(received.popleft())
            if not self._receive():
                return

    def stopped(self, reason: str) -> None:
        """Close the connection, whoever ended it."""
        self.log.info("connection.closed", reason=reason, remote=self.connection.flow.remote)
        self.connection.end()

    def _receive(self) -> bool:
        try:
            return self.connection.receive()
        except RemoteProtocolError as error:
            self.log.warning("stream.not_understood", reason=error.reason, remote=self.connection.flow.remote)
        except TransportFailed as error:
            self.log.info("connection.failed", reason=error.reason, remote=self.connection.flow.remote)
            self.connection.end(error)
        return False

    def _deliver(self, item: Item) -> None:
        flow = self.connection.flow
        if isinstance(item, KeepAlive):
            if item is KeepAlive.PING and self.connection.stream is not None:
                with suppress(TransportFailed):  # the next read finds it closed
                    self.connection.stream.write(PONG)
            return
        if self.trace.hook is not None:
            self.trace.hook(True, item.head if isinstance(item, Malformed) else bytes(item), flow)
        if isinstance(item, Malformed):
            self.receiver.malformed(item.head, item.error, flow)
        else:
            self.receiver.receive(item, flow)
