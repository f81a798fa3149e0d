"""The actor of one MSRP connection: it opens it, reads it, and tells each session what comes for it.

RFC 4975 sections 5.4 (who opens it, and that sessions share it) and 7.3 (what is for no session).
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.msrp.refusals import log_refusal
from sipsimple.actors.msrp.session_stream import BREATH as BREATH
from sipsimple.actors.msrp.session_stream import ENOUGH_READS
from sipsimple.actors.msrp.shared import READ_BYTES
from sipsimple.actors.runtime import Actor
from sipsimple.errors import RemoteProtocolError, TransportFailed
from sipsimple.protocols.msrp.incoming import answer
from sipsimple.protocols.msrp.uri import session_id_of

if TYPE_CHECKING:
    from sipsimple.actors.msrp.messages import ConnectionBound
    from sipsimple.actors.msrp.session_stream import SessionStream
    from sipsimple.actors.msrp.shared import SharedConnection
    from sipsimple.protocols.msrp.message import MSRPData

DIAL_TIMEOUT = 30.0
BACKLOG_LIMIT_BYTES = 64 * 1024 * 1024  # a burst of chat messages may be written faster than any network takes it
MAILBOX_ENOUGH = ENOUGH_READS
NO_SUCH_SESSION, IN_USE = 481, 506
HOLD_UP = 5.0  # seconds for which one session may hold up the others of its connection


class MSRPConnection(Actor):
    """Opens one connection and reads it.

    While a session is far behind nothing is read, so that the far end's writing stalls and this side's memory does not
    grow. MSRP has no other means: a session that is behind holds up the others of the connection, but not for long.
    What is known of the connection is not the actor's own: a reader that crashed goes on with the next byte.
    """

    def __init__(self, connection: SharedConnection) -> None:
        super().__init__()
        self.connection = connection

    def open(self) -> bool:
        """Open the connection; what is open already stays so. False: it is of no use."""
        raise NotImplementedError

    def run(self) -> None:
        """Read until the stream ends, breaks or cannot be understood, and tell the sessions how it ended."""
        try:
            self.deliver()
            if self.open():
                while self.receive():
                    pass
        except (TransportFailed, RemoteProtocolError) as error:
            self.connection.lose(False, error.reason)
        else:
            self.connection.lose(True, "the connection was closed")

    def stopped(self, reason: str) -> None:
        """Close the stream; what was written still leaves."""
        connection = self.connection
        connection.lose(True, reason)
        connection.close()
        if connection.stream is not None:
            self.log.info("connection.closed", reason=reason, remote=connection.stream.remote)

    def receive(self) -> bool:
        """Read once, and tell what came; False when nothing comes any more, or nothing of it was for us."""
        connection = self.connection
        framer, stream = connection.framer, connection.stream
        if framer.error is not None:
            raise framer.error
        assert stream is not None
        data = stream.read(connection.read_bytes)
        is_served = True
        for chunk in framer.feed(data):
            session = connection.find(chunk)
            if session is None:
                is_served = self._turn_away(chunk)
            elif session.renew is not None and session.is_refused(chunk):
                session.begin_anew()
            else:
                connection.undelivered.setdefault(session, []).append(chunk)
        if framer.unfinished is not None:
            self._introduce(framer.unfinished)
        self.deliver()
        if len(data) > READ_BYTES:
            gevent.sleep(0)  # so that the answers leave while the far end still has room in its window
        return bool(data) and (is_served or connection.is_used)

    def _introduce(self, fields: dict[str, str]) -> None:
        """Tell a session of the connection before its first chunk, which may be as large as a file, is complete."""
        session = self.connection.find_path(fields.get("To-Path", ""))
        if session is not None and not session.is_told:
            self.connection.undelivered.setdefault(session, [])

    def deliver(self) -> None:
        """Tell the sessions what was read, then wait for those that are behind."""
        undelivered = self.connection.undelivered
        behind = []
        while undelivered:
            session, chunks = next(iter(undelivered.items()))
            self._tell(session, session.news(tuple(chunks)))
            if session.gate is not None:
                session.gate.enter(sum([len(each.data) for each in chunks]))
            undelivered.pop(session, None)
            if session.is_behind:
                behind.append(session)
        if behind:
            self._wait_for(behind)

    def _tell(self, session: SessionStream, message: object) -> None:
        """Tell a session, when it has room: a part of the stream must not be lost in a flood of messages to send."""
        while not session.ref.tell(message):
            if session.closed or not session.ref.is_alive:
                session.close()
                return
            gevent.sleep(BREATH)
        session.is_told = True
        self.connection.use()

    def _wait_for(self, behind: list[SessionStream]) -> None:
        """Wait until all have caught up; those that share the connection are left behind after a while, together."""
        begun = monotonic()
        gevent.sleep(0)
        for session in behind:
            while session.is_behind:
                if monotonic() - begun > HOLD_UP and len(self.connection.sessions) > 1:
                    self.log.warning("connection.held_up", msrp_session=session.session_id[:8], waited=HOLD_UP)
                    session.cut("the session held up the others of its connection")
                    break
                session.wait()

    def _turn_away(self, chunk: MSRPData) -> bool:
        """Answer what is for no session here, or for one that has refused the connection.

        Returns:
            False when the far end has none here, and is not to try further ones.
        """
        connection = self.connection
        session_id = session_id_of(chunk.fields.get("To-Path", ""))
        answered = connection.refused.get(session_id)
        if chunk.method is not None and chunk.transaction_id != answered and _is_addressed(chunk):
            for each in answer(chunk, NO_SUCH_SESSION if answered is None else IN_USE):
                if connection.is_used:  # of strangers it is logged once that they are refused
                    log_refusal(self.log, each.data)
                connection.write(each.data.encode())
        return connection.is_used


def _is_addressed(chunk: MSRPData) -> bool:
    try:
        return bool(chunk.to_path and chunk.from_path)
    except RemoteProtocolError:
        return False


def answer_in_use(event: ConnectionBound) -> None:
    """Tell a peer that the session it asks for has its connection already, each request once: section 7.3."""
    stream, head = event.stream, event.head
    stream.connection.refused[stream.session_id] = "" if head is None else head.transaction_id
    for request in event.chunks if head is None else (*event.chunks, head):
        for each in answer(request, IN_USE):
            stream.write_soon(each.data.encode())
