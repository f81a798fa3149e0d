"""`MSRPChat`: one chat as applications hold it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sipsimple.actors.chat import line as actors
from sipsimple.api import checking
from sipsimple.api.body import body_bytes, checked_types
from sipsimple.api.chat.backlog import is_too_much
from sipsimple.api.chat.content import cpim_address, cpim_time, notification_data, same_party
from sipsimple.api.chat.features import checked
from sipsimple.api.chat.home import ChatHome
from sipsimple.api.chat.room import chatroom
from sipsimple.api.relay_settings import chosen_relays
from sipsimple.api.telling import insist, tell_or
from sipsimple.api.uri import SIPURI, required_uri
from sipsimple.errors import SessionStateError
from sipsimple.protocols import imdn
from sipsimple.protocols.msrp.chat import chat as core
from sipsimple.protocols.msrp.nickname import PRIVATE_MESSAGES
from sipsimple.protocols.msrp.outputs import Failed, NotDelivered
from sipsimple.protocols.msrp.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.chat.home import Home
    from sipsimple.api.relay_settings import MSRPRelaySettings
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
    "MSRPChatDidDisplayMessage": "SCSessionDidDisplayMessage",
    "MSRPChatDidNotDisplayMessage": "SCSessionDidNotDisplayMessage",
}


class MSRPChat(ChatHome):
    """A chat over MSRP (RFC 4975): the chat stream of a session, or one on its own.

    An application that does its own signalling makes one, calls `initialize()`, tells the peer its `local_media`, and
    calls `start()` with the peer's.

    Attributes:
        from_uri: The local party.
        to_uri: The remote party.
        outgoing: Whether this side made the offer.
        relay: The MSRP relays of a chat that belongs to no session, the nearest first.
        accept_types: Content types that this side takes.
        accept_wrapped_types: Those that it takes inside CPIM.
        chatroom_capabilities: What this side offers as a chat room, of `nickname` and `private-messages`; empty: it is
            no chat room.

    Raises:
        TypeError: An argument is of the wrong type.
        ValueError: One has a bad value.

    Notifications:
        MSRPChatDidInitialize, MSRPChatDidStart, then MSRPChatGotMessage,
        MSRPChatDidDeliverMessage and MSRPChatDidNotDeliverMessage as they come;
        MSRPChatGotComposingIndication when the peer writes, and when it does not any more;
        MSRPChatGotDeliveryNotification, MSRPChatDidDisplayMessage and MSRPChatDidNotDisplayMessage for messages that
        asked for them; MSRPChatDidSetNickname, MSRPChatDidNotSetNickname and, of a participant,
        MSRPChatGotNicknameRequest;
        MSRPChatWillEnd when this side ends it; MSRPChatDidFail when it breaks;
        MSRPChatDidEnd last and once.
    """

    def __init__(
        self,
        from_uri: SIPURI,
        to_uri: SIPURI,
        outgoing: bool,
        relay: MSRPRelaySettings | Sequence[MSRPRelaySettings] | None = None,
        accept_types: Sequence[str] = core.ACCEPT_TYPES,
        accept_wrapped_types: Sequence[str] = core.ACCEPT_WRAPPED_TYPES,
        chatroom_capabilities: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.relay = chosen_relays(relay)
        self.from_uri = checking.instance("from_uri", from_uri, SIPURI)
        self.to_uri = checking.instance("to_uri", to_uri, SIPURI)
        self.outgoing = checking.boolean("outgoing", outgoing)
        self.accept_types = checked_types("accept_types", accept_types)
        self.accept_wrapped_types = checked_types("accept_wrapped_types", accept_wrapped_types)
        self.chatroom_capabilities = chatroom(chatroom_capabilities)
        self._session: Home | None = None
        self._ref: Ref | None = None
        self._media: Media | None = None
        self._has_failed = False
        self._has_ended = False

    def belong_to(self, session: Home) -> None:
        """Be a stream of `session`; the engine calls this."""
        self._session = session

    @property
    def ref(self) -> Ref | None:
        """The actor behind it; None before there is one."""
        return self._ref

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
        """Whether `to_uri` of a message may differ from the remote party; None before that is known.

        That is so at a chat room that offers it (RFC 7701 section 8.2).
        """
        wrapped = self.cpim_enabled
        return wrapped and PRIVATE_MESSAGES in (self.remote_chatroom_capabilities or ())

    def send_message(
        self,
        content: str | bytes,
        content_type: str = "text/plain",
        to_uri: SIPURI | None = None,
        dt: datetime | None = None,
        disposition: Iterable[str] = (),
    ) -> str:
        """Send one message, now or when the chat has started.

        Text is sent in the charset that `content_type` names, else as UTF-8. A
        success report is always asked for.

        Args:
            content: The body.
            content_type: Of the body.
            to_uri: For the To of the CPIM wrapper; the remote party by default.
            dt: For the DateTime of the CPIM wrapper; now by default. Without a zone it is UTC.
            disposition: What to be told of it by the recipient, of `positive-delivery`, `negative-delivery`,
                `processing` and `display`.

        Returns:
            The message id, which the delivery notification bears.

        Raises:
            SessionStateError: The chat is not initialised, or over.
            TypeError: The content is neither str nor bytes, or `to_uri` no SIPURI.
            ValueError: The content type is not one line, its charset cannot write the text, or there is no such
                disposition.
            MSRPChatError: The peer takes no such type or size, no private messages, or no notifications.

        Notifications:
            MSRPChatDidDeliverMessage or MSRPChatDidNotDeliverMessage, each followed by the
            SCSession... notification of the same name; one of them, once.
            MSRPChatGotDeliveryNotification, MSRPChatDidDisplayMessage or MSRPChatDidNotDisplayMessage, as the
            recipient tells.

        RFC: 4975 7.1, 3862; 5438 6.
        """
        chat, ref = self._chat, self._ref
        if chat is None or ref is None or not ref.is_alive:
            raise SessionStateError("send_message", self.state, _SENDING)
        if to_uri is not None:
            required_uri("to_uri", to_uri)
        body = body_bytes(content, content_type)
        private = to_uri is not None and not same_party(to_uri, self.to_uri)
        wishes = imdn.wishes(checking.texts("disposition", disposition) if disposition else ())
        if chat.media.remote_accept_types:
            checked(
                lambda: core.check(chat, content_type, private=private, reported=bool(wishes), size=len(body)),
            )
        command = actors.SendMessage(
            message_id=secrets.token_hex(8),
            content=body,
            content_type=content_type,
            from_=cpim_address(self.from_uri),
            to=cpim_address(to_uri or self.to_uri),
            datetime_text=cpim_time(dt),
            private=private,
            wishes=wishes,
        )
        tell_or(ref, command, lambda: self._decline(command))
        self.play("message_sent_sound")
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
            insist(self._ref, actors.End())

    def lags(self) -> bool:
        """Tell whether so much waits for observers that the peer has to wait; its actor asks."""
        return self._session is not None and is_too_much(self._session.waiting)

    def notify(self, name: str, output: Any) -> None:
        """Post a notification of this chat, and the session's that goes with it; its actor calls this."""
        session = self._session
        if session is None or (name == "MSRPChatDidEnd" and self._has_ended):
            return
        if name == "MSRPChatDidEnd":
            self._has_ended = True
        if isinstance(output, Failed):
            self._has_failed = True
        if name == "MSRPChatGotMessage":
            self.play("message_received_sound")
        data = notification_data(output, self.to_uri)
        session.post(self, name, data)
        if name in _OF_SESSION and not session.has_ended:
            session.post(session, _OF_SESSION[name], data)
        if name == "MSRPChatDidEnd":
            session.detach_stream(self)  # or they would hold each other for the collector
