"""What may be said in a chat, and how: by the types that the peer takes, its limits, and CPIM. RFC 4975 section 8.

What is refused is refused with the code that the peer would have answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols import cpim
from sipsimple.protocols.msrp import nickname
from sipsimple.protocols.msrp import session as sessions
from sipsimple.protocols.msrp.content_types import CPIM, accepts

if TYPE_CHECKING:
    from sipsimple.protocols.msrp.chat.draft import Draft
    from sipsimple.protocols.msrp.chat.state import Chat
    from sipsimple.protocols.msrp.state import Outputs, Session

TOO_LARGE, UNSUPPORTED = 413, 415


def check(chat: Chat, content_type: str, *, private: bool = False, reported: bool = False, size: int = 0) -> None:
    """Say at once whether a message may be sent.

    Args:
        chat: Whose peer is known.
        content_type: Of the message.
        private: It is for somebody else than the remote party.
        reported: Notifications of what becomes of it are asked for.
        size: Bytes of the content.

    Raises:
        LocalProtocolError: The peer does not take it. `code` is 415 for its type and for a wrapper, 413 for its size,
            428 for a private message.
    """
    media = chat.media
    if not media.wraps:
        if private:
            raise _refused(nickname.NO_PRIVATE_MESSAGES, "a private message needs a peer that takes message/cpim")
        if reported:
            raise _refused(UNSUPPORTED, "disposition notifications need a peer that takes message/cpim")
    elif private and nickname.PRIVATE_MESSAGES not in (media.remote_chatroom or ()):
        raise _refused(nickname.NO_PRIVATE_MESSAGES, "the peer offers no private messages: a=chatroom does not say so")
    if not accepts(media.remote_types, content_type):
        taken = " ".join(dict.fromkeys(media.remote_types))
        raise _refused(UNSUPPORTED, f"the peer does not take {content_type}, only {taken}")
    if media.remote_max_size is not None:
        _check_size(media.remote_max_size, size)


def takes(chat: Chat, content_type: str) -> bool:
    """Tell whether the peer takes this type, the way we would send it."""
    return accepts(chat.media.remote_types, content_type)


def transmit(chat: Chat, draft: Draft) -> tuple[Session, Outputs]:
    """Send what was drafted.

    Raises:
        LocalProtocolError: As `check`; or the message is too large with its wrapper, or its id is in use.
    """
    body, content_type = body_of(chat, draft)
    return sessions.send(chat.session, draft.message_id, body, content_type, draft.success_report, draft.failure_report)


def body_of(chat: Chat, draft: Draft) -> tuple[bytes, str]:
    """What goes into the SEND, and its type.

    Raises:
        LocalProtocolError: As `transmit`.
    """
    check(chat, draft.content_type, private=draft.private, reported=draft.reported, size=len(draft.content))
    if not chat.media.wraps:
        return draft.content, draft.content_type
    body = cpim.build(
        draft.from_,
        draft.to,
        draft.datetime_text,
        draft.content,
        draft.content_type,
        draft.headers,
        draft.content_headers,
    )
    if chat.media.remote_max_size is not None:
        _check_size(chat.media.remote_max_size, len(body))
    return body, CPIM


def _check_size(limit: int, size: int) -> None:
    if size > limit:
        raise _refused(TOO_LARGE, f"the peer takes messages of up to {limit} bytes, not of {size}")


def _refused(code: int, reason: str) -> LocalProtocolError:
    error = LocalProtocolError(reason)
    error.code = code
    return error
