"""What a call is told: commands of the user, and what happened, in the past tense.

What it asks for in return is in `outputs`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.authorization import Account
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.call import Stream

# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Connect:
    """Call `request_uri`, proposing the streams named in `kinds`, in that order.

    The Contact has `contact_user` for its user part, by default the call's token.
    Challenges are answered with `accounts`; without one none is. `extra` are headers beside the usual ones.
    Up to `redirects` times it goes where a 3xx says.
    """

    local: str
    remote: str
    request_uri: str
    kinds: tuple[str, ...]
    routes: tuple[str, ...] = ()
    contact_user: str = ""
    accounts: tuple[Account, ...] = ()
    redirects: int = 0
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Accept:
    """Answer the incoming call with the proposed streams named in `kinds`."""

    kinds: tuple[str, ...]
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the incoming call."""

    code: int = 486


@dataclass(frozen=True, slots=True)
class Terminate:
    """End the call in the way that its state asks for; `reason` is the value of Reason for BYE and CANCEL."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the call on hold; one that is held already stays so."""


@dataclass(frozen=True, slots=True)
class Unhold:
    """Take the call off hold."""


@dataclass(frozen=True, slots=True)
class AddStream:
    """Propose one more stream; pointless, and dropped, when there is one of this kind."""

    kind: str


@dataclass(frozen=True, slots=True)
class RemoveStream:
    """End one stream of several; pointless, and dropped, when it is gone or is the last one."""

    kind: str


@dataclass(frozen=True, slots=True)
class AcceptProposal:
    """Take the streams of the peer's proposal that `kinds` names, all of them by default."""

    kinds: tuple[str, ...] | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RejectProposal:
    """Refuse the peer's proposal."""

    code: int = 488
    reason: str = "rejected by user"


# ----------------------------------------------------------------- network


@dataclass(frozen=True, slots=True)
class Invited:
    """An acceptable initial INVITE arrived; what it proposes is read, its dialog lacks only our tag.

    Without an `offer` it leaves the offer to us: `streams` is what we can offer.
    Lines that cannot be taken are in `refused`, as (kind, why).
    """

    request: Request
    flow: Flow
    dialog: Dialog
    negotiation: Negotiation
    offer: SessionDescription | None
    streams: tuple[Stream, ...]
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RequestArrived:
    """A request for this call arrived."""

    request: Request
    flow: Flow


@dataclass(frozen=True, slots=True)
class ResponseArrived:
    """A response to a request of this call arrived.

    Attributes:
        response: The response.
        flow: The way back, where it bears another address of ours from now on: the far end told which one.
    """

    response: Response
    flow: Flow | None = None


@dataclass(frozen=True, slots=True)
class SendRefused:
    """`message` could not be sent."""

    message: Request | Response | bytes
    reason: str


@dataclass(frozen=True, slots=True)
class TargetResolved:
    """The next hop is reached by `flow`."""

    flow: Flow


@dataclass(frozen=True, slots=True)
class TargetFailed:
    """The next hop has no address."""

    reason: str


# ----------------------------------------------------------------- streams


@dataclass(frozen=True, slots=True)
class StreamPrepared:
    """The stream can be offered or answered with the line `media`."""

    kind: str
    media: Media


@dataclass(frozen=True, slots=True)
class StreamFailed:
    """The stream could not be prepared, or broke; while it changes: it cannot, and goes on as it was.

    With `code` an INVITE that waits for it is answered, 500 by default; it is
    also that of the failure when this ends the call.
    """

    kind: str
    reason: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The stream has ended in an orderly way, by the peer, or because it has done its work.

    Attributes:
        kind: Names the stream.
        reason: Why.
        by_us: It has done its work, and this side is to tell the peer.
    """

    kind: str
    reason: str
    by_us: bool = False


@dataclass(frozen=True, slots=True)
class StreamMoved:
    """The stream has a new line, which the peer is to be told: as soon as it is free, it is offered."""

    kind: str
    media: Media


@dataclass(frozen=True, slots=True)
class Resumed:
    """The actor goes on after a crash, which may have cost the call what it waits for."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The call's supervisor gave up; end it in the ordinary way."""

    reason: str
