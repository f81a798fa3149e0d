"""`MSRPChat`: one chat as applications hold it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sipsimple.actors import chat_line as actors
from sipsimple.api.chat_content import body_bytes, cpim_address, cpim_time, notification_data
from sipsimple.api.telling import tell_or
from sipsimple.api.uri import SIPURI
from sipsimple.errors import LocalProtocolError, MSRPChatError, SessionStateError
from sipsimple.protocols.msrp import chat as core
from sipsimple.protocols.msrp.outputs import Failed, NotDelivered
from sipsimple.protocols.msrp.state import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.session import Session
    from sipsimple.protocols.sdp.media import Media

_STATES = {
    State.IDLE: "INITIALIZED",
    State.CONNECTING: "STARTING",
    State.BINDING: "STARTING",
    State.STARTED: "STARTED",
    State.CLOSING: "ENDING",
    State.CLOSED: "ENDED",
}

_SENDING = ("INITIALIZED", "STARTING", "STARTED")

_OF_SESSION = {
    "MSRPChatGotMessage": "SCSessionGotMessage",
    "MSRPChatDidDeliverMessage": "SCSessionDidDeliverMessage",
    "MSRPChatDidNotDeliverMessage": "SCSessionDidNotDeliverMessage",
}


class MSRPChat:
    """A chat over MSRP (RFC 4975), the chat stream of a session.

    Attributes:
        from_uri: The local party.
        to_uri: The remote party.
        outgoing: Whether this side made the offer.
        accept_types: Content types that this side takes.
        accept_wrapped_types: Those that it takes inside CPIM.

    Notifications:
        MSRPChatDidInitialize, MSRPChatDidStart, then MSRPChatGotMessage,
        MSRPChatDidDeliverMessage and MSRPChatDidNotDeliverMessage as they come;
        MSRPChatWillEnd when this side ends it; MSRPChatDidFail when it breaks;
        MSRPChatDidEnd last and once.
    """

    def __init__(
        self,
        from_uri: SIPURI,
        to_uri: SIPURI,
        outgoing: bool,
        relay: object | None = None,
        accept_types: Sequence[str] = core.ACCEPT_TYPES,
        accept_wrapped_types: Sequence[str] = core.ACCEPT_WRAPPED_TYPES,
    ) -> None:
        if relay is not None:
            raise MSRPChatError("the relay of a chat is chosen by the msrp_config of its session")
        self.from_uri = from_uri
        self.to_uri = to_uri
        self.outgoing = outgoing
        self.accept_types = tuple(accept_types)
        self.accept_wrapped_types = tuple(accept_wrapped_types)
        self._session: Session | None = None
        self._ref: Ref | None = None
        self._media: Media | None = None
        self._has_failed = False
        self._has_ended = False

    def belong_to(self, session: Session) -> None:
        """Be a stream of `session`; the engine calls this."""
        self._session = session

    def attach(self, ref: Ref, media: Media | None) -> None:
        """Be the face of the actor `ref`, which is described by `media` once that is known; the engine calls this."""
        self._ref, self._media = ref, media

    @property
    def _chat(self) -> core.Chat | None:
        if self._ref is None:
            return None
        chat: core.Chat = self._ref.state.chat
        return chat

    @property
    def remote_uri(self) -> SIPURI:
        """The remote party."""
        return self.to_uri

    @property
    def local_media(self) -> Media | None:
        """Our m=message line; None before it is known."""
        return self._media

    @property
    def state(self) -> str:
        """NULL, INITIALIZED, STARTING, STARTED, ENDING, ENDED, or ERROR after a failure."""
        if self._has_failed:
            return "ERROR"
        chat = self._chat
        return "NULL" if chat is None else _STATES[chat.state]

    @property
    def has_ended(self) -> bool:
        """Whether MSRPChatDidEnd was posted."""
        return self._has_ended

    @property
    def is_active(self) -> bool:
        """Whether the chat is starting or started."""
        return self.state in ("STARTING", "STARTED")

    @property
    def is_started(self) -> bool:
        """Whether messages flow."""
        return self.state == "STARTED"

    @property
    def cpim_enabled(self) -> bool | None:
        """Whether messages are wrapped in CPIM; None before the peer's line is known."""
        chat = self._chat
        return chat.cpim_enabled if chat is not None and chat.media.remote_accept_types else None

    @property
    def private_messages_allowed(self) -> bool | None:
        """Whether `to_uri` of a message may differ from the remote party; None before that is known."""
        return self.cpim_enabled

    def send_message(
        self,
        content: str | bytes,
        content_type: str = "text/plain",
        to_uri: SIPURI | None = None,
        dt: datetime | None = None,
    ) -> str:
        """Send one message, now or when the chat has started.

        Text is sent in the charset that `content_type` names, else as UTF-8. A
        success report is always asked for.

        Args:
            content: The body.
            content_type: Of the body.
            to_uri: For the To of the CPIM wrapper; the remote party by default.
            dt: For the DateTime of the CPIM wrapper; now by default. Without a zone it is UTC.

        Returns:
            The message id, which the delivery notification bears.

        Raises:
            SessionStateError: The chat is not initialised, or over.
            TypeError: The content is neither str nor bytes, or `to_uri` no SIPURI.
            ValueError: The content type is not one line, or its charset cannot write the text.
            MSRPChatError: The peer takes no such type, or no private messages.

        Notifications:
            MSRPChatDidDeliverMessage or MSRPChatDidNotDeliverMessage, each followed by the
            SCSession... notification of the same name; one of them, once.

        RFC: 4975 7.1, 3862.
        """
        chat, ref = self._chat, self._ref
        if chat is None or ref is None or not ref.is_alive:
            raise SessionStateError("send_message", self.state, _SENDING)
        if to_uri is not None and not isinstance(to_uri, SIPURI):
            raise TypeError(f"to_uri must be a SIPURI, not {type(to_uri).__name__}")
        body = body_bytes(content, content_type)
        private = to_uri is not None and to_uri != self.to_uri
        if chat.media.remote_accept_types:
            _check(chat, content_type, private)
        command = actors.SendMessage(
            message_id=secrets.token_hex(8),
            content=body,
            content_type=content_type,
            from_=cpim_address(self.from_uri),
            to=cpim_address(to_uri or self.to_uri),
            datetime_text=cpim_time(dt),
            private=private,
        )
        tell_or(ref, command, lambda: self._decline(command))
        return command.message_id

    def _decline(self, command: actors.SendMessage) -> None:
        is_alive = self._ref is not None and self._ref.is_alive
        reason = "too many messages wait already" if is_alive else "the chat has ended"
        self.notify("MSRPChatDidNotDeliverMessage", NotDelivered(command.message_id, 0, reason))

    def end(self) -> None:
        """End the chat; calling it again changes nothing.

        Notifications:
            MSRPChatWillEnd, MSRPChatDidEnd.
        """
        if self._ref is not None:
            self._ref.tell(actors.End())

    def notify(self, name: str, output: Any) -> None:
        """Post a notification of this chat, and the session's that goes with it; its actor calls this."""
        session = self._session
        if session is None or (name == "MSRPChatDidEnd" and self._has_ended):
            return
        self._has_ended = self._has_ended or name == "MSRPChatDidEnd"
        if isinstance(output, Failed):
            self._has_failed = True
        data = notification_data(output)
        session.post(self, name, data)
        if name in _OF_SESSION and not session.has_ended:
            session.post(session, _OF_SESSION[name], data)
        if name == "MSRPChatDidEnd":
            session.detach_stream(self)  # or they would hold each other for the collector


def _check(chat: core.Chat, content_type: str, private: bool) -> None:
    try:
        core.check(chat, content_type, private=private)
    except SessionStateError:
        raise
    except LocalProtocolError as error:
        raise MSRPChatError(error.reason) from error
