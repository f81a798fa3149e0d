"""Disposition notifications in a chat: asked for, answered, taken; the documents stand in `protocols.imdn`. RFC 5438.

That a message was delivered is told at once and without the application; that it was displayed, by its call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols import imdn
from sipsimple.protocols.imdn import Kind, Wish
from sipsimple.protocols.msrp.chat import sending as chat_sending
from sipsimple.protocols.msrp.chat.draft import Draft
from sipsimple.protocols.msrp.chat.outputs import NotifyDisposition
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.cpim import CPIMMessage
    from sipsimple.protocols.msrp.chat.state import Chat, Step
    from sipsimple.protocols.msrp.state import Outputs

MAX_DISPLAYS = 256
"""So many messages may wait to be displayed; of older ones nothing is told any more."""

_DISPOSITION = (("Content-Disposition", "notification"),)


def request_of(wrapper: CPIMMessage | None) -> imdn.Request | None:
    """What the sender of a message asked for."""
    if wrapper is None or "NS" not in wrapper.typed:  # most messages
        return None
    return imdn.request_of(wrapper)


def delivered(chat: Chat, request: imdn.Request) -> Step:
    """A message was handed to the application; remember whether its display is to be told."""
    if Wish.DISPLAY in request.wishes:
        features = chat.features
        others = [each for each in features.displays if each.message_id != request.message_id]
        displays = (*others, request)[-MAX_DISPLAYS:]
        chat = replace(chat, features=replace(features, displays=displays))
    return chat, _told(request, "delivered")


def refused(request: imdn.Request | None) -> Outputs:
    """A message was not handed to the application."""
    return () if request is None else _told(request, "failed")


def _told(request: imdn.Request, status: str) -> Outputs:
    is_wanted = imdn.may_tell(request, Kind.DELIVERY, status)
    return (NotifyDisposition(request, Kind.DELIVERY, status),) if is_wanted else ()


def awaited(chat: Chat, message_id: str) -> imdn.Request:
    """Return what the sender of a message asked for whose display was not told yet.

    Raises:
        LocalProtocolError: There is no such message.
    """
    for each in chat.features.displays:
        if each.message_id == message_id:
            return each
    raise LocalProtocolError(f"no display notification is awaited of the message {message_id!r}")


def display(chat: Chat, message_id: str, status: str = "displayed") -> Step:
    """Have the sender told that a message was displayed, or will not be; once for each message.

    Raises:
        SessionStateError: The chat is over.
        LocalProtocolError: None was asked for, or it was told already; there is no such status.
    """
    if chat.state is not State.STARTED:
        raise SessionStateError("send_display_notification", chat.state, [State.STARTED])
    request = awaited(chat, message_id)
    imdn.notification_for(request, Kind.DISPLAY, status, chat.media.local_address)
    left = tuple([each for each in chat.features.displays if each is not request])
    chat = replace(chat, features=replace(chat.features, displays=left))
    return chat, (NotifyDisposition(request, Kind.DISPLAY, status),)


def notify(chat: Chat, output: NotifyDisposition, message_id: str, datetime_text: str) -> Step:
    """Send what `NotifyDisposition` asked for.

    Raises:
        SessionStateError: The chat is over.
        LocalProtocolError: The peer takes no such document.
    """
    request = output.request
    local = chat.media.local_address or request.recipient
    notification = imdn.notification_for(request, output.kind, output.status, local)
    if not chat.cpim_enabled:
        raise LocalProtocolError("the peer asked for a notification and takes no message/cpim")
    draft = Draft(
        0,
        message_id,
        imdn.build(notification),
        imdn.CONTENT_TYPE,
        local,
        request.sender,
        datetime_text,
        False,
        "no",
        "no",
        imdn.notification_headers(request, message_id),
        _DISPOSITION,
    )
    session, outputs = chat_sending.transmit(chat, draft)
    return replace(chat, session=session), outputs
