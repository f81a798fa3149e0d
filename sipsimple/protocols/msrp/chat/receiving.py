"""What becomes of a message that came: it is unwrapped, reported, and passed on. RFC 3862, 4975 section 7.1.2.

A message is for the user; a status of who writes and a disposition notification are for the chat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols import cpim, imdn, is_composing
from sipsimple.protocols.imdn import Notification
from sipsimple.protocols.msrp import nickname
from sipsimple.protocols.msrp import session as sessions
from sipsimple.protocols.msrp.chat import composing, disposition
from sipsimple.protocols.msrp.chat.outputs import GotDisposition
from sipsimple.protocols.msrp.chat.state import Chat, Media, Step
from sipsimple.protocols.msrp.content_types import accepts, is_cpim
from sipsimple.protocols.msrp.outputs import GotMessage, MessageReceived

if TYPE_CHECKING:
    from sipsimple.protocols.cpim import CPIMMessage

    Document = is_composing.Status | Notification


def unwrap(chat: Chat, received: MessageReceived) -> Step:
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
            code, comment = _judged(chat, wrapper)
    document: Document | None = None
    if code == 200 and content_type[:5].lower() != "text/":
        try:
            document = _document(content_type, content)
        except RemoteProtocolError:
            code, comment = 400, "Bad document"
    session, reports = sessions.report(chat.session, received.message, code, comment)
    if session is not chat.session:
        chat = Chat(session, chat.media, chat.waiting, chat.features)
    if document is not None:
        chat, told = _take_document(chat, document, wrapper)
        return chat, (*reports, *told)
    wanted = disposition.request_of(wrapper)
    if code != 200:
        return chat, (*reports, *disposition.refused(wanted))
    got = GotMessage(content, content_type, wrapper, received.message, wanted)
    if wanted is None and not chat.features.watch.active:
        return chat, (*reports, got)
    chat, silenced = composing.silence(chat, _sender(wrapper))
    chat, told = (chat, ()) if wanted is None else disposition.delivered(chat, wanted)
    return chat, (*reports, *silenced, got, *told)


def _judged(chat: Chat, wrapper: CPIMMessage) -> tuple[int, str | None]:
    """What a wrapped message is reported with, by its wrapper."""
    media = chat.media
    if cpim.not_understood(wrapper):
        return 400, "CPIM headers are required that are not understood"
    if not accepts(media.accept_wrapped_types + media.accept_types, wrapper.content_type):
        return 415, None
    if media.chatroom and nickname.PRIVATE_MESSAGES not in media.chatroom and not _is_for_us(media, wrapper):
        return nickname.NO_PRIVATE_MESSAGES, None
    return 200, None


def _is_for_us(media: Media, wrapper: CPIMMessage) -> bool:
    to = wrapper.get("To")
    return to is None or cpim.same_address(to, media.local_address)


def _document(content_type: str, content: bytes) -> Document | None:
    """Read content that is meant for the chat and not for its user; None for a message.

    Raises:
        RemoteProtocolError: It cannot be read.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == is_composing.CONTENT_TYPE:
        return is_composing.parse(content)
    return imdn.parse(content) if kind == imdn.CONTENT_TYPE else None


def _take_document(chat: Chat, document: Document, wrapper: CPIMMessage | None) -> Step:
    if isinstance(document, Notification):
        return chat, (GotDisposition(document, wrapper),)
    return composing.take(chat, document, _sender(wrapper))


def _sender(wrapper: CPIMMessage | None) -> str:
    return "" if wrapper is None else wrapper.get("From") or ""
