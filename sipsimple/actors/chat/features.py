"""What an actor of a chat does beside messages: who writes, what became of messages, nicknames.

The rules live in `protocols.msrp.chat`: `composing`, `disposition` and `nickname`; the ids and the time that
they need for what they say by themselves are from here.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sipsimple.actors.chat.line import take
from sipsimple.actors.runtime import Actor, carries, handles
from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.imdn import Kind
from sipsimple.protocols.msrp.chat import composing as chat_composing
from sipsimple.protocols.msrp.chat import disposition as chat_disposition
from sipsimple.protocols.msrp.chat import nickname as chat_nickname
from sipsimple.protocols.msrp.chat.outputs import (
    GotComposing,
    GotDisposition,
    NicknameAnswered,
    NicknameWanted,
    NotifyDisposition,
    ShowComposing,
)
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable


class TellComposing(Value):
    """Tell that a message is being written, or that it is not any more.

    Attributes:
        refresh: Seconds that it holds, None for the usual time.
        content_type: Of what is written.
        last_active: RFC 3339.
        recipient: For the wrapper; empty: the remote party.
    """

    is_active: bool
    refresh: int | None = None
    content_type: str | None = None
    last_active: str | None = None
    recipient: str = ""


class TellDisplay(Value):
    """Tell the sender of a message that it was displayed, or with another status that it will not be."""

    message_id: str
    status: str = "displayed"


class AskNickname(Value):
    """Ask the chat room for a nickname; an empty one gives it back."""

    nickname: str


class AnswerNickname(Value):
    """Answer the request of a participant."""

    transaction_id: str
    code: int = 200
    reason: str | None = None


class ChatFeatures(Actor):
    """The rows of a chat's actor that are about more than messages.

    Attributes:
        notify: Posts a notification of the chat.
    """

    notify: Callable[[str, Any], None]

    # Commands; whoever gave them was told what is wrong with them, as far as that could be known then

    @handles(TellComposing)
    def tell_composing(self, command: TellComposing) -> None:
        """Tell the peer, if it is news."""
        try:
            if command.is_active:
                arguments = (command.refresh, command.content_type, command.last_active, command.recipient)
                self.advance(take, chat_composing.write, *arguments)
            else:
                self.advance(take, chat_composing.pause, command.last_active)
        except LocalProtocolError as error:
            self.log.info("composing.dropped", reason=error.reason)

    @handles(TellDisplay)
    def tell_display(self, command: TellDisplay) -> None:
        """Tell the sender."""
        try:
            self.advance(take, chat_disposition.display, command.message_id, command.status)
        except LocalProtocolError as error:
            self.log.info("disposition.dropped", message_id=command.message_id, reason=error.reason)

    @handles(AskNickname)
    def ask_nickname(self, command: AskNickname) -> None:
        """Ask the chat room."""
        try:
            self.advance(take, chat_nickname.ask, command.nickname)
        except LocalProtocolError as error:
            self.tell_nickname(NicknameAnswered(command.nickname, 0, error.reason))

    @handles(AnswerNickname)
    def answer_nickname(self, command: AnswerNickname) -> None:
        """Answer a participant."""
        try:
            self.advance(take, chat_nickname.answer, command.transaction_id, command.code, command.reason)
        except LocalProtocolError as error:
            self.log.info("nickname.dropped", reason=error.reason)
        else:
            self.log.info("nickname.answered", code=command.code)

    # Outputs

    @carries(ShowComposing)
    def show_composing(self, output: ShowComposing) -> None:
        """Send who writes."""
        if self._say(chat_composing.show, output.show):
            self.log.debug("composing.sent", state=str(output.show.status.state))

    @carries(NotifyDisposition)
    def notify_disposition(self, output: NotifyDisposition) -> None:
        """Send what became of a message."""
        if self._say(chat_disposition.notify, output):
            about = {"message_id": output.request.message_id, "kind": str(output.kind), "status": output.status}
            self.log.debug("disposition.sent", **about)

    def _say(self, step: Any, what: Any) -> bool:
        """Send something without the application, with an id of its own and the time; tell whether it can be sent."""
        try:
            self.advance(take, step, what, secrets.token_hex(8), datetime.now(UTC).isoformat())
        except LocalProtocolError as error:
            self.log.info("chat.unsaid", what=type(what).__name__, reason=error.reason)
            return False
        return True

    @carries(GotComposing)
    def tell_who_composes(self, output: GotComposing) -> None:
        """Tell who writes."""
        self.log.debug("composing.received", state=str(output.status.state))
        self.notify("MSRPChatGotComposingIndication", output)

    @carries(GotDisposition)
    def tell_disposition(self, output: GotDisposition) -> None:
        """Tell what became of a message."""
        told = output.notification
        self.log.debug("disposition.received", message_id=told.message_id, kind=str(told.kind), status=told.status)
        name = "MSRPChatGotDeliveryNotification"
        if told.kind is Kind.DISPLAY:
            name = "MSRPChatDidDisplayMessage" if told.is_positive else "MSRPChatDidNotDisplayMessage"
        self.notify(name, output)

    @carries(NicknameAnswered)
    def tell_nickname(self, output: NicknameAnswered) -> None:
        """Tell what the chat room said."""
        self.log.info("nickname.told", code=output.code, reason=output.reason)
        is_ours = 200 <= output.code < 300
        self.notify("MSRPChatDidSetNickname" if is_ours else "MSRPChatDidNotSetNickname", output)

    @carries(NicknameWanted)
    def tell_nickname_wanted(self, output: NicknameWanted) -> None:
        """Tell of the request of a participant."""
        self.log.info("nickname.wanted")
        self.notify("MSRPChatGotNicknameRequest", output)
