"""One connection to an MSRP relay, shared by the sessions whose path leads through it (RFC 4976).

For a chat it stands where its listener does: `expect`, `forget`, and `join` in the place of dialling.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sipsimple.actors.msrp_messages import ConnectionLost
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp.uri import URI

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.wire.sockets import Address
    from sipsimple.actors.wire.stream import Stream
    from sipsimple.protocols.msrp.message import MSRPData

EARLY_CHUNKS = 64
"""So many may come for a session that does not know its peer's path yet."""


class RelayedStream:
    """The part of the relay's connection that one session writes to; closing it closes nothing but this part."""

    __slots__ = ("_port", "_session_id", "_stream", "closed")

    def __init__(self, port: MSRPRelayPort, session_id: str, stream: Stream) -> None:
        self._port = port
        self._session_id = session_id
        self._stream = stream
        self.closed = False

    @property
    def remote(self) -> Address:
        """The address of the relay."""
        return self._stream.remote

    @property
    def local(self) -> Address:
        """The address of our end."""
        return self._stream.local

    @property
    def backlog_bytes(self) -> int:
        """How much waits to be sent, of all sessions."""
        return self._stream.backlog_bytes

    def write(self, data: bytes) -> None:
        """As `Stream.write`."""
        self._stream.write(data)

    def write_soon(self, data: bytes) -> None:
        """As `Stream.write_soon`."""
        self._stream.write_soon(data)

    def close(self, flush: bool = True) -> None:
        """Leave the relay; what was written still leaves, whatever `flush` says."""
        del flush  # the connection belongs to others too
        if not self.closed:
            self.closed = True
            self._port.forget(self._session_id)


@dataclass(frozen=True, slots=True)
class Joined:
    """What a session gets when it joins.

    Attributes:
        stream: To write to.
        chunks: What came for it already.
    """

    stream: RelayedStream
    chunks: tuple[MSRPData, ...] = field(repr=False)


@dataclass(slots=True)
class _Session:
    """A session that is expected; `has_joined` once it takes its chunks itself."""

    chat: Ref
    early: list[MSRPData]
    has_joined: bool = False


class MSRPRelayPort:
    """Where the sessions behind one relay meet its connection.

    Attributes:
        path: What stands before a session's own URI in its `a=path`; empty until the relay has granted it.
        stream: The connection; None before it is made and after it is lost.
    """

    def __init__(self) -> None:
        self.path: tuple[str, ...] = ()
        self.stream: Stream | None = None
        self._sessions: dict[str, _Session] = {}

    def expect(self, session_id: str, chat: Ref) -> None:
        """Keep what comes for this session, until it joins or `forget`."""
        known = self._sessions.get(session_id)
        if known is None or known.chat is not chat:
            self._sessions[session_id] = _Session(chat, [])

    def forget(self, session_id: str) -> None:
        """Let what comes for this session be answered 481."""
        self._sessions.pop(session_id, None)

    def join(self, session_id: str, chat: Ref) -> Joined | None:
        """Begin to use the relay: from now on `chat` is told `ChunksReceived`, and `ConnectionLost` once.

        Returns:
            None when the connection is gone.
        """
        if self.stream is None or self.stream.closed:
            return None
        session = self._sessions.setdefault(session_id, _Session(chat, []))
        session.has_joined = True
        early, session.early = tuple(session.early), []
        return Joined(RelayedStream(self, session_id, self.stream), early)

    def chat_for(self, chunk: MSRPData) -> Ref | None:
        """Who takes this chunk now; one for a session that has not joined is kept, as long as there is room.

        Raises:
            LookupError: No such session is expected.
        """
        session = self._sessions[session_of(chunk)]
        if session.has_joined:
            return session.chat
        if len(session.early) < EARLY_CHUNKS:
            session.early.append(chunk)
        return None

    def chats(self) -> list[Ref]:
        """The sessions that have joined."""
        return [each.chat for each in self._sessions.values() if each.has_joined]

    def lose(self, clean: bool, reason: str) -> None:
        """Tell every session that the connection is gone."""
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
        chats = self.chats()
        self._sessions.clear()
        for chat in chats:
            chat.insist(ConnectionLost(clean, reason))


def session_of(chunk: MSRPData) -> str:
    """The session id in the last URI of To-Path, empty without one."""
    try:
        return URI.parse(chunk.fields.get("To-Path", "").rpartition(" ")[2]).session_id or ""
    except RemoteProtocolError:
        return ""
