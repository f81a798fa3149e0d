"""One MSRP chat (RFC 4975) as an actor.

The rules live in `protocols.msrp.chat`; this class feeds them and carries what they ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.chat.features import ChatFeatures
from sipsimple.actors.chat.line import (
    End,
    Line,
    SendMessage,
    Start,
    begin,
    connect,
    end,
    keep_early,
    note_failure,
    receive_all,
    take,
    take_message,
)
from sipsimple.actors.msrp.connection import answer_in_use
from sipsimple.actors.msrp.messages import (
    ChunksReceived,
    ConnectionBound,
    ConnectionFailed,
    ConnectionJoined,
    ConnectionLost,
)
from sipsimple.actors.msrp.refusals import log_refusal
from sipsimple.actors.runtime import Ref, TimerFired, carries, handles, is_silent
from sipsimple.actors.sip.redaction import msrp_head
from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp.chat import chat as core
from sipsimple.protocols.msrp.outgoing import RESPONSE_TIMEOUT
from sipsimple.protocols.msrp.outputs import Delivered, Ended, Failed, GotMessage, NotDelivered, Send, Started
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.msrp.uri import own_session_id
from sipsimple.protocols.sip.usage.events import StreamEnded, StreamFailed, StreamPrepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipsimple.actors.msrp.listener import MSRPListener
    from sipsimple.actors.msrp.session_stream import SessionStream
    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sdp.message_media import MessageMedia

KIND = "chat"


class MSRPChat(ChatFeatures):
    """Carries one chat.

    Args:
        line: The state to begin with: a chat whose local side is known.
        media: Our m-line, for the offer or the answer.
        listener: Where the peer may connect to.
        owner: The session, told of the stream's fate; None for a chat on its own.
        notify: Posts a notification of this chat.
        names: What names the call in the log: `session`, `call_id`.
        traces: Log the head of every message.
        lags: Tells whether so much waits for the application that the peer has to wait.
    """

    state: Line

    def __init__(
        self,
        line: Line,
        media: Media,
        listener: MSRPListener,
        owner: Ref | None,
        notify: Callable[[str, Any], None],
        names: tuple[tuple[str, str], ...] = (),
        traces: bool = False,
        lags: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__()
        self.state = line
        self.media = media
        self.listener = listener
        self.owner = owner
        self.notify = notify
        self.names = names
        self.traces = traces
        self.lags = lags

    def started(self) -> None:
        """Be reachable, and say so."""
        self._bind_log()
        self.listener.expect(self._session_id, self.ref)
        self.notify("MSRPChatDidInitialize", None)
        self._tell_owner(StreamPrepared(KIND, self.media))

    def restarted(self) -> None:
        """Go on with the last committed state; say again what the crash may have kept from being said."""
        self._bind_log()
        state = self.state.chat.state
        self.log.warning("chat.restarted", state=str(state))
        if state is State.IDLE:
            self.listener.expect(self._session_id, self.ref)
            self._tell_owner(StreamPrepared(KIND, self.media))
        elif state is State.CLOSED:
            self.stop()

    def stopped(self, reason: str) -> None:
        """Close what is open; a chat that is stopped from outside ends as if its connection were lost."""
        if self.state.chat.state is not State.CLOSED:
            self.advance(take, core.connection_lost, True, reason)
        elif self.ref.restarts:  # the crash may have been in saying so
            self.notify("MSRPChatDidEnd", None)
        self.listener.forget(self._session_id)

    def _bind_log(self) -> None:
        if is_silent(self.log):
            return
        # only its beginning: who knows the whole id may take the session until the peer has connected
        self.log = self.log.bind(msrp_session=self._session_id[:8], **dict(self.names))

    @property
    def _session_id(self) -> str:
        return own_session_id(self.state.chat.session.local_path[-1])

    def _tell_owner(self, event: object) -> None:
        if self.owner is not None:
            self.owner.tell(event)

    # Commands

    @handles(Start)
    def start(self, command: Start) -> None:
        """Connect, or wait for the peer to connect; later, follow where the peer has moved to."""
        remote = command.remote
        has_begun = self.state.chat.state is not State.IDLE
        self.advance(begin, remote, command.active)
        if has_begun:
            self.log.info("chat.followed", hops=len(remote.path))
            return
        early = self.state.early
        self.advance(keep_early, None)
        if command.active:
            self._dial(remote)
            if early is not None:
                self._refuse(early.stream, "this side connects")
        elif early is not None:
            self.be_bound(early)

    def _dial(self, remote: MessageMedia) -> None:
        self.listener.connections.join(remote.hop, remote.hop_fingerprint, self._session_id, self.ref)

    @handles(SendMessage)
    def send(self, command: SendMessage) -> None:
        """Send, or queue until the chat has started."""
        try:
            self.advance(take_message, command)
        except LocalProtocolError as error:
            self.tell_undelivered(NotDelivered(command.message_id, error.code, error.reason))

    @handles(End)
    def end(self, _command: End) -> None:
        """End in the ordinary way."""
        if not self.state.is_ending:
            self.notify("MSRPChatWillEnd", None)
            self.advance(end)

    # The connection

    @handles(ConnectionJoined)
    def be_connected(self, event: ConnectionJoined) -> None:
        """Go on with the connection that we opened."""
        if self.state.chat.state is State.CONNECTING:
            self.advance(connect, event.stream)
        else:
            self._refuse(event.stream, "the chat is over")

    @handles(ConnectionBound)
    def be_bound(self, event: ConnectionBound) -> None:
        """Go on with the connection on which the peer asks for this session."""
        line = self.state
        if line.chat.state is State.IDLE and line.early is None:
            self.advance(keep_early, event)
        elif line.chat.state is State.CONNECTING and not line.chat.session.active:
            event.stream.take_up()
            self._trace_received(event.chunks)
            self.advance(connect, event.stream, event.chunks)
        else:
            answer_in_use(event)
            self._refuse(event.stream, "the session has its connection")

    def _refuse(self, stream: SessionStream, why: str) -> None:
        self.log.warning("connection.refused", reason=why, remote=stream.remote)
        stream.close()

    @handles(ChunksReceived)
    def receive(self, event: ChunksReceived) -> None:
        """Take what came."""
        if self.traces:
            self._trace_received(event.chunks)
        self.advance(receive_all, event.chunks)

    def _trace_received(self, chunks: Iterable[MSRPData]) -> None:
        if self.traces:
            for chunk in chunks:
                self.log.debug("msrp.received", message=msrp_head(chunk), size_bytes=chunk.size)

    @handles(ConnectionLost)
    def lose(self, event: ConnectionLost) -> None:
        """Take the end of the connection."""
        self.advance(take, core.connection_lost, event.clean, event.reason)

    @handles(ConnectionFailed)
    def not_connect(self, event: ConnectionFailed) -> None:
        """Take the news that no connection could be made."""
        self.advance(take, core.connection_lost, False, event.reason)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Take a timer; an answer that may be there, and is not read because this side is behind, has as long again."""
        stream = self.state.stream
        if stream is not None and stream.is_behind and isinstance(event.name, tuple):
            self.start_timer(event.name, RESPONSE_TIMEOUT)
        else:
            self.advance(take, core.timer_fired, event.name)

    # Outputs

    @carries(Send)
    def put_on_wire(self, output: Send) -> None:
        """Write one chunk; it leaves with the others of this turn, and a connection that is broken is told of."""
        stream, chunk = self.state.stream, output.data
        if stream is None:
            return
        if self.traces:
            self.log.debug("msrp.sent", message=msrp_head(chunk), size_bytes=chunk.size)
        if chunk.method != "SEND":
            log_refusal(self.log, chunk)
        stream.write_soon(chunk.encode())

    @carries(Started)
    def tell_started(self, _output: Started) -> None:
        """Tell that messages flow."""
        if self.state.stream is not None:
            self.state.stream.lags = self.lags
        self.log.info("chat.started", active=self.state.chat.session.active)
        self.notify("MSRPChatDidStart", None)

    @carries(GotMessage)
    def tell_message(self, output: GotMessage) -> None:
        """Tell of a message."""
        self.log.debug("message.received", message_id=output.message.message_id, content_type=output.content_type)
        self.notify("MSRPChatGotMessage", output)

    @carries(Delivered)
    def tell_delivered(self, output: Delivered) -> None:
        """Tell of a delivery."""
        self.log.debug("message.delivered", message_id=output.message_id)
        self.notify("MSRPChatDidDeliverMessage", output)

    @carries(NotDelivered)
    def tell_undelivered(self, output: NotDelivered) -> None:
        """Tell of a failed delivery."""
        self.log.info("message.undelivered", message_id=output.message_id, code=output.code, reason=output.reason)
        self.notify("MSRPChatDidNotDeliverMessage", output)

    @carries(Failed)
    def tell_failed(self, output: Failed) -> None:
        """Tell that the chat broke; Ended follows."""
        self.log.warning("chat.failed", context=output.context, reason=output.reason)
        self.advance(note_failure, output.reason)
        self.notify("MSRPChatDidFail", output)

    @carries(Ended)
    def tell_ended(self, _output: Ended) -> None:
        """Close, tell everybody, end."""
        line = self.state
        for connection in (line.stream, line.early.stream if line.early is not None else None):
            if connection is not None:
                connection.close()
        self._dismiss_waiting()
        self.log.info("chat.ended", by="us" if line.is_ending else "the peer", reason=line.failure)
        self.notify("MSRPChatDidEnd", None)
        # a session that is over hears nothing of this; one that is not learns that the application ended its chat
        failure = line.failure or ("the chat was ended by this side" if line.is_ending else None)
        news = StreamFailed(KIND, failure) if failure else StreamEnded(KIND, "the peer closed the connection")
        self._tell_owner(news)
        self.stop()

    def _dismiss_waiting(self) -> None:
        """Account for what nobody will handle any more: messages to send, connections to use."""
        for message in self.slot.mailbox.messages():
            if isinstance(message, SendMessage):
                self.tell_undelivered(NotDelivered(message.message_id, 0, "the chat has ended"))
            elif isinstance(message, ConnectionJoined | ConnectionBound):
                message.stream.close()
