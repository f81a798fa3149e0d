"""What the connection of an MSRP session tells the actor that keeps the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.actors.msrp.session_stream import SessionStream
    from sipsimple.actors.wire.stream import Stream
    from sipsimple.protocols.msrp.message import MSRPData


class ConnectionMade(Value):
    """The connection that was dialled is open; the stream is the receiver's now, to read and to close."""

    stream: Stream


class ConnectionJoined(Value, gc=True):
    """The connection that a session asked for is open; what comes for the session is told from now on.

    Attributes:
        stream: The session's part of it, to write to and to close.
    """

    stream: SessionStream


class ConnectionFailed(Value):
    """No connection could be made, or the far end is not who it should be."""

    reason: str


class ConnectionBound(Discreet, gc=True):
    """A peer asks for this session on its connection; nothing more is read of it before the session takes it up.

    Attributes:
        stream: The session's part of the connection, to take up or to close.
        chunks: What came already; none while the first is not complete.
        head: That first one as far as it has come.
    """

    HIDDEN = ("chunks", "head")

    stream: SessionStream
    chunks: tuple[MSRPData, ...]
    head: MSRPData | None = None


class ChunksReceived(Discreet):
    """The chunks of one read, in order, at least one."""

    HIDDEN = ("chunks",)

    chunks: tuple[MSRPData, ...]


class ConnectionLost(Value):
    """The connection has ended; the last thing its reader tells.

    Attributes:
        clean: The far end closed it in the ordinary way.
    """

    clean: bool
    reason: str
