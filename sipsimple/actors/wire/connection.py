"""One SIP connection over TCP or TLS: what it holds, and the actor that opens and reads it.

The connection is a value to its readers: a reader that crashed goes on with
the next message, on the same stream, framer and queue (RFC 3261 section 18.3,
keep-alives of RFC 5626 section 4.4.1).
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sipsimple.actors.runtime import Actor, Ref
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.actors.wire.sockets import address_text
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls import HANDSHAKE_TIMEOUT
from sipsimple.actors.wire.unanswered import Unanswered
from sipsimple.errors import RemoteProtocolError, TransportFailed
from sipsimple.protocols.sip.framer import Framer, Item, KeepAlive, Malformed
from sipsimple.protocols.sip.message import MAX_SIZE, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sipsimple.actors.wire.receiver import Receiver, Trace
    from sipsimple.actors.wire.tls_identity import Identities
    from sipsimple.protocols.sip.transport import Flow

WAITING_LIMIT = 1024
PING, PONG = b"\r\n\r\n", b"\r\n"


class Keeper(Protocol):
    """Who knows the connections; called on their changes, must not wait."""

    def opened(self, connection: Connection) -> None:
        """The handshake is done."""

    def spoke(self, connection: Connection) -> None:
        """The first whole message came from the far end."""

    def requested(self, connection: Connection, request: Request) -> None:
        """A request came from a far end that proved who it is."""

    def ended(self, connection: Connection) -> None:
        """It has ended; called once."""


class Waiting(NamedTuple):
    """One message that waits for the connection to open, or for a sign of life of the far end."""

    data: bytes
    sender: Ref | None
    token: Hashable


class Connection:
    """A connection from the first thing that was to be sent, or from its acceptance, until its end.

    Args:
        flow: Its addresses and its number; `local` is what our Via and Contact say.
        opened: The accepted stream, or what opens one and may wait.
        keeper: Told when it opens and ends.
        name: Whom a TLS server is to prove to be; None on the side that accepted.
        handshake_timeout: Seconds.
        now: The time.
        message_bytes: Size that one message may have.

    Attributes:
        failure: Why it ended; None while it lives, and when it ended in the ordinary way.
        identities: Whom the far end has proved to be; None when that was not verified.
        is_stranger: It was accepted, and no whole message came yet.
        is_heard: Something came since the connection opened, or since the last ping.
        begun: When it was made.
        last_active: When something came or went last.
    """

    __slots__ = (
        "_dial", "_keeper", "_now", "begun", "failure", "flow", "framer", "handshake_timeout", "has_ended",
        "identities", "is_heard", "is_open", "is_stranger", "last_active", "name", "received", "stream",
        "unanswered", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        flow: Flow,
        opened: Stream | Callable[[], Stream],
        keeper: Keeper,
        name: str | None = None,
        handshake_timeout: float = HANDSHAKE_TIMEOUT,
        now: Callable[[], float] = monotonic,
        message_bytes: int = MAX_SIZE,
    ) -> None:
        self.flow = flow
        self.name = name
        self.handshake_timeout = handshake_timeout
        self.stream: Stream | None = None
        self.framer = Framer(message_bytes)
        self.received: deque[Item] = deque()
        self.waiting: deque[Waiting] = deque()
        self.unanswered = Unanswered(WAITING_LIMIT)
        self.is_open = self.has_ended = self.is_heard = False
        self.is_stranger = isinstance(opened, Stream)
        self.failure: TransportFailed | None = None
        self.identities: Identities | None = None
        self._dial: Callable[[], Stream] | None = None
        self._keeper = keeper
        self._now = now
        self.begun = self.last_active = now()
        if isinstance(opened, Stream):
            self.stream = opened
        else:
            self._dial = opened

    @property
    def is_dialled(self) -> bool:
        """Whether this side opened it."""
        return self._dial is not None

    def send(self, data: bytes, sender: Ref | None, token: Hashable) -> None:
        """Write a message, or queue it until the connection is open.

        Raises:
            TransportFailed: It has ended, or too much waits.
        """
        if self.has_ended:
            raise self._ended()
        if self.is_open and self.stream is not None:
            self._write(Waiting(data, sender, token), self.stream)
        elif len(self.waiting) < WAITING_LIMIT:
            self.waiting.append(Waiting(data, sender, token))
        else:
            raise self._failed("too much waits for the connection")

    def ping(self, sender: Ref | None, token: Hashable) -> None:
        """Ask the far end for a sign of life: until one comes, an end of the connection is told to `sender`.

        RFC: 5626 4.4.1.
        """
        self.is_heard = False
        self.send(PING, sender, token)

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
        self.last_active = self._now()
        if data and not self.is_heard:
            self.is_heard = True
            self.unanswered.heard()
        items = self.framer.feed(data)
        if self.unanswered:
            self.unanswered.take(items)
        self.received.extend(items)
        return bool(data)

    def pong(self) -> None:
        """Answer a keep-alive."""
        if self.stream is not None:
            with suppress(TransportFailed):  # the next read finds it closed
                self.stream.write(PONG)

    def tell(self, item: Item) -> None:
        """Tell the keeper what came, as far as it matters to it."""
        if self.is_stranger:
            self.is_stranger = False
            self._keeper.spoke(self)
        if self.identities is not None and isinstance(item, Request):
            self._keeper.requested(self, item)

    def end(self, error: TransportFailed | None = None) -> None:
        """Close the stream, tell everybody whose message still waits, and be forgotten."""
        if self.stream is not None:  # also when it has ended: the stream may have been opened since
            self.stream.close()
        if self.has_ended:
            return
        self.has_ended = True
        self.failure = error
        failure = self._ended()
        waiting = [(each.sender, each.token) for each in self.waiting if each.sender is not None]
        self.waiting.clear()
        for sender, token in (*self.unanswered.emptied(), *waiting):
            sender.tell(SendFailed(token, failure))
        self._keeper.ended(self)
        self.is_open = False

    def _open(self) -> Stream:
        if self.stream is None:
            assert self._dial is not None
            self.stream = self._dial()
        stream = self.stream
        stream.handshake(self.handshake_timeout)
        if self.has_ended:
            stream.close(flush=False)
            raise self._ended()
        self.is_open = True
        self._keeper.opened(self)
        while self.waiting:
            self._write(self.waiting[0], stream)
            self.waiting.popleft()
        return stream

    def _write(self, message: Waiting, stream: Stream) -> None:
        """Write; until the far end is heard, all of it may be lost: TLS 1.3 refuses us only afterwards."""
        stream.write(message.data)
        self.last_active = now = self._now()
        if message.sender is not None:
            is_doubtful = not self.is_heard and (self.is_dialled or message.data is PING)
            self.unanswered.add(message.sender, message.token, now, is_doubtful=is_doubtful)

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
        connection = self.connection
        if isinstance(item, KeepAlive):
            if item is KeepAlive.PING:
                connection.pong()
            return
        flow = connection.flow
        if self.trace.hook is not None:
            self.trace.hook(True, item.head if isinstance(item, Malformed) else bytes(item), flow)
        if isinstance(item, Malformed):
            self.receiver.malformed(item.head, item.error, flow)
            return
        if connection.is_stranger or connection.identities is not None:
            connection.tell(item)
        self.receiver.receive(item, flow)
