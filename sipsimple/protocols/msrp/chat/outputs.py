"""What a chat tells and asks for beside its messages: who writes, what became of messages, nicknames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols import imdn, is_composing
    from sipsimple.protocols.cpim import CPIMMessage
    from sipsimple.protocols.msrp.message import MSRPData


class GotComposing(Value):
    """The far end told that somebody writes, or does not; or what it told before has run out.

    Attributes:
        sender: From of the wrapper, empty for the remote party.
    """

    status: is_composing.Status
    sender: str = ""


class ShowComposing(Value):
    """Tell the far end: `composing.show` is to be called with this, a fresh id and the time."""

    show: is_composing.Show


class GotDisposition(Discreet):
    """A notification came of what became of a message."""

    HIDDEN = ("wrapper",)

    notification: imdn.Notification
    wrapper: CPIMMessage | None = None


class NotifyDisposition(Value):
    """Tell a sender what became of its message: `disposition.notify` with this, a fresh id and the time."""

    request: imdn.Request
    kind: imdn.Kind
    status: str


class NicknameAnswered(Value):
    """The chat room took our nickname (code 200) or did not."""

    nickname: str
    code: int
    reason: str
    message: MSRPData | None = None


class NicknameWanted(Value):
    """A participant asks this chat room for a nickname; `nickname.answer` is next, with the request."""

    nickname: str
    message: MSRPData


FeatureOutput = GotComposing | ShowComposing | GotDisposition | NotifyDisposition | NicknameAnswered | NicknameWanted
