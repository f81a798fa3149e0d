"""What a call asks for: imperative, carried by the session's actor in the order given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.protocols.sip.authorization import NOBODY, Authorization
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sdp.message_media import MessageMedia
    from sipsimple.protocols.sip.transaction.layer import Transactions
    from sipsimple.protocols.sip.transport import Flow


class Notify(Value):
    """Post the notification `name` with `data` from the session."""

    name: str
    data: Mapping[str, Any] = {}


class Note(Value):
    """Write the log event `event` with `data`."""

    event: str
    data: Mapping[str, Any] = {}


class Resolve(Value):
    """Find the flow to `uri`; `transport` overrides what the URI says.

    Attributes:
        uri: A URI or the value of a Route.
        transport: None: what the URI says.
        tried: Flows by which the same request failed: others are wanted (RFC 3263 4.3).
    """

    uri: str
    transport: str | None = None
    tried: tuple[Flow, ...] = ()


class Avoid(Value):
    """Prefer other servers to the one at the end of `flow` for so many seconds: it does not serve."""

    flow: Flow
    seconds: float


class Prepare(Discreet):
    """Prepare a stream, or say again how it went; the answer is StreamPrepared or StreamFailed.

    Of a stream that runs it asks for a new line: StreamPrepared, or StreamFailed
    and it goes on as it was; then StartStream or Revert follows.

    Attributes:
        kind: Names the stream.
        outgoing: It was proposed by this side; not so where the peer's INVITE leaves the offer to us.
        remote: The peer's line, which is to be answered; None: offer. An audio line is self-contained.
        password: Of the local SIP URI, for a relay.
    """

    HIDDEN = ("password",)

    kind: str
    outgoing: bool
    remote: Media | MessageMedia | None = None
    password: str | None = None


class StartStream(Value):
    """Connect the prepared stream with the peer's line, or go on with what was agreed anew.

    Attributes:
        kind: Names the stream.
        remote: The peer's line.
        local: Ours, as agreed: its direction is what this side sends and receives from now on.
        early: The call is not answered yet; another line may follow.
    """

    kind: str
    remote: Media | MessageMedia
    local: Media | None = None
    early: bool = False


class Revert(Value):
    """Go on as agreed before: what was prepared for a running stream came to nothing."""

    kind: str


class HoldStream(Value):
    """Mute the stream, or let it be heard again: either side holds, or neither does any more."""

    kind: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class StopStream:
    """End the stream, whatever it is doing.

    Attributes:
        kind: Names the stream.
        linger: This side wants the end: what it sent last may still be reported.
        reason: Why, else.
    """

    kind: str
    linger: bool = False
    reason: str = field(default="", compare=False)


class HandOver(Value):
    """The call is over: its lingering transactions go to their keeper, the actor ends.

    A request that was not answered yet may still be challenged: `authorization` is for that.
    """

    transactions: Transactions
    authorization: Authorization = NOBODY
