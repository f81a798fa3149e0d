"""A chat and the connection under it, as one value: the state of the chat's actor, and its commands.

The rules live in `protocols.msrp.chat`. The socket is part of the state, so
that a restarted chat writes to the connection that the crashed one had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.msrp.chat import chat as core
from sipsimple.protocols.msrp.chat import relayed
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.msrp.messages import ConnectionBound
    from sipsimple.actors.msrp.session_stream import SessionStream
    from sipsimple.protocols.imdn import Wish
    from sipsimple.protocols.sdp.message_media import MessageMedia


class Start(Value):
    """Connect with the peer's line; `active` opens the connection, else the peer does."""

    remote: MessageMedia
    active: bool


class SendMessage(Value):
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
    wishes: tuple[Wish, ...] = ()


class End(Value):
    """End the chat; what was sent is given a moment to be delivered."""


class Line(Value, gc=True):
    """A chat and the connection under it.

    Attributes:
        chat: The state of the core.
        stream: The connection, None before it is made and after it is closed.
        early: A connection that the peer made before we knew its answer.
        is_ending: The end was asked for by this side.
        failure: Why the chat broke.
    """

    chat: core.Chat
    stream: SessionStream | None = None
    early: ConnectionBound | None = None
    is_ending: bool = False
    failure: str | None = None


Step = tuple[Line, tuple[Any, ...]]


def take(line: Line, step: Callable[..., tuple[core.Chat, tuple[Any, ...]]], *stimulus: Any) -> Step:
    """Give a stimulus to the core."""
    chat, outputs = step(line.chat, *stimulus)
    if chat is line.chat:
        return line, outputs
    return _with(line, chat), outputs


def begin(line: Line, remote: MessageMedia, active: bool) -> Step:
    """Begin with the peer's line; a chat that has begun follows where its peer has moved to."""
    if line.chat.state is not State.IDLE:
        return take(line, relayed.follow, remote.path)
    types, wrapped = remote.accept_types, remote.accept_wrapped_types
    return take(line, core.start, remote.path, types, wrapped, active, remote.max_size, remote.chatroom)


def _with(line: Line, chat: core.Chat) -> Line:
    return Line(chat, line.stream, line.early, line.is_ending, line.failure)  # on the way of every message


def connect(line: Line, stream: SessionStream, chunks: tuple[Any, ...] = ()) -> Step:
    """Take the connection, and what came with it."""
    line, outputs = take(replace(line, stream=stream, early=None), core.connected)
    line, more = receive_all(line, chunks)
    return line, outputs + more


def receive_all(line: Line, chunks: tuple[Any, ...]) -> Step:
    """Take the chunks of one read."""
    chat, outputs = line.chat, list[Any]()
    for chunk in chunks:
        chat, more = core.receive(chat, chunk)
        outputs += more
    return line if chat is line.chat else _with(line, chat), tuple(outputs)


def end(line: Line) -> Step:
    """End at the request of this side."""
    return take(replace(line, is_ending=True), core.end)


def keep_early(line: Line, bound: ConnectionBound | None) -> Step:
    """Keep a connection until the peer's answer is known; None when it is kept no longer."""
    return replace(line, early=bound), ()


def note_failure(line: Line, reason: str) -> Step:
    """Note why the chat broke."""
    return replace(line, failure=reason), ()


def take_message(line: Line, command: SendMessage) -> Step:
    """Give a message to the core."""
    chat, outputs = core.send(
        line.chat,
        command.message_id,
        command.content,
        command.content_type,
        command.from_,
        command.to,
        command.datetime_text,
        private=command.private,
        success_report=command.success_report,
        failure_report=command.failure_report,
        wishes=command.wishes,
    )
    return _with(line, chat), outputs
