"""What the connection of an MSRP session tells the actor that keeps the session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.actors.msrp_session_stream import SessionStream
    from sipsimple.actors.wire.stream import Stream
    from sipsimple.protocols.msrp.message import MSRPData


@dataclass(frozen=True, slots=True)
class ConnectionMade:
    """The connection that was dialled is open; the stream is the receiver's now, to read and to close."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class ConnectionJoined:
    """The connection that a session asked for is open; what comes for the session is told from now on.

    Attributes:
        stream: The session's part of it, to write to and to close.
    """

    stream: SessionStream


@dataclass(frozen=True, slots=True)
class ConnectionFailed:
    """No connection could be made, or the far end is not who it should be."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionBound:
    """A peer asks for this session on its connection; nothing more is read of it before the session takes it up.

    Attributes:
        stream: The session's part of the connection, to take up or to close.
        chunks: What came already; none while the first is not complete.
        head: That first one as far as it has come.
    """

    stream: SessionStream
    chunks: tuple[MSRPData, ...] = field(repr=False)
    head: MSRPData | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ChunksReceived:
    """The chunks of one read, in order, at least one."""

    chunks: tuple[MSRPData, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection has ended; the last thing its reader tells.

    Attributes:
        clean: The far end closed it in the ordinary way.
    """

    clean: bool
    reason: str
