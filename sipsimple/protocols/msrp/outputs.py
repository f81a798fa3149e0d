"""What the MSRP cores ask for, beside `StartTimer` and `StopTimer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.msrp.chat.outputs import FeatureOutput
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.cpim import CPIMMessage
    from sipsimple.protocols.imdn import Request
    from sipsimple.protocols.msrp.message import MSRPData


class Send(Value):
    """Put `data.encode()` on the wire."""

    data: MSRPData


class Started(Value):
    """The session is bound to its connection; messages flow both ways."""


class MessageReceived(Discreet):
    """The peer sent a whole message; the layer above tells what became of it with `session.report`."""

    HIDDEN = ("content",)

    content: bytes
    content_type: str
    message: MSRPData


class GotMessage(Discreet):
    """A chat message came, unwrapped.

    Attributes:
        content_type: Of the content, inside CPIM when there is CPIM.
        cpim: The wrapper, None for a message without one.
        message: The chunk; of a message in several chunks, one that stands for them all.
        disposition: What its sender wants to be told of it, None for nothing.
    """

    HIDDEN = (
        "content",
        "cpim",
    )

    content: bytes
    content_type: str
    cpim: CPIMMessage | None
    message: MSRPData
    disposition: Request | None = None


class Delivered(Value):
    """The far end has the whole message `message_id`. `message` is the REPORT or response that says so."""

    message_id: str
    code: int
    reason: str
    message: MSRPData | None = None


class NotDelivered(Value):
    """The message `message_id` was refused, not answered in time, or the session ended first (code 0)."""

    message_id: str
    code: int
    reason: str
    message: MSRPData | None = None


class Failed(Value):
    """The session broke: before it started (`"start"`) or after (`"reading"`). `Ended` follows."""

    context: str
    reason: str


class Ended(Value):
    """The session is over, always the last output: close the connection when what was sent has left."""


Output = (
    Send
    | StartTimer
    | StopTimer
    | Started
    | MessageReceived
    | GotMessage
    | Delivered
    | NotDelivered
    | Failed
    | Ended
    | FeatureOutput
)
