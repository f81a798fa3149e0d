"""What a chat tells and asks for beside its messages: who writes, what became of messages, nicknames."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.protocols import imdn, is_composing
    from sipsimple.protocols.cpim import CPIMMessage
    from sipsimple.protocols.msrp.message import MSRPData


@dataclass(frozen=True, slots=True)
class GotComposing:
    """The far end told that somebody writes, or does not; or what it told before has run out.

    Attributes:
        sender: From of the wrapper, empty for the remote party.
    """

    status: is_composing.Status
    sender: str = ""


@dataclass(frozen=True, slots=True)
class ShowComposing:
    """Tell the far end: `chat_composing.show` is to be called with this, a fresh id and the time."""

    show: is_composing.Show


@dataclass(frozen=True, slots=True)
class GotDisposition:
    """A notification came of what became of a message."""

    notification: imdn.Notification
    wrapper: CPIMMessage | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NotifyDisposition:
    """Tell a sender what became of its message: `chat_disposition.notify` with this, a fresh id and the time."""

    request: imdn.Request
    kind: imdn.Kind
    status: str


@dataclass(frozen=True, slots=True)
class NicknameAnswered:
    """The chat room took our nickname (code 200) or did not."""

    nickname: str
    code: int
    reason: str
    message: MSRPData | None = None


@dataclass(frozen=True, slots=True)
class NicknameWanted:
    """A participant asks this chat room for a nickname; `chat_nickname.answer` is next, with the request."""

    nickname: str
    message: MSRPData


FeatureOutput = GotComposing | ShowComposing | GotDisposition | NotifyDisposition | NicknameAnswered | NicknameWanted
