"""What an `MSRPChat` can do beside sending messages: who writes, what became of messages, nicknames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.chat.features import AnswerNickname, AskNickname, TellComposing, TellDisplay
from sipsimple.api import checking
from sipsimple.api.chat.content import cpim_address, cpim_time, same_party
from sipsimple.api.chat.sounds import ChatSounds
from sipsimple.api.uri import SIPURI, required_uri
from sipsimple.errors import LocalProtocolError, MSRPChatError, SessionStateError
from sipsimple.protocols import imdn, is_composing
from sipsimple.protocols.msrp import nickname
from sipsimple.protocols.msrp.chat import disposition as chat_disposition
from sipsimple.protocols.msrp.chat import nickname as chat_nickname
from sipsimple.protocols.msrp.chat import sending as chat_sending
from sipsimple.protocols.msrp.message import MSRPData
from sipsimple.protocols.msrp.state import State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sipsimple.actors.runtime import Ref
    from sipsimple.protocols.msrp.chat.state import Chat


class ChatFeatures(ChatSounds):
    """What is beside the messages of a chat.

    Attributes:
        chatroom_capabilities: What this side offers as a chat room, of `nickname` and `private-messages`; empty: it is
            no chat room.
    """

    chatroom_capabilities: tuple[str, ...]
    to_uri: SIPURI
    _ref: Ref | None

    @property
    def _chat(self) -> Chat | None:
        raise NotImplementedError

    @property
    def state(self) -> str:
        """Of the chat."""
        raise NotImplementedError

    @property
    def remote_chatroom_capabilities(self) -> tuple[str, ...] | None:
        """What the peer offers as a chat room; None: it is none, or that is not known yet."""
        chat = self._chat
        return None if chat is None else chat.media.remote_chatroom

    @property
    def nickname_allowed(self) -> bool:
        """Whether the peer is a chat room that gives nicknames."""
        return nickname.NICKNAME in (self.remote_chatroom_capabilities or ())

    @property
    def composing_indications_allowed(self) -> bool | None:
        """Whether the peer wants to be told who writes; None before that is known."""
        chat = self._chat
        if chat is None or not chat.media.remote_accept_types:
            return None
        return chat_sending.takes(chat, is_composing.CONTENT_TYPE)

    def send_composing_indication(
        self,
        state: str,
        refresh: int | None = None,
        last_active: datetime | None = None,
        recipient: SIPURI | None = None,
    ) -> None:
        """Tell the peer that a message is being written, or is not any more.

        It may be called for each key that is pressed: the peer is told "active" when that is news and, while it goes
        on, again before it would forget; "idle" when 15 s pass without another call. A message that is sent ends it
        without being told.

        Args:
            state: `"active"` or `"idle"`.
            refresh: Seconds that "active" holds, at least 60; by default 120.
            last_active: When the last key was pressed; without a zone it is UTC. By default now, for "active".
            recipient: For the To of the CPIM wrapper; the remote party by default.

        Raises:
            SessionStateError: The chat is not started.
            ValueError: There is no such state, or `refresh` is too short.
            TypeError: An argument is of another type.
            MSRPChatError: The peer does not take it, or no private messages.

        RFC: 3994 3.
        """
        if state not in ("active", "idle"):
            raise ValueError(f"state must be 'active' or 'idle', not {state!r}")
        if refresh is not None:
            lowest, highest = is_composing.SHORTEST_REFRESH, is_composing.LONGEST_REFRESH
            refresh = checking.integer("refresh", refresh, lowest, highest)
        if recipient is not None:
            required_uri("recipient", recipient)
        is_active = state == "active"
        when = cpim_time(last_active) if is_active or last_active is not None else None
        private = recipient is not None and not same_party(recipient, self.to_uri)
        chat, ref = self._started("send_composing_indication")
        checked(lambda: chat_sending.check(chat, is_composing.CONTENT_TYPE, private=private))
        address = cpim_address(recipient) if recipient is not None and private else ""
        ref.tell(TellComposing(is_active, refresh, "text/plain" if is_active else None, when, address))

    def send_display_notification(self, message_id: str, status: str = "displayed") -> None:
        """Tell the sender of a message that it was displayed, which it asked for.

        Args:
            message_id: Of MSRPChatGotMessage.
            status: Or `"forbidden"`, or `"error"`.

        Raises:
            SessionStateError: The chat is not started.
            MSRPChatError: The sender did not ask for it, or was told already.
            ValueError: There is no such status.

        RFC: 5438 7.2.1.2.
        """
        if status not in imdn.STATUSES[imdn.Kind.DISPLAY]:
            raise ValueError(f"status must be one of {', '.join(imdn.STATUSES[imdn.Kind.DISPLAY])}, not {status!r}")
        chat, ref = self._started("send_display_notification")
        checked(lambda: chat_disposition.awaited(chat, message_id))
        ref.tell(TellDisplay(message_id, status))

    def set_local_nickname(self, name: str) -> None:
        """Ask the chat room to know us by a name; an empty one gives the name back.

        Raises:
            SessionStateError: The chat is not started.
            TypeError: The name is no text.
            ValueError: It has characters that cannot be shown, or is too long.
            MSRPChatError: The peer is no chat room that gives nicknames.

        Notifications:
            MSRPChatDidSetNickname or MSRPChatDidNotSetNickname, once.

        RFC: 7701 7.1.
        """
        if not isinstance(name, str):
            raise TypeError(f"name must be a str, not {type(name).__name__}")
        name = nickname.prepared(name)
        chat, ref = self._started("set_local_nickname")
        checked(lambda: chat_nickname.check(chat))
        ref.tell(AskNickname(name))

    def accept_nickname(self, message: MSRPData) -> None:
        """Let a participant have the name that it asked for.

        Args:
            message: Of MSRPChatGotNicknameRequest.

        Raises:
            SessionStateError: The chat is not started.
            MSRPChatError: It was answered.

        RFC: 7701 7.1.
        """
        self._answer_nickname(message, 200, None)

    def reject_nickname(self, message: MSRPData, code: int = nickname.IN_USE, reason: str | None = None) -> None:
        """Refuse the name that a participant asked for.

        Args:
            message: Of MSRPChatGotNicknameRequest.
            code: 403, 423, 424 for a name that cannot be one, 425 for one that somebody has.
            reason: Instead of the usual words for the code.

        Raises:
            SessionStateError: The chat is not started.
            ValueError: The code is none of a refusal, or the reason not one line.
            MSRPChatError: It was answered.

        RFC: 7701 7.1.
        """
        code = checking.integer("code", code, 400, 599)
        self._answer_nickname(message, code, None if reason is None else checking.line("reason", reason))

    def _answer_nickname(self, message: MSRPData, code: int, reason: str | None) -> None:
        if not isinstance(message, MSRPData):
            raise TypeError(f"message must be the MSRPData of the request, not {type(message).__name__}")
        chat, ref = self._started("answer a nickname")
        if message.transaction_id not in chat.features.wanted:
            raise MSRPChatError("no such request for a nickname waits for an answer")
        ref.tell(AnswerNickname(message.transaction_id, code, reason))

    def _started(self, method: str) -> tuple[Chat, Ref]:
        chat, ref = self._chat, self._ref
        if chat is None or ref is None or not ref.is_alive or chat.state is not State.STARTED:
            raise SessionStateError(method, self.state, ("STARTED",))
        return chat, ref


def checked(check: Callable[[], Any]) -> None:
    """Raise what a core says of an application's wish as applications know it."""
    try:
        check()
    except SessionStateError:
        raise
    except LocalProtocolError as error:
        raise MSRPChatError(error.reason) from error
