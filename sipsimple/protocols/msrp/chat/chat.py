"""The rules of a chat over one MSRP session: CPIM, acceptable types, messages that wait for the start.

CPIM (RFC 3862) is used if and only if the peer's accept-types allow `message/cpim`. A message may be handed over as
soon as the chat exists; it leaves when the session is bound. Each is told `Delivered` or `NotDelivered` once, unless
it asked for no report at all. What is said beside messages has files of its own: `composing`,
`disposition`, `nickname`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from immutables import Map

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols import imdn
from sipsimple.protocols.is_composing import State as Activity
from sipsimple.protocols.msrp import session as sessions
from sipsimple.protocols.msrp.chat import composing, receiving
from sipsimple.protocols.msrp.chat import nickname as nicknames
from sipsimple.protocols.msrp.chat.draft import Draft
from sipsimple.protocols.msrp.chat.sending import body_of, transmit
from sipsimple.protocols.msrp.chat.sending import check as check
from sipsimple.protocols.msrp.chat.state import ACCEPT_TYPES as ACCEPT_TYPES
from sipsimple.protocols.msrp.chat.state import ACCEPT_WRAPPED_TYPES as ACCEPT_WRAPPED_TYPES
from sipsimple.protocols.msrp.chat.state import Chat as Chat
from sipsimple.protocols.msrp.chat.state import Media as Media
from sipsimple.protocols.msrp.chat.state import Step as Step
from sipsimple.protocols.msrp.content_types import with_charset
from sipsimple.protocols.msrp.nickname import METHOD
from sipsimple.protocols.msrp.outputs import Ended, MessageReceived, NotDelivered, Output, Started
from sipsimple.protocols.msrp.state import MAX_MESSAGE_BYTES, SINGLE_CHUNK_BYTES, Outputs, Session, State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.msrp.uri import URI

# what happens to a message that is handed over in each state
_NONE: Map[Any, Any] = Map()
_WAITS, _LEAVES = (State.IDLE, State.CONNECTING, State.BINDING), State.STARTED


def create(
    local_path: Sequence[URI | str],
    seed: str,
    accept_types: Sequence[str] = ACCEPT_TYPES,
    accept_wrapped_types: Sequence[str] = ACCEPT_WRAPPED_TYPES,
    max_message_size: int = MAX_MESSAGE_BYTES,
    single_chunk_size: int = SINGLE_CHUNK_BYTES,
    *,
    addresses: tuple[str, str] = ("", ""),
    chatroom: Sequence[str] = (),
) -> Chat:
    """Make a chat whose local side is known.

    Args:
        local_path: As those below, an argument of `session.create`.
        seed: Likewise.
        accept_types: Likewise.
        accept_wrapped_types: What is taken in a CPIM wrapper only.
        max_message_size: As for `session.create`.
        single_chunk_size: Likewise.
        addresses: Of the local and the remote party, as in a CPIM wrapper.
        chatroom: What this side can do as a chat room; empty: it is none.
    """
    session = sessions.create(local_path, seed, accept_types, max_message_size, single_chunk_size)
    local, remote = addresses
    media = Media(
        tuple(accept_types),
        tuple(accept_wrapped_types),
        local_address=local,
        remote_address=remote,
        chatroom=tuple(chatroom),
    )
    return Chat(session, media, _NONE)


def start(
    chat: Chat,
    remote_path: Sequence[URI | str],
    remote_accept_types: Sequence[str],
    remote_accept_wrapped_types: Sequence[str],
    active: bool,
    max_size: int | None = None,
    chatroom: Sequence[str] | None = None,
) -> Step:
    """Begin with what the peer's SDP says; `connected` is expected within 30 s.

    Args:
        chat: The chat.
        remote_path: Of the peer's line, like all that follows but `active`.
        remote_accept_types: What it takes.
        remote_accept_wrapped_types: What it takes in a CPIM wrapper besides.
        active: This side opens the connection.
        max_size: Most bytes of a message, None for no limit.
        chatroom: What it can do as a chat room; None: it is none.

    Raises:
        SessionStateError: It was begun before.
        LocalProtocolError: The path is empty.
    """
    session, outputs = sessions.start(chat.session, remote_path, active)
    types, wrapped_types = tuple(remote_accept_types), tuple(remote_accept_wrapped_types)
    media = chat.media.of_peer(types, wrapped_types, max_size, None if chatroom is None else tuple(chatroom))
    return _absorb(replace(chat, media=media), session, outputs)


def connected(chat: Chat) -> Step:
    """The connection is up."""
    return _absorb(chat, *sessions.connected(chat.session))


def receive(chat: Chat, message: MSRPData) -> Step:
    """Take one chunk or response from the framer. The response leaves before the report."""
    if message.method != "SEND" and (chat.features.nicknames or message.method == METHOD):
        step = nicknames.receive(chat, message)
        if step is not None:
            return step
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
    wishes: tuple[imdn.Wish, ...] = (),
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
        wishes: What to be told of it by disposition notifications, which need CPIM.

    Raises:
        SessionStateError: The chat has ended or is ending.
        LocalProtocolError: The peer does not take this, see `check`; the id is no id or in use. While the peer's SDP
            is not known, an unacceptable message ends in `NotDelivered` with that code instead.
    """
    if wishes:
        headers = (*headers, *imdn.request_headers(message_id, wishes))
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
        (),
        bool(wishes),
    )
    state = chat.session.state
    if state is _LEAVES:
        session, outputs = transmit(chat, draft)
        chat = Chat(session, chat.media, chat.waiting, chat.features)
        is_composing_shown = chat.features.composer.state is Activity.ACTIVE
        return _no_more_composing(chat, outputs) if is_composing_shown else (chat, outputs)
    if state not in _WAITS:
        raise SessionStateError("send", state, [*_WAITS, _LEAVES])
    sessions.check_arguments(message_id, success_report, failure_report)
    if message_id in chat.waiting:
        raise LocalProtocolError(f"message id is in use: {message_id!r}")
    if chat.media.remote_accept_types:
        body_of(chat, draft)
    return replace(chat, waiting=chat.waiting.set(message_id, draft)), ()


def timer_fired(chat: Chat, name: Hashable) -> Step:
    """A timer that was asked for has fired; a late one changes nothing."""
    step = composing.timer_fired(chat, name) or nicknames.timer_fired(chat, name)
    if step is not None:
        return step
    return _absorb(chat, *sessions.timer_fired(chat.session, name))


def connection_lost(chat: Chat, clean: bool, reason: str = "") -> Step:
    """The connection was closed by the peer (`clean`), broke, or could not be made."""
    return _absorb(chat, *sessions.connection_lost(chat.session, clean, reason))


def end(chat: Chat) -> Step:
    """End the chat; messages that await their report are given two seconds. Ending it again changes nothing."""
    chat, stopped = composing.stop(chat)
    chat, outputs = _absorb(chat, *sessions.end(chat.session))
    return chat, (*stopped, *outputs)


def _absorb(chat: Chat, session: Session, outputs: Outputs) -> Step:
    """Take over what the session became and asked for, in the terms of a chat."""
    if session is not chat.session:
        chat = Chat(session, chat.media, chat.waiting, chat.features)
    if not outputs:
        return chat, ()
    last = outputs[-1]
    if isinstance(last, MessageReceived):
        chat, got = receiving.unwrap(chat, last)
        outputs = (*outputs[:-1], *got)
    if chat.waiting and Started() in outputs:
        chat, flushed = _flush(chat)
        outputs = (*outputs, *flushed)
    elif isinstance(last, Ended):
        chat, abandoned = nicknames.abandon(chat)
        outputs = (*outputs[:-1], *_give_up(chat), *abandoned, last)
        chat = replace(chat, waiting=_NONE)
    return chat, outputs


def _no_more_composing(chat: Chat, outputs: Outputs) -> Step:
    """A message that leaves says itself that its writing is over."""
    chat, stopped = composing.stop(chat)
    return chat, (*outputs, *stopped)


def _flush(chat: Chat) -> Step:
    """Send what waited, in order; a message that cannot be sent does not hold up the others."""
    outputs: list[Output] = []
    drafts = _in_order(chat)
    chat = replace(chat, waiting=_NONE)
    for draft in drafts:
        try:
            session, sent = transmit(chat, draft)
        except LocalProtocolError as error:
            refused = NotDelivered(draft.message_id, error.code or 415, str(error))
            outputs += [refused] if draft.is_tracked else []
        else:
            chat = replace(chat, session=session)
            outputs += sent
    return chat, tuple(outputs)


def _give_up(chat: Chat) -> list[NotDelivered]:
    told = (draft for draft in _in_order(chat) if draft.is_tracked)
    return [NotDelivered(draft.message_id, 0, "session ended before it started") for draft in told]


def _in_order(chat: Chat) -> list[Draft]:
    return sorted(chat.waiting.values(), key=lambda draft: draft.number)
