"""What the MSRP cores ask for, beside `StartTimer` and `StopTimer`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sipsimple.protocols.msrp.chat_outputs import FeatureOutput
from sipsimple.protocols.outputs import StartTimer, StopTimer

if TYPE_CHECKING:
    from sipsimple.protocols.cpim import CPIMMessage
    from sipsimple.protocols.imdn import Request
    from sipsimple.protocols.msrp.message import MSRPData


@dataclass(frozen=True, slots=True)
class Send:
    """Put `data.encode()` on the wire."""

    data: MSRPData


@dataclass(frozen=True, slots=True)
class Started:
    """The session is bound to its connection; messages flow both ways."""


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """The peer sent a whole message; the layer above tells what became of it with `session.report`."""

    content: bytes = field(repr=False)
    content_type: str
    message: MSRPData


@dataclass(frozen=True, slots=True)
class GotMessage:
    """A chat message came, unwrapped.

    Attributes:
        content_type: Of the content, inside CPIM when there is CPIM.
        cpim: The wrapper, None for a message without one.
        message: The chunk; of a message in several chunks, one that stands for them all.
        disposition: What its sender wants to be told of it, None for nothing.
    """

    content: bytes = field(repr=False)
    content_type: str
    cpim: CPIMMessage | None = field(repr=False)
    message: MSRPData
    disposition: Request | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The far end has the whole message `message_id`. `message` is the REPORT or response that says so."""

    message_id: str
    code: int
    reason: str
    message: MSRPData | None = None


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """The message `message_id` was refused, not answered in time, or the session ended first (code 0)."""

    message_id: str
    code: int
    reason: str
    message: MSRPData | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The session broke: before it started (`"start"`) or after (`"reading"`). `Ended` follows."""

    context: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
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
