"""One file transfer over MSRP (RFC 5547) as an actor.

The rules live in `protocols.msrp.transfer`; this class feeds them and carries what they ask for. What it has to do
with the disk stands in `disk`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sipsimple.actors.msrp.connection import answer_in_use
from sipsimple.actors.msrp.messages import (
    ChunksReceived,
    ConnectionBound,
    ConnectionFailed,
    ConnectionJoined,
    ConnectionLost,
)
from sipsimple.actors.msrp.refusals import log_refusal
from sipsimple.actors.runtime import TimerFired, carries, handles
from sipsimple.actors.sip.redaction import msrp_head
from sipsimple.actors.transfer.disk import LULL_TIMER, TransferDisk
from sipsimple.actors.transfer.line import End, GoOn, Leave, Start, connect, follow, receive_all, take, update
from sipsimple.actors.transfer.opening import start_arguments
from sipsimple.actors.transfer.part import PartFile, WrongFileError
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp.outputs import Ended, Send, Started
from sipsimple.protocols.msrp.transfer.outputs import (
    Finished,
    NotFinished,
    Progress,
    TransferFailed,
)
from sipsimple.protocols.msrp.transfer.state import State
from sipsimple.protocols.sip.usage.events import StreamEnded, StreamFailed, StreamPrepared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.actors.msrp.session_stream import SessionStream
    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.sdp.message_media import MessageMedia


class MSRPFileTransfer(TransferDisk):
    """Carries one transfer."""

    def started(self) -> None:
        """Open the file, then be reachable and say so."""
        self._bind_log()
        self.ref.tell(GoOn())

    def restarted(self) -> None:
        """Go on with the last committed state; what the disk owes is asked for again."""
        self._bind_log()
        self.log.warning("transfer.restarted", state=str(self.state.state))
        self.setup.gate.open()
        if self.state.state is State.CLOSED:
            self.stop()
            return
        if self.state.state is State.IDLE and self.state.media is not None:
            self.be_reachable()
        self.ref.tell(GoOn())

    def stopped(self, reason: str) -> None:
        """Close what is open; a transfer that is stopped from outside ends as if its connection were lost."""
        if self.state.state is not State.CLOSED:
            self.advance(take, "connection_lost", True, reason)
        self._close()
        self._say_end()

    def _close(self) -> None:
        """Let go of the connection and of the file, so that who is told of the end can try again at once."""
        self.setup.gate.open()
        self.setup.listener.forget(self.setup.session_id)
        for connection in (self.state.stream, self.state.early.stream if self.state.early is not None else None):
            if connection is not None:
                connection.close()
        self.let_go()

    def _bind_log(self) -> None:
        # only its beginning: who knows the whole id may take the session until the peer has connected
        self.log = self.log.bind(msrp_session=self.setup.session_id[:8], **dict(self.setup.names))

    def be_reachable(self) -> None:
        """Let the peer connect, and tell the session what to tell it."""
        self.setup.listener.expect(self.setup.session_id, self.ref)
        assert self.state.media is not None
        self._tell_owner(StreamPrepared(self.setup.name, self.state.media))

    def _tell_owner(self, event: object) -> None:
        if self.setup.owner is not None:
            self.setup.owner.tell(event)

    # Commands

    @handles(Start)
    def start(self, command: Start) -> None:
        """Connect, or wait for the peer to connect; later, follow where the peer has moved to."""
        if self.state.state is not State.IDLE or self.state.core is None or self.state.file is None:
            self.advance(follow, command.remote.path)
            return
        try:
            arguments = start_arguments(self.file, self.state.file, command)
        except (WrongFileError, RemoteProtocolError) as error:
            self.advance(take, "connection_lost", False, f"the peer's line is about another file: {error}")
            return
        self.advance(partial(take, **arguments), "start", command.remote.path, command.active)
        early = self.state.early
        self.advance(partial(update, early=None))
        if command.active:
            self._dial(command.remote)
            if early is not None:
                self._refuse(early.stream, "this side connects")
        elif early is not None:
            self.be_bound(early)

    def _dial(self, remote: MessageMedia) -> None:
        setup = self.setup
        setup.listener.connections.join(remote.hop, remote.hop_fingerprint, setup.session_id, self.ref, setup.gate)

    @handles(End)
    def end(self, _command: End) -> None:
        """End in the ordinary way."""
        if self.state.is_ending or self.state.state is State.CLOSED:
            return
        self.leave(Leave())
        self.advance(partial(update, is_ending=True))
        if self.state.core is None:
            self.tell_ended(Ended())
        else:
            self.advance(take, "stop")

    @handles(Leave)
    def leave(self, _command: Leave) -> None:
        """Say that it will end, and go on until the session has ended."""
        if not self.state.is_leaving and self.state.state is not State.CLOSED:
            if not self.state.is_finished:
                self.setup.notify("MSRPFileTransferWillEnd", None)
            self.advance(partial(update, is_leaving=True))

    # The connection

    @handles(ConnectionJoined)
    def be_connected(self, event: ConnectionJoined) -> None:
        """Go on with the connection that we opened."""
        if self.state.state is State.CONNECTING:
            self.advance_and_settle(connect, event.stream)
        else:
            self._refuse(event.stream, "the transfer is over")

    @handles(ConnectionBound)
    def be_bound(self, event: ConnectionBound) -> None:
        """Go on with the connection on which the peer asks for this transfer."""
        line = self.state
        if line.state is State.IDLE and line.early is None:
            self.advance(partial(update, early=event))
        elif line.state is State.CONNECTING and line.core is not None and not line.core.terms.active:
            event.stream.take_up(self.setup.gate)
            self._trace_received(event.chunks)
            self.advance_and_settle(connect, event.stream, event.chunks)
        else:
            answer_in_use(event)
            self._refuse(event.stream, "the transfer has its connection")

    def _refuse(self, stream: SessionStream, why: str) -> None:
        self.log.warning("connection.refused", reason=why, remote=stream.remote)
        stream.close()

    @handles(ChunksReceived)
    def receive(self, event: ChunksReceived) -> None:
        """Take what came."""
        self._trace_received(event.chunks)
        self.advance(receive_all, event.chunks)
        self.settle_some(event.chunks)

    def _trace_received(self, chunks: Iterable[MSRPData]) -> None:
        if self.setup.traces:
            for chunk in chunks:
                self.log.debug("msrp.received", message=msrp_head(chunk), size_bytes=chunk.size)

    @handles(ConnectionLost)
    def lose(self, event: ConnectionLost) -> None:
        """Take the end of the connection, or of the session before there was one."""
        if self.state.core is None:
            self.fail_preparing(event.reason)
            return
        self.settle()
        self.advance(take, "connection_lost", event.clean, event.reason)

    @handles(ConnectionFailed)
    def not_connect(self, event: ConnectionFailed) -> None:
        """Take the news that no connection could be made."""
        self.advance(take, "connection_lost", False, event.reason)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Take a timer."""
        if event.name == LULL_TIMER:
            self.end_lull()
            return
        self.advance_and_settle(take, "timer_fired", event.name)

    # Outputs

    @carries(Send)
    def put_on_wire(self, output: Send) -> None:
        """Write one chunk in its turn, or an answer with the others of this turn of the hub."""
        stream, chunk = self.state.stream, output.data
        if stream is None:
            return
        if self.setup.traces:
            self.log.debug("msrp.sent", message=msrp_head(chunk), size_bytes=chunk.size)
        if chunk.method != "SEND":
            log_refusal(self.log, chunk)
        if chunk.data:
            stream.write_chunk(chunk.parts())
        else:
            stream.write_soon(chunk.encode())

    @carries(Started)
    def tell_started(self, _output: Started) -> None:
        """Tell that the session is bound."""
        core = self.state.core
        self.log.info("transfer.started", sends=not isinstance(self.file, PartFile), size_bytes=core and core.size)
        self.setup.notify("MSRPFileTransferDidStart", None)

    @carries(Progress)
    def tell_progress(self, output: Progress) -> None:
        """Tell how far it is."""
        self.setup.notify("MSRPFileTransferGotProgress", output)

    @carries(Finished)
    def tell_finished(self, output: Finished) -> None:
        """Tell that the file has arrived."""
        receives = isinstance(self.file, PartFile)
        self.log.info("transfer.finished", sends=not receives, message_id=output.message_id)
        self.setup.notify("MSRPFileTransferGotFile" if receives else "MSRPFileTransferDidDeliverFile", output)
        if not receives:
            self._tell_owner(StreamEnded(self.setup.name, "the file was delivered", by_us=True))

    @carries(NotFinished)
    def tell_not_finished(self, output: NotFinished) -> None:
        """Tell that the file has not arrived."""
        self.setup.notify("MSRPFileTransferDidNotDeliverFile", output)

    @carries(TransferFailed)
    def tell_failed(self, output: TransferFailed) -> None:
        """Tell that the transfer broke; Ended follows. One that was to end has not failed."""
        if self.state.is_leaving:
            return
        self.log.warning("transfer.failed", context=output.context, reason=output.reason, code=output.code)
        self.advance(partial(update, failure=output.reason))
        self.setup.notify("MSRPFileTransferDidFail", output)

    @carries(Ended)
    def tell_ended(self, _output: Ended) -> None:
        """Close what is open, tell everybody, end."""
        self._close()
        self._say_end()
        self.stop()

    def _say_end(self) -> None:
        line = self.state
        if line.is_told:
            return
        self.advance(partial(update, is_told=True))
        self.log.info("transfer.ended", finished=line.is_finished, reason=line.failure)
        self.setup.notify("MSRPFileTransferDidEnd", None)
        if line.is_finished and isinstance(self.file, PartFile):
            self._tell_owner(StreamEnded(self.setup.name, "the file was received"))
        elif not line.is_finished:
            reason = line.failure or "the transfer was stopped by this side"
            self._tell_owner(StreamFailed(self.setup.name, reason))
