"""`MSRPChat`: one chat as applications hold it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sipsimple.actors import chat as actors
from sipsimple.api.notification import NotificationData
from sipsimple.api.uri import SIPURI
from sipsimple.errors import LocalProtocolError, MSRPChatError, SessionStateError
from sipsimple.protocols import cpim
from sipsimple.protocols.msrp import chat as core
from sipsimple.protocols.msrp.outputs import Delivered, Failed, GotMessage, NotDelivered
from sipsimple.protocols.msrp.state import State

if TYPE_CHECKING:
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
            raise MSRPChatError("MSRP relays are not available in this version")
        self.from_uri = from_uri
        self.to_uri = to_uri
        self.outgoing = outgoing
        self.accept_types = tuple(accept_types)
        self.accept_wrapped_types = tuple(accept_wrapped_types)
        self._session: Session | None = None
        self._ref: Ref | None = None
        self._media: Media | None = None
        self._has_failed = False

    def attach(self, session: Session, ref: Ref, media: Media) -> None:
        """Belong to `session`, which made the actor `ref` behind this object."""
        self._session, self._ref, self._media = session, ref, media

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
        chat = self._chat
        if chat is None:
            return "NULL"
        return "ERROR" if self._has_failed else _STATES[chat.state]

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

        Text is sent as UTF-8. A success report is always asked for.

        Args:
            content: The body.
            content_type: Of the body.
            to_uri: For the To of the CPIM wrapper; the remote party by default.
            dt: For the DateTime of the CPIM wrapper; now by default. Without a zone it is UTC.

        Returns:
            The message id, which the delivery notification bears.

        Raises:
            SessionStateError: The chat is not initialised, or over.
            MSRPChatError: The peer takes no such type, or no private messages.

        Notifications:
            MSRPChatDidDeliverMessage or MSRPChatDidNotDeliverMessage, each followed by the
            SCSession... notification of the same name; one of them, once.

        RFC: 4975 7.1, 3862.
        """
        chat, ref = self._chat, self._ref
        if chat is None or ref is None:
            raise SessionStateError("send_message", "NULL", ("INITIALIZED", "STARTING", "STARTED"))
        private = to_uri is not None and to_uri != self.to_uri
        if chat.media.remote_accept_types:
            try:
                core.check(chat, content_type, private=private)
            except SessionStateError:
                raise
            except LocalProtocolError as error:
                raise MSRPChatError(error.reason) from error
        command = actors.SendMessage(
            message_id=secrets.token_hex(8),
            content=content.encode() if isinstance(content, str) else bytes(content),
            content_type=content_type,
            from_=_address(self.from_uri),
            to=_address(to_uri or self.to_uri),
            datetime_text=_with_zone(dt).isoformat(),
            private=private,
        )
        if not ref.tell(command):
            raise SessionStateError("send_message", self.state, ("INITIALIZED", "STARTING", "STARTED"))
        return command.message_id

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
        if session is None:
            return
        if isinstance(output, Failed):
            self._has_failed = True
        data = notification_data(output)
        session.post(self, name, data)
        if name in _OF_SESSION:
            session.post(session, _OF_SESSION[name], data)


def notification_data(output: Any) -> NotificationData:
    """Return what a notification of a chat carries."""
    if isinstance(output, GotMessage):
        return NotificationData(
            content=_text(output.content, output.content_type),
            content_type=output.content_type,
            cpim_headers={} if output.cpim is None else cpim_headers(output.cpim),
            message=output.message,
        )
    if isinstance(output, Delivered | NotDelivered):
        return NotificationData(
            message_id=output.message_id, code=output.code, reason=output.reason, message=output.message
        )
    if isinstance(output, Failed):
        return NotificationData(context=output.context, failure=MSRPChatError(output.reason), reason=output.reason)
    return NotificationData()


def cpim_headers(message: cpim.CPIMMessage) -> dict[str, Any]:
    """Return the headers of a CPIM wrapper: addresses as SIPURI, DateTime as datetime, the rest as text."""
    return {name: _sip_uri(value) if isinstance(value, tuple) else value for name, value in _typed(message)}


def _typed(message: cpim.CPIMMessage) -> list[tuple[str, Any]]:
    return list(cpim.cpim_headers(message).items())


def _sip_uri(value: tuple[str | None, str]) -> SIPURI | str:
    display, text = value
    try:
        uri = SIPURI.parse(text)
    except ValueError:
        return text
    uri.display = display
    return uri


def _text(content: bytes, content_type: str) -> str | bytes:
    """Return text as str, anything else as it is."""
    if not content_type.lower().startswith("text/"):
        return content
    charset = content_type.lower().partition("charset=")[2].partition(";")[0].strip(' "') or "utf-8"
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content


def _address(uri: SIPURI) -> str:
    return cpim.format_address(f"sip{'s' if uri.secure else ''}:{_user(uri)}{uri.host}", uri.display)


def _user(uri: SIPURI) -> str:
    return f"{uri.user}@" if uri.user else ""


def _with_zone(dt: datetime | None) -> datetime:
    if dt is None:
        return datetime.now(UTC)
    return dt if dt.tzinfo is not None else dt.replace(tzinfo=UTC)
