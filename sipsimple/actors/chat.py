"""One MSRP chat (RFC 4975) as an actor.

The rules live in `protocols.msrp.chat`; this class feeds them and carries what
they ask for. Its socket is part of the committed state, so that a restarted
chat writes to the connection that the crashed one had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sipsimple.actors.msrp_connection import MSRPConnection, MSRPDialer
from sipsimple.actors.msrp_listener import MSRPListener
from sipsimple.actors.msrp_messages import (
    ChunksReceived,
    ConnectionBound,
    ConnectionFailed,
    ConnectionLost,
    ConnectionMade,
)
from sipsimple.actors.runtime import Actor, ChildSpec, Ref, Restart, TimerFired, carries, handles
from sipsimple.actors.wire.stream import Stream
from sipsimple.errors import LocalProtocolError, TransportFailed
from sipsimple.protocols.msrp import chat as core
from sipsimple.protocols.msrp.framer import Framer
from sipsimple.protocols.msrp.outputs import Delivered, Ended, Failed, GotMessage, NotDelivered, Send, Started
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.msrp.uri import URI
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage.events import StreamEnded, StreamFailed, StreamPrepared

KIND = "chat"


@dataclass(frozen=True, slots=True)
class Start:
    """Connect with the peer's line; `active` opens the connection, else the peer does."""

    remote: MessageMedia
    active: bool


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send one message; the arguments are those of the core's `send`."""

    message_id: str
    content: bytes
    content_type: str
    from_: str
    to: str
    datetime_text: str
    private: bool = False
    success_report: str = "yes"
    failure_report: str = "yes"


@dataclass(frozen=True, slots=True)
class End:
    """End the chat; what was sent is given a moment to be delivered."""


@dataclass(frozen=True, slots=True)
class Line:
    """A chat and the connection under it.

    Attributes:
        chat: The state of the core.
        stream: The connection, None before it is made and after it is closed.
        early: A connection that the peer made before we knew its answer.
        is_ending: The end was asked for by this side.
        failure: Why the chat broke.
    """

    chat: core.Chat
    stream: Stream | None = None
    early: ConnectionBound | None = None
    is_ending: bool = False
    failure: str | None = None


Step = tuple[Line, tuple[Any, ...]]


def take(line: Line, step: Callable[..., tuple[core.Chat, tuple[Any, ...]]], *stimulus: Any, **options: Any) -> Step:
    """Give a stimulus to the core."""
    chat, outputs = step(line.chat, *stimulus, **options)
    if chat is line.chat:
        return line, outputs
    return replace(line, chat=chat), outputs


def connect(line: Line, stream: Stream, chunks: tuple[Any, ...] = ()) -> Step:
    """Take the connection, and what came with it."""
    line, outputs = take(replace(line, stream=stream, early=None), core.connected)
    for chunk in chunks:
        line, more = take(line, core.receive, chunk)
        outputs += more
    return line, outputs


def receive_all(line: Line, chunks: tuple[Any, ...]) -> Step:
    """Take the chunks of one read."""
    if len(chunks) == 1:
        return take(line, core.receive, chunks[0])
    outputs: list[Any] = []
    for chunk in chunks:
        line, more = take(line, core.receive, chunk)
        outputs += more
    return line, tuple(outputs)


def end(line: Line) -> Step:
    """End at the request of this side."""
    return take(replace(line, is_ending=True), core.end)


def keep_early(line: Line, bound: ConnectionBound) -> Step:
    """Keep a connection until the peer's answer is known."""
    return replace(line, early=bound), ()


def note_failure(line: Line, reason: str) -> Step:
    """Note why the chat broke."""
    return replace(line, failure=reason), ()


def take_message(line: Line, command: SendMessage) -> Step:
    """Give a message to the core."""
    return take(
        line,
        core.send,
        command.message_id,
        command.content,
        command.content_type,
        command.from_,
        command.to,
        command.datetime_text,
        private=command.private,
        success_report=command.success_report,
        failure_report=command.failure_report,
    )


class MSRPChat(Actor):
    """Carries one chat.

    Args:
        line: The state to begin with: a chat whose local side is known.
        media: Our m-line, for the offer or the answer.
        listener: Where the peer may connect to.
        owner: The session, told of the stream's fate; None for a chat on its own.
        notify: Posts a notification of this chat.
    """

    state: Line

    def __init__(
        self,
        line: Line,
        media: Media,
        listener: MSRPListener,
        owner: Ref | None,
        notify: Callable[[str, Any], None],
    ) -> None:
        super().__init__()
        self.state = line
        self.media = media
        self.listener = listener
        self.owner = owner
        self.notify = notify

    def started(self) -> None:
        """Be reachable, and say so."""
        self._bind_log()
        self.listener.expect(self._session_id, self.ref)
        self.notify("MSRPChatDidInitialize", None)
        self._tell_owner(StreamPrepared(KIND, self.media))

    def restarted(self) -> None:
        """Go on with the last committed state."""
        self._bind_log()
        self.log.warning("chat.restarted", state=str(self.state.chat.state))

    def stopped(self, reason: str) -> None:
        """Close what is open; a chat that is stopped from outside ends as if its connection were lost."""
        if self.state.chat.state is not State.CLOSED:
            self.advance(take, core.connection_lost, True, reason)
        self.listener.forget(self._session_id)

    def _bind_log(self) -> None:
        self.log = self.log.bind(msrp_session=self._session_id)

    @property
    def _session_id(self) -> str:
        return URI.parse(self.state.chat.session.local_path[-1]).session_id or ""

    def _tell_owner(self, event: object) -> None:
        if self.owner is not None:
            self.owner.tell(event)

    # Commands

    @handles(Start)
    def start(self, command: Start) -> None:
        """Connect, or wait for the peer to connect."""
        remote = command.remote
        path, types, wrapped = remote.path, remote.accept_types, remote.accept_wrapped_types
        self.advance(take, core.start, path, types, wrapped, command.active)
        early = self.state.early
        if command.active:
            self._dial(remote)
        elif early is not None:
            self.be_bound(early)

    def _dial(self, remote: MessageMedia) -> None:
        hop = URI.parse(remote.path[0])
        arguments = (self.ref, hop.host, hop.port, hop.use_tls, remote.fingerprint)
        self.supervisor.start_child(ChildSpec("dialer", MSRPDialer, arguments, Restart.TRANSIENT))

    @handles(SendMessage)
    def send(self, command: SendMessage) -> None:
        """Send, or queue until the chat has started."""
        try:
            self.advance(take_message, command)
        except LocalProtocolError as error:
            self.tell_undelivered(NotDelivered(command.message_id, 0, error.reason))

    @handles(End)
    def end(self, _command: End) -> None:
        """End in the ordinary way."""
        if not self.state.is_ending:
            self.notify("MSRPChatWillEnd", None)
            self.advance(end)

    # The connection

    @handles(ConnectionMade)
    def be_connected(self, event: ConnectionMade) -> None:
        """Go on with the connection that we opened."""
        self._read(event.stream, Framer())
        self.advance(connect, event.stream)

    @handles(ConnectionBound)
    def be_bound(self, event: ConnectionBound) -> None:
        """Go on with the connection that the peer opened."""
        if self.state.chat.state is State.IDLE:
            self.advance(keep_early, event)
        elif self.state.stream is not None:
            self.log.warning("connection.rejected", why="the session is bound to another connection")
            event.stream.close()
        else:
            self._read(event.stream, event.framer)
            self.advance(connect, event.stream, event.chunks)

    def _read(self, stream: Stream, framer: Framer) -> None:
        arguments = (stream, framer, self.ref)
        self.supervisor.start_child(ChildSpec("connection", MSRPConnection, arguments, Restart.TRANSIENT))

    @handles(ChunksReceived)
    def receive(self, event: ChunksReceived) -> None:
        """Take what came."""
        self.advance(receive_all, event.chunks)

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
        """Take a timer."""
        self.advance(take, core.timer_fired, event.name)

    # Outputs

    @carries(Send)
    def put_on_wire(self, output: Send) -> None:
        """Write; a broken connection is told by its reader."""
        stream = self.state.stream
        if stream is None:
            return
        try:
            stream.write(output.data.encode())
        except TransportFailed as error:
            self.ref.tell(ConnectionLost(False, error.reason))

    @carries(Started)
    def tell_started(self, _output: Started) -> None:
        """Tell that messages flow."""
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
        if line.stream is not None:
            line.stream.close()
        if line.early is not None:
            line.early.stream.close()
        self.log.info("chat.ended", by="us" if line.is_ending else "the peer", reason=line.failure)
        self.notify("MSRPChatDidEnd", None)
        if line.failure is not None:
            self._tell_owner(StreamFailed(KIND, line.failure))
        elif not line.is_ending:
            self._tell_owner(StreamEnded(KIND, "the peer closed the connection"))
        self.stop()
