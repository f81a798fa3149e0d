"""One MSRP connection and the sessions that share it (RFC 4975 section 5.4).

A connection belongs to no session. Each uses a part of it, its `SessionStream`, and gives that back when it ends;
the connection is closed a moment after the last has left. When it is lost, each session is told so, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gevent import get_hub

from sipsimple.actors.msrp.lanes import Lanes
from sipsimple.actors.msrp.messages import ConnectionFailed, ConnectionJoined, ConnectionLost
from sipsimple.actors.msrp.session_stream import SessionStream
from sipsimple.errors import TransportFailed
from sipsimple.protocols.msrp.framer import MAX_CHUNK_BYTES, Framer
from sipsimple.protocols.msrp.uri import session_id_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.msrp.session_stream import Parts
    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.wire.stream import Stream
    from sipsimple.protocols.msrp.message import MSRPData

    Expected = Callable[[str], Ref | None]

GRACE = 1.0  # seconds for which a connection without sessions is kept by the side that opened it
PATIENCE = 5.0  # the other side waits longer, so that no session is begun on what it is about to close
PATHS_PER_SESSION = 4  # ways to write our URI that are remembered
READ_BYTES, READ_FILE_BYTES = 64 * 1024, 256 * 1024
KEPT_BYTES = 4 * 1024 * 1024


class SharedConnection:
    """What is known of one connection, whichever incarnation of its actor reads it.

    Args:
        stream: The connection that a peer opened; None for one that is to be dialled.
        expected: Who keeps the session of this id and has no connection yet; for one that a peer opened.

    Attributes:
        stream: None until it is open.
        framer: Of what comes.
        sessions: Those that use it, by their id.
        lanes: Where chunks of files wait; None before the first.
        undelivered: What was read and not told yet.
        refused: The sessions that have another connection, each with the transaction that was told so at its beginning.
        is_used: A session has used it.
        is_over: It is lost, or about to be closed: no session may join.
        when_over: Called then.
    """

    __slots__ = (
        "__weakref__", "_expected", "_grace", "_paths", "framer", "is_over", "is_used", "lanes", "read_bytes",
        "refused", "sessions", "stream", "undelivered", "when_over",
    )  # fmt: skip

    def __init__(self, stream: Stream | None = None, expected: Expected | None = None) -> None:
        self.stream = stream
        self.framer = Framer()
        self.sessions: dict[str, SessionStream] = {}
        self.undelivered: dict[SessionStream, list[MSRPData]] = {}
        self.refused: dict[str, str] = {}
        self.is_used = self.is_over = False
        self.read_bytes = READ_BYTES
        self.when_over: Callable[[], None] | None = None
        self._expected = expected
        self._paths: dict[str, SessionStream] = {}
        self.lanes: Lanes | None = None
        self._grace: Any = None

    # Sessions come and go

    def join(self, session: SessionStream) -> None:
        """Let a session use it from now on; it is told `ConnectionJoined` as soon as it can write."""
        self._stop_grace()
        self.sessions[session.session_id] = session
        session.connection = self
        if session.gate is not None:
            self.expect_files()
        if self.stream is not None:
            self._admit(session)

    def open(self, stream: Stream) -> None:
        """Be connected, and tell the sessions that wait for it."""
        self.stream = stream
        for session in tuple(self.sessions.values()):
            self._admit(session)
        if not self.sessions:
            self._start_grace()

    def _admit(self, session: SessionStream) -> None:
        self.use()
        if session.has_moved:
            session.repeat()
        elif session.ref.is_alive:
            session.ref.insist(ConnectionJoined(session))  # whatever else waits, messages that are to be sent among it
        else:
            session.close()

    def expect_files(self) -> None:
        """Read in large pieces, and give what comes for a file as it comes."""
        self.read_bytes = READ_FILE_BYTES
        _keep_memory()
        self.framer.streams = self._is_file

    def _is_file(self, fields: dict[str, str]) -> bool:
        path = fields.get("To-Path", "")
        session = self._paths.get(path) or self._find(path)
        return session is not None and session.gate is not None

    def leave(self, session: SessionStream) -> None:
        """Let a session go; the last one shuts the door, after a moment in which others may come."""
        if self.sessions.get(session.session_id) is not session:
            return
        del self.sessions[session.session_id]
        self._paths = {path: each for path, each in self._paths.items() if each is not session}
        self.undelivered.pop(session, None)
        if self.lanes is not None:
            self.lanes.clear(session)
        if not self.sessions and self.stream is not None and not self.is_over:
            self._start_grace()

    def _start_grace(self) -> None:
        self._grace = get_hub().loop.timer(PATIENCE if self._expected else GRACE)
        self._grace.start(self.close)

    def _stop_grace(self) -> None:
        grace, self._grace = self._grace, None
        if grace is not None:
            grace.close()

    @property
    def is_held_up(self) -> bool:
        """Whether this side keeps the far end waiting."""
        return any(each.is_behind for each in self.sessions.values())

    def use(self) -> None:
        """Know that a session uses it."""
        if not self.is_used:
            self.is_used = True
            self.framer.max_chunk = MAX_CHUNK_BYTES

    def limit_chunks(self, size: int) -> None:
        """Take no larger chunk before a session has used the connection: strangers get less memory than peers."""
        self.framer.max_chunk = size

    # Its end

    def close(self) -> None:
        """Be over; what was written still leaves, and the reader ends."""
        self._end()
        if self.stream is not None:
            self.stream.close()

    def lose(self, clean: bool, reason: str) -> None:
        """Tell every session, once, that the connection is gone or could not be made."""
        self._end()
        sessions, self.sessions = self.sessions, {}
        self._paths, self.undelivered = {}, {}
        told = ConnectionFailed(reason) if self.stream is None else ConnectionLost(clean, reason)
        for session in sessions.values():
            if self.stream is None or not session.begin_anew():
                session.end(told)

    def _end(self) -> None:
        self._stop_grace()
        if not self.is_over:
            self.is_over = True
            if self.when_over is not None:
                self.when_over()

    # What comes

    def find(self, chunk: MSRPData) -> SessionStream | None:
        """The session that a chunk is for; one that is expected begins with a request. None: there is no such one."""
        path = chunk.fields.get("To-Path", "")
        return self._paths.get(path) or self._find(path, chunk.method is not None)

    def find_path(self, path: str) -> SessionStream | None:
        """The session that a To-Path names, as `find`."""
        return self._paths.get(path) or self._find(path)

    def _find(self, path: str, may_begin: bool = True) -> SessionStream | None:
        session_id = session_id_of(path)
        session = self.sessions.get(session_id)
        if session is None:
            ref = self._expected(session_id) if may_begin and self._expected is not None else None
            if ref is None or not ref.is_alive or session_id in self.refused:
                return None
            self._stop_grace()
            session = self.sessions[session_id] = SessionStream(self, session_id, ref, is_told=False)
        if len(self._paths) < PATHS_PER_SESSION * len(self.sessions):
            self._paths[path] = session
        return session

    # What leaves

    def write(self, data: bytes) -> None:
        """Write with others of this turn of the hub; a connection that breaks over it is told to its sessions."""
        if self.stream is not None:
            try:
                self.stream.write_soon(data)
            except TransportFailed as error:
                self.lose(False, error.reason)

    def write_chunk(self, session: SessionStream, parts: Parts) -> None:
        """Write a chunk of a file when it is its turn."""
        if self.lanes is None and self.stream is not None:
            self.lanes = Lanes(self.stream)
        if self.lanes is not None:
            self.lanes.put(session, parts)


def _keep_memory() -> None:
    """Have glibc keep what reading in large pieces frees; elsewhere nothing happens.

    It gives memory back to the system once twice the largest block is free that it has seen freed. With reads of
    256 KiB that is all the time, and to be given the pages again takes a seventh of a receiver's time.
    """
    bytes(KEPT_BYTES)  # never touched, so it costs no memory
