"""The rules of a chat over one MSRP session: CPIM, acceptable types, messages that wait for the start.

CPIM (RFC 3862) is used if and only if the peer's accept-types allow `message/cpim`. A message may be handed over as
soon as the chat exists; it leaves when the session is bound. Each is told `Delivered` or `NotDelivered` once, unless
it asked for no report at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from immutables import Map

from sipsimple.errors import LocalProtocolError, RemoteProtocolError, SessionStateError
from sipsimple.protocols import cpim
from sipsimple.protocols.msrp import session as sessions
from sipsimple.protocols.msrp.content_types import CPIM, accepts, is_cpim, with_charset
from sipsimple.protocols.msrp.draft import Draft
from sipsimple.protocols.msrp.outputs import Ended, GotMessage, MessageReceived, NotDelivered, Output, Started
from sipsimple.protocols.msrp.state import MAX_MESSAGE_BYTES, SINGLE_CHUNK_BYTES, Outputs, Session, State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.msrp.uri import URI

ACCEPT_TYPES = ("message/cpim", "text/*")
ACCEPT_WRAPPED_TYPES = ("*",)


@dataclass(frozen=True, slots=True)
class Media:
    """What each side takes; the peer's lists are empty until its SDP is known."""

    accept_types: tuple[str, ...] = ACCEPT_TYPES
    accept_wrapped_types: tuple[str, ...] = ACCEPT_WRAPPED_TYPES
    remote_accept_types: tuple[str, ...] = ()
    remote_accept_wrapped_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat.

    Attributes:
        session: The MSRP session under it.
        waiting: Messages that wait for the start, by their id.
    """

    session: Session
    media: Media
    waiting: Map[str, Draft] = field(repr=False)

    @property
    def state(self) -> State:
        """The state of the session."""
        return self.session.state

    @property
    def cpim_enabled(self) -> bool:
        """Messages are wrapped in CPIM: the peer takes `message/cpim`."""
        return accepts(self.media.remote_accept_types, CPIM)


Step = tuple[Chat, Outputs]

# what happens to a message that is handed over in each state
_WAITS, _LEAVES = (State.IDLE, State.CONNECTING, State.BINDING), State.STARTED


def create(
    local_path: Sequence[URI | str],
    seed: str,
    accept_types: Sequence[str] = ACCEPT_TYPES,
    accept_wrapped_types: Sequence[str] = ACCEPT_WRAPPED_TYPES,
    max_message_size: int = MAX_MESSAGE_BYTES,
    single_chunk_size: int = SINGLE_CHUNK_BYTES,
) -> Chat:
    """Make a chat whose local side is known; the arguments are those of `session.create`."""
    session = sessions.create(local_path, seed, accept_types, max_message_size, single_chunk_size)
    return Chat(session, Media(tuple(accept_types), tuple(accept_wrapped_types)), Map())


def start(
    chat: Chat,
    remote_path: Sequence[URI | str],
    remote_accept_types: Sequence[str],
    remote_accept_wrapped_types: Sequence[str],
    active: bool,
) -> Step:
    """Begin with what the peer's SDP says; `connected` is expected within 30 s.

    Raises:
        SessionStateError: It was begun before.
        LocalProtocolError: The path is empty.
    """
    session, outputs = sessions.start(chat.session, remote_path, active)
    media = replace(
        chat.media,
        remote_accept_types=tuple(remote_accept_types),
        remote_accept_wrapped_types=tuple(remote_accept_wrapped_types),
    )
    return _absorb(replace(chat, media=media), session, outputs)


def connected(chat: Chat) -> Step:
    """The connection is up."""
    return _absorb(chat, *sessions.connected(chat.session))


def receive(chat: Chat, message: MSRPData) -> Step:
    """Take one chunk or response from the framer. The response leaves before the report."""
    return _absorb(chat, *sessions.receive(chat.session, message))


def send(
    chat: Chat,
    message_id: str,
    content: bytes,
    content_type: str,
    from_: str = "",
    to: str = "",
    datetime_text: str = "",
    *,
    private: bool = False,
    success_report: str = "yes",
    failure_report: str = "yes",
    headers: tuple[tuple[str, str], ...] = (),
) -> Step:
    """Send a message, now or when the session has started.

    Text whose type names no charset is declared to be UTF-8.

    Args:
        chat: The chat.
        message_id: 4 to 32 letters, digits or `.-+%=`, beginning with a letter or digit.
        content: Never changed.
        content_type: Of the content.
        from_: For CPIM: a URI, or what `cpim.format_address` returned.
        to: The same, of the recipient.
        datetime_text: For CPIM: RFC 3339 with a zone.
        private: It is for `to` only, which needs CPIM.
        success_report: `yes` or `no`.
        failure_report: `yes`, `no` or `partial`.
        headers: More CPIM headers; dropped without CPIM.

    Raises:
        SessionStateError: The chat has ended or is ending.
        LocalProtocolError: The peer does not take this type, or a private message without CPIM; the id is no id or in
            use. While the peer's SDP is not known, an unacceptable message ends in `NotDelivered` 415 instead.
    """
    draft = Draft(
        len(chat.waiting),
        message_id,
        content,
        with_charset(content_type),
        from_,
        to,
        datetime_text,
        private,
        success_report,
        failure_report,
        headers,
    )
    state = chat.session.state
    if state is _LEAVES:
        session, outputs = _transmit(chat, draft)
        return Chat(session, chat.media, chat.waiting), outputs
    if state not in _WAITS:
        raise SessionStateError("send", state, [*_WAITS, _LEAVES])
    sessions.check_arguments(message_id, success_report, failure_report)
    if message_id in chat.waiting:
        raise LocalProtocolError(f"message id is in use: {message_id!r}")
    if chat.media.remote_accept_types:
        _body(chat, draft)
    return replace(chat, waiting=chat.waiting.set(message_id, draft)), ()


def check(chat: Chat, content_type: str, *, private: bool = False) -> None:
    """Say at once whether a message of this type may be sent.

    Raises:
        LocalProtocolError: The peer does not take it, or a private message without CPIM.
    """
    media = chat.media
    if chat.cpim_enabled:
        takes = accepts(media.remote_accept_wrapped_types + media.remote_accept_types, content_type)
    elif private:
        raise LocalProtocolError("a private message needs a peer that takes message/cpim")
    else:
        takes = accepts(media.remote_accept_types, content_type)
    if not takes:
        raise LocalProtocolError(f"the peer does not take {content_type}")


def timer_fired(chat: Chat, name: Hashable) -> Step:
    """A timer that was asked for has fired; a late one changes nothing."""
    return _absorb(chat, *sessions.timer_fired(chat.session, name))


def connection_lost(chat: Chat, clean: bool, reason: str = "") -> Step:
    """The connection was closed by the peer (`clean`), broke, or could not be made."""
    return _absorb(chat, *sessions.connection_lost(chat.session, clean, reason))


def end(chat: Chat) -> Step:
    """End the chat; messages that await their report are given two seconds. Ending it again changes nothing."""
    return _absorb(chat, *sessions.end(chat.session))


def _body(chat: Chat, draft: Draft) -> tuple[bytes, str]:
    """What goes into the SEND, and its type."""
    check(chat, draft.content_type, private=draft.private)
    if not chat.cpim_enabled:
        return draft.content, draft.content_type
    body = cpim.build(draft.from_, draft.to, draft.datetime_text, draft.content, draft.content_type, draft.headers)
    return body, CPIM


def _transmit(chat: Chat, draft: Draft) -> tuple[Session, Outputs]:
    body, content_type = _body(chat, draft)
    return sessions.send(chat.session, draft.message_id, body, content_type, draft.success_report, draft.failure_report)


def _absorb(chat: Chat, session: Session, outputs: Outputs) -> Step:
    """Take over what the session became and asked for, in the terms of a chat."""
    if session is not chat.session:
        chat = Chat(session, chat.media, chat.waiting)
    if not outputs:
        return chat, ()
    last = outputs[-1]
    if isinstance(last, MessageReceived):
        chat, got = _unwrap(chat, last)
        outputs = (*outputs[:-1], *got)
    if chat.waiting and Started() in outputs:
        chat, flushed = _flush(chat)
        outputs = (*outputs, *flushed)
    elif chat.waiting and isinstance(last, Ended):
        outputs = (*outputs[:-1], *_give_up(chat), last)
        chat = replace(chat, waiting=Map())
    return chat, outputs


def _unwrap(chat: Chat, received: MessageReceived) -> Step:
    """Report a whole message and pass it on; one that is unreadable or unwanted inside CPIM is only reported."""
    content, content_type, wrapper = received.content, received.content_type, None
    code, comment = 200, None
    if is_cpim(content_type):
        try:
            wrapper = cpim.parse(content)
        except RemoteProtocolError as error:
            code, comment = error.code, "Bad CPIM"
        else:
            content, content_type = wrapper.body, wrapper.content_type
            if cpim.not_understood(wrapper):
                code, comment = 400, "CPIM headers are required that are not understood"
            elif not accepts(chat.media.accept_wrapped_types + chat.media.accept_types, content_type):
                code = 415
    session, reports = sessions.report(chat.session, received.message, code, comment)
    if session is not chat.session:
        chat = Chat(session, chat.media, chat.waiting)
    if code != 200:
        return chat, reports
    got = GotMessage(content, content_type, wrapper, received.message)
    return chat, (*reports, got)


def _flush(chat: Chat) -> Step:
    """Send what waited, in order; a message that cannot be sent does not hold up the others."""
    outputs: list[Output] = []
    drafts = _in_order(chat)
    chat = replace(chat, waiting=Map())
    for draft in drafts:
        try:
            session, sent = _transmit(chat, draft)
        except LocalProtocolError as error:
            outputs += [NotDelivered(draft.message_id, 415, str(error))] if draft.is_tracked else []
        else:
            chat = replace(chat, session=session)
            outputs += sent
    return chat, tuple(outputs)


def _give_up(chat: Chat) -> list[NotDelivered]:
    told = (draft for draft in _in_order(chat) if draft.is_tracked)
    return [NotDelivered(draft.message_id, 0, "session ended before it started") for draft in told]


def _in_order(chat: Chat) -> list[Draft]:
    return sorted(chat.waiting.values(), key=lambda draft: draft.number)
