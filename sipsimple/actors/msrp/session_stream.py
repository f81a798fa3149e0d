"""The part of an MSRP connection that one session uses; closing it closes nothing but this part.

A session that joined a connection of others may be refused there, by a peer that takes one session on each, or meet
its end: until the peer has answered, what the session has said is kept, to be said again on a connection of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.msrp.messages import ChunksReceived, ConnectionBound, ConnectionFailed, ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.msrp.gate import Gate
    from sipsimple.actors.msrp.shared import SharedConnection
    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.wire.sockets import Address
    from sipsimple.protocols.msrp.message import MSRPData

    Parts = tuple[bytes, bytes, bytes]

ENOUGH_READS = 64  # that may wait for a session before the far end has to wait too
BREATH = 0.005  # seconds between two looks whether a session has caught up
REFUSALS = (481, 506)


class SessionStream:
    """What one session writes to, and how it is told what comes.

    Attributes:
        connection: The one that is shared.
        session_id: Of this side, as in To-Path.
        ref: Who keeps the session.
        gate: Counts what a file has before it; None for what is no file.
        lags: Tells whether so much waits for the application that the far end has to wait; None never does.
        is_told: The session knows of the connection; what comes next is told as `ChunksReceived`.
        is_taken_up: The session has begun to use the connection; until then the reader waits.
        has_moved: It is to repeat what it has said.
        renew: Gives it a connection of its own, as long as the peer may refuse it on this one.
        closed: Nothing is written any more, and nothing told.
    """

    __slots__ = (
        "_words", "closed", "connection", "gate", "has_moved", "is_taken_up", "is_told", "lags", "ref", "renew",
        "session_id",
    )  # fmt: skip

    def __init__(
        self,
        connection: SharedConnection,
        session_id: str,
        ref: Ref,
        gate: Gate | None = None,
        *,
        is_told: bool = True,
    ) -> None:
        self.connection = connection
        self.session_id = session_id
        self.ref = ref
        self.gate = gate
        self.is_told = self.is_taken_up = is_told
        self.has_moved = self.closed = False
        self.lags: Callable[[], bool] | None = None
        self.renew: Callable[[SessionStream], None] | None = None
        self._words: list[bytes] | None = None

    @property
    def remote(self) -> Address | None:
        """The address of the far end."""
        return None if self.connection.stream is None else self.connection.stream.remote

    @property
    def backlog_bytes(self) -> int:
        """How much waits to be sent, of all sessions, the files that wait for their turn apart."""
        return 0 if self.connection.stream is None else self.connection.stream.backlog_bytes

    @property
    def is_alone(self) -> bool:
        """Whether no other session uses the connection."""
        return len(self.connection.sessions) < 2

    @property
    def has_enough(self) -> bool:
        """Whether no more of a file is to be read now: an answer to a chunk of it will come, and then there is room."""
        lanes = self.connection.lanes
        return lanes is not None and lanes.has_enough(self)

    def take_up(self, gate: Gate | None = None) -> None:
        """Begin to use the connection that a peer opened; with a gate, for a file."""
        self.is_taken_up = True
        self.gate = gate
        if gate is not None:
            self.connection.expect_files()

    def write_soon(self, data: bytes) -> None:
        """Write with others of this turn of the hub; what goes wrong is told as `ConnectionLost`."""
        if not self.closed:
            if self._words is not None:
                self._words.append(data)
            self.connection.write(data)

    def write_chunk(self, parts: Parts) -> None:
        """Write a chunk of a file in its turn, after what others write soon."""
        if not self.closed:
            self.connection.write_chunk(self, parts)

    def close(self, flush: bool = True) -> None:
        """Leave the connection; what was written still leaves, whatever `flush` says, but for chunks of a file."""
        del flush  # the connection belongs to others too
        self.closed = True
        self.connection.leave(self)

    # What the connection and its reader ask of it

    def news(self, chunks: tuple[MSRPData, ...]) -> ChunksReceived | ConnectionBound:
        """What to tell of these chunks."""
        return ChunksReceived(chunks) if self.is_told else ConnectionBound(self, chunks, self.connection.framer.head)

    def end(self, news: ConnectionFailed | ConnectionLost) -> None:
        """Be over, whatever room the session has for the news."""
        self.closed = True
        self.ref.insist(news)

    def cut(self, reason: str) -> None:
        """Leave the connection, and have the session told that it is lost."""
        self.close()
        self.end(ConnectionLost(False, reason))

    @property
    def is_behind(self) -> bool:
        """Whether so much waits for it that the far end has to wait."""
        if self.closed or not self.ref.is_alive:
            return False
        if self.gate is not None:
            return self.gate.is_full
        if not self.is_taken_up or self.ref.depth > ENOUGH_READS:
            return True
        return self.lags is not None and self.lags()

    def wait(self) -> None:
        """Wait a moment for it to catch up."""
        if self.gate is not None:
            self.gate.wait()
        else:
            gevent.sleep(BREATH)

    # Beginning anew

    def share(self, renew: Callable[[SessionStream], None]) -> None:
        """Know that the connection was another's first; `renew` gives it one of its own."""
        self.renew, self._words = renew, []

    def is_refused(self, chunk: MSRPData) -> bool:
        """Whether the peer refuses a session that it may refuse; whatever else comes proves that it knows it here."""
        if chunk.code in REFUSALS:
            return True
        self.renew = self._words = None
        return False

    def begin_anew(self) -> bool:
        """Go over to a connection of its own if the peer has not answered on this one; tell whether it does."""
        renew, self.renew = self.renew, None
        if renew is None or self.closed:
            return False
        self.connection.leave(self)
        self.has_moved = True
        renew(self)
        return True

    def repeat(self) -> None:
        """Say again on the new connection what was said on the other."""
        words, self._words, self.has_moved = self._words or [], None, False
        for each in words:
            self.connection.write(each)
