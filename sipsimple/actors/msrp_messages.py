"""What the connection of an MSRP session tells the actor that keeps the session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.actors.wire.stream import Stream
    from sipsimple.protocols.msrp.framer import Framer
    from sipsimple.protocols.msrp.message import MSRPData


@dataclass(frozen=True, slots=True)
class ConnectionMade:
    """The connection that was dialled is open; the stream is the receiver's now, to read and to close."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class ConnectionFailed:
    """No connection could be made, or the far end is not who it should be."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionBound:
    """A peer connected and asked for this session.

    The stream is the receiver's now, to read and to close. The framer may hold
    the beginning of the next chunk.

    Attributes:
        chunks: What came already; none while the first, whose head the framer has, is not complete.
    """

    stream: Stream
    framer: Framer
    chunks: tuple[MSRPData, ...] = field(repr=False)


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
