"""Telling in a chat that somebody writes; the rules stand in `protocols.is_composing`. RFC 3994 section 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import SessionStateError
from sipsimple.protocols import is_composing
from sipsimple.protocols.is_composing import CONTENT_TYPE, Show, Status, Stimulus
from sipsimple.protocols.is_composing import State as Activity
from sipsimple.protocols.msrp.chat import sending as chat_sending
from sipsimple.protocols.msrp.chat.draft import Draft
from sipsimple.protocols.msrp.chat.outputs import GotComposing, ShowComposing
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.protocols.is_composing import Composer
    from sipsimple.protocols.msrp.chat.state import Chat, Step
    from sipsimple.protocols.msrp.state import Outputs

_TIMERS = {
    is_composing.IDLE_TIMER: Stimulus.IDLE_TIMEOUT,
    is_composing.REFRESH_TIMER: Stimulus.REFRESH_DUE,
}


def write(
    chat: Chat,
    refresh: int | None = None,
    content_type: str | None = None,
    last_active: str | None = None,
    recipient: str = "",
) -> Step:
    """Say that a message is being written, as often as a key is pressed.

    The peer is told when that is news, again before it would forget, and after 15 s without another call that it is
    over. A message that is sent ends it too.

    Raises:
        SessionStateError: The chat has not started, or is over.
        LocalProtocolError: The peer does not take it, or `refresh` is too short.
    """
    _require(chat, recipient)
    composer, outputs = is_composing.write(chat.features.composer, refresh, content_type, last_active, recipient)
    return _with(chat, composer), _asked(outputs)


def pause(chat: Chat, last_active: str | None = None) -> Step:
    """Say that nothing is written any more.

    Raises:
        SessionStateError: The chat has not started, or is over.
        LocalProtocolError: The peer does not take it.
    """
    _require(chat, chat.features.composer.recipient)
    known = replace(chat.features.composer, last_active=last_active or chat.features.composer.last_active)
    composer, outputs = is_composing.step(known, Stimulus.PAUSED)
    return _with(chat, composer), _asked(outputs)


def _require(chat: Chat, recipient: str) -> None:
    if chat.state is not State.STARTED:
        raise SessionStateError("send_composing_indication", chat.state, [State.STARTED])
    chat_sending.check(chat, CONTENT_TYPE, private=recipient not in ("", chat.media.remote_address))


def stop(chat: Chat) -> Step:
    """Forget what the peer was told: a message is sent, or the chat ends."""
    composer, outputs = is_composing.step(chat.features.composer, Stimulus.MESSAGE_SENT)
    return _with(chat, composer), _asked(outputs)


def show(chat: Chat, shown: Show, message_id: str, datetime_text: str) -> Step:
    """Send what `ShowComposing` asked for; nobody wants to know what became of it.

    Raises:
        SessionStateError: The chat is over.
        LocalProtocolError: The peer does not take it.
    """
    media = chat.media
    recipient = shown.recipient or media.remote_address
    draft = Draft(
        0,
        message_id,
        is_composing.build(shown.status),
        CONTENT_TYPE,
        media.local_address,
        recipient,
        datetime_text,
        recipient != media.remote_address,
        "no",
        "no",
        (),
    )
    session, outputs = chat_sending.transmit(chat, draft)
    return replace(chat, session=session), outputs


def take(chat: Chat, status: Status, sender: str) -> Step:
    """Take what the far end told."""
    watch, timers = is_composing.told(chat.features.watch, sender, status)
    chat = replace(chat, features=replace(chat.features, watch=watch))
    return chat, (*_asked(timers), GotComposing(status, sender))


def silence(chat: Chat, sender: str) -> Step:
    """Take a message of `sender`, or the end of the time for which it wrote: it writes no more."""
    watch, was_active, timers = is_composing.silenced(chat.features.watch, sender)
    if not was_active or chat.state is State.CLOSED:
        return chat, ()
    chat = replace(chat, features=replace(chat.features, watch=watch))
    return chat, (*_asked(timers), GotComposing(Status(Activity.IDLE), sender))


def timer_fired(chat: Chat, name: Hashable) -> Step | None:
    """Take a timer; None: it is none of these."""
    if isinstance(name, tuple):
        return silence(chat, name[1]) if name[0] == "composing" else None
    stimulus = _TIMERS.get(str(name))
    if stimulus is None:
        return None
    composer, outputs = is_composing.step(chat.features.composer, stimulus)
    return _with(chat, composer), _asked(outputs)


def _with(chat: Chat, composer: Composer) -> Chat:
    return replace(chat, features=replace(chat.features, composer=composer))


def _asked(outputs: is_composing.Outputs) -> Outputs:
    return tuple([ShowComposing(each) if isinstance(each, Show) else each for each in outputs])
