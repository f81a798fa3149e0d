"""One connection to an MSRP relay, shared by the sessions whose path leads through it (RFC 4976).

For a session it stands where its listener does: `expect`, `forget`, and `join` in the place of dialling.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sipsimple.actors.msrp.messages import ConnectionLost
from sipsimple.actors.msrp.session_stream import SessionStream
from sipsimple.actors.msrp.shared import SharedConnection
from sipsimple.protocols.msrp.relay import relay as core
from sipsimple.protocols.msrp.uri import session_id_of

if TYPE_CHECKING:
    from sipsimple.actors.msrp.gate import Gate
    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.wire.stream import Stream
    from sipsimple.protocols.msrp.message import MSRPData

EARLY_CHUNKS = 64
"""So many may come for a session that does not know its peer's path yet."""


class RelayConnection(SharedConnection):
    """The connection to the relay: it stays without sessions too, and the answers to AUTH are its keeper's."""

    __slots__ = ("_keeper", "_relay")

    def __init__(self, stream: Stream, relay: Ref) -> None:
        super().__init__(stream)
        self._relay = relay
        self._keeper = SessionStream(self, "", relay)
        self.use()

    def find(self, chunk: MSRPData) -> SessionStream | None:
        """The session that a chunk is for, or who keeps the path."""
        is_answer = chunk.method is None and core.awaits(self._relay.state.reservation, chunk)
        return self._keeper if is_answer else super().find(chunk)

    def lose(self, clean: bool, reason: str) -> None:
        """Tell every session, and who keeps the path."""
        is_news = not self.is_over
        super().lose(clean, reason)
        if is_news:
            self._relay.insist(ConnectionLost(clean, reason))

    def _start_grace(self) -> None:
        """Stay: the path is given back by closing the connection, and that is not for the last session to do."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a session gets when it joins.

    Attributes:
        stream: To write to.
        chunks: What came for it already.
    """

    stream: SessionStream
    chunks: tuple[MSRPData, ...] = field(repr=False)


@dataclass(slots=True)
class _Expected:
    """A session that has not joined."""

    session: Ref
    early: list[MSRPData]


class MSRPRelayPort:
    """Where the sessions behind one relay meet its connection.

    Attributes:
        path: What stands before a session's own URI in its `a=path`; empty until the relay has granted it.
        connection: None before it is made and after it is lost.
        is_direct: There is no relay: the peer connects to the session's listener.
    """

    def __init__(self) -> None:
        self.is_direct = False
        self.path: tuple[str, ...] = ()
        self.connection: RelayConnection | None = None
        self._expected: dict[str, _Expected] = {}

    @property
    def stream(self) -> Stream | None:
        """What is written to, None while there is no connection."""
        return None if self.connection is None else self.connection.stream

    def expect(self, session_id: str, session: Ref) -> None:
        """Keep what comes for this session, until it joins or `forget`."""
        known = self._expected.get(session_id)
        if known is None or known.session is not session:
            self._expected[session_id] = _Expected(session, [])

    def forget(self, session_id: str) -> None:
        """Let what comes for this session be answered 481."""
        self._expected.pop(session_id, None)
        joined = None if self.connection is None else self.connection.sessions.get(session_id)
        if joined is not None:
            joined.close()

    def early(self, session_id: str) -> int:
        """How much is kept for a session that has not joined."""
        known = self._expected.get(session_id)
        return 0 if known is None else len(known.early)

    def keep(self, chunk: MSRPData) -> bool:
        """Keep a chunk for a session that is expected, as long as there is room; tell whether it is expected."""
        known = self._expected.get(session_id_of(chunk.fields.get("To-Path", "")))
        if known is None:
            return False
        if len(known.early) < EARLY_CHUNKS:
            known.early.append(chunk)
        return True

    def join(self, session_id: str, session: Ref, gate: Gate | None = None) -> Joined | None:
        """Begin to use the relay: from now on `session` is told `ChunksReceived`, and `ConnectionLost` once.

        Returns:
            None when the connection is gone.
        """
        connection = self.connection
        if connection is None or connection.is_over:
            return None
        known = self._expected.pop(session_id, None)
        stream = SessionStream(connection, session_id, session, gate)
        connection.sessions[session_id] = stream
        if gate is not None:
            connection.expect_files()
        return Joined(stream, tuple(known.early) if known is not None else ())

    def lose(self, clean: bool, reason: str) -> None:
        """Close the connection; every session is told that it is gone."""
        connection, self.connection = self.connection, None
        self._expected.clear()
        if connection is not None:
            connection.lose(clean, reason)
            connection.close()
