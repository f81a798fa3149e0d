"""Nicknames in a chat: ours at the peer's chat room, and those that participants ask of us. RFC 7701 section 7."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError, RemoteProtocolError, SessionStateError
from sipsimple.protocols.msrp import chunk, incoming, nickname
from sipsimple.protocols.msrp.chat.outputs import NicknameAnswered, NicknameWanted
from sipsimple.protocols.msrp.nickname import METHOD, NICKNAME
from sipsimple.protocols.msrp.outgoing import RESPONSE_TIMEOUT
from sipsimple.protocols.msrp.outputs import Send
from sipsimple.protocols.msrp.state import Outputs, State
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.protocols.msrp.chat.state import Chat, Step
    from sipsimple.protocols.msrp.message import MSRPData

MAX_WANTED = 16
"""So many requests of one participant may wait for their answer."""


def check(chat: Chat) -> None:
    """Say at once whether a nickname can be asked for.

    Raises:
        SessionStateError: The chat has not started, or is over.
        LocalProtocolError: The peer is no chat room that gives nicknames.
    """
    if chat.state is not State.STARTED:
        raise SessionStateError("set_local_nickname", chat.state, [State.STARTED])
    if NICKNAME not in (chat.media.remote_chatroom or ()):
        raise LocalProtocolError("the peer gives no nicknames: a=chatroom does not say so")


def ask(chat: Chat, name: str) -> Step:
    """Ask the chat room to know us as `name`; an empty one gives the name back.

    Raises:
        SessionStateError: As `check`.
        LocalProtocolError: As `check`; or it can be no nickname.
    """
    check(chat)
    name = nickname.prepared(name)
    session = chat.session
    identifier = chunk.transaction_id(session.terms.seed, session.counter)
    request = nickname.request(identifier, session.terms.to_path, session.terms.own, name)
    asked = replace(chat.features, nicknames=chat.features.nicknames.set(identifier, name))
    chat = replace(chat, session=replace(session, counter=session.counter + 1), features=asked)
    return chat, (Send(request), StartTimer(("response", identifier), RESPONSE_TIMEOUT))


def receive(chat: Chat, message: MSRPData) -> Step | None:
    """Take the answer to our request, or the request of a participant; None: it is neither, or none is taken here."""
    if message.method is None and message.transaction_id in chat.features.nicknames:
        code = message.code or 0
        reason = message.comment or chunk.COMMENTS.get(code, "")
        chat, outputs = _answered(chat, message.transaction_id, code, reason, message)
        return chat, (StopTimer(("response", message.transaction_id)), *outputs)
    is_ours = message.method == METHOD and NICKNAME in chat.media.chatroom and chat.state is State.STARTED
    return _take_request(chat, message) if is_ours else None


def timer_fired(chat: Chat, name: Hashable) -> Step | None:
    """Take a timer; None: it is of no request for a nickname."""
    if not isinstance(name, tuple) or name[0] != "response" or name[1] not in chat.features.nicknames:
        return None
    return _answered(chat, name[1], 408, chunk.COMMENTS[408], None)


def abandon(chat: Chat) -> Step:
    """The chat is over: what was asked for will not be answered."""
    outputs: Outputs = ()
    for identifier in chat.features.nicknames:
        chat, more = _answered(chat, identifier, 0, "the chat has ended", None)
        outputs += (StopTimer(("response", identifier)), *more)
    return chat, outputs


def _answered(chat: Chat, identifier: str, code: int, reason: str, message: MSRPData | None) -> Step:
    asked = chat.features.nicknames
    name = asked[identifier]
    chat = replace(chat, features=replace(chat.features, nicknames=asked.delete(identifier)))
    return chat, (NicknameAnswered(name, code, reason, message),)


def _take_request(chat: Chat, message: MSRPData) -> Step:
    features = chat.features
    try:
        code = 200 if incoming.belongs(chat.session.terms, message) else 481
        name = nickname.wanted(message)
    except RemoteProtocolError as error:
        code, name = error.code, ""
    if code == 200 and (len(features.wanted) >= MAX_WANTED or message.transaction_id in features.wanted):
        code = 403
    if code != 200:
        return chat, _response(message, code, None)
    wanted = features.wanted.set(message.transaction_id, message)
    return replace(chat, features=replace(features, wanted=wanted)), (NicknameWanted(name, message),)


def answer(chat: Chat, transaction_id: str, code: int, reason: str | None = None) -> Step:
    """Answer the request of a participant.

    Raises:
        LocalProtocolError: There is no such request, or it was answered.
    """
    message = chat.features.wanted.get(transaction_id)
    if message is None:
        raise LocalProtocolError(f"no request for a nickname waits for an answer: {transaction_id!r}")
    left = chat.features.wanted.delete(transaction_id)
    return replace(chat, features=replace(chat.features, wanted=left)), _response(message, code, reason)


def _response(message: MSRPData, code: int, reason: str | None) -> Outputs:
    response = chunk.response(message, code, reason)
    return () if response is None else (Send(response),)
