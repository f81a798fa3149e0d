"""What a call is told: commands of the user, and what happened, in the past tense.

What it asks for in return is in `outputs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.authorization import Account
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.streams.stream import Stream

# ---------------------------------------------------------------- commands


class Connect(Value):
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


class Accept(Discreet):
    """Answer the incoming call with the proposed streams named in `kinds`."""

    HIDDEN = ("password",)

    kinds: tuple[str, ...]
    password: str | None = None


class Reject(Value):
    """Refuse the incoming call."""

    code: int = 486


class Terminate(Value):
    """End the call in the way that its state asks for; `reason` is the value of Reason for BYE and CANCEL."""

    reason: str = ""


class Hold(Value):
    """Put the call on hold; one that is held already stays so."""


class Unhold(Value):
    """Take the call off hold."""


class AddStream(Value):
    """Propose one more stream; pointless, and dropped, when there is one of this kind."""

    kind: str


class RemoveStream(Value):
    """End one stream of several; pointless, and dropped, when it is gone or is the last one."""

    kind: str


class AcceptProposal(Discreet):
    """Take the streams of the peer's proposal that `kinds` names, all of them by default."""

    HIDDEN = ("password",)

    kinds: tuple[str, ...] | None = None
    password: str | None = None


class RejectProposal(Value):
    """Refuse the peer's proposal."""

    code: int = 488
    reason: str = "rejected by user"


# ----------------------------------------------------------------- network


class Invited(Value):
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


class RequestArrived(Value):
    """A request for this call arrived."""

    request: Request
    flow: Flow


class ResponseArrived(Value):
    """A response to a request of this call arrived.

    Attributes:
        response: The response.
        flow: The way back, where it bears another address of ours from now on: the far end told which one.
    """

    response: Response
    flow: Flow | None = None


class SendRefused(Value):
    """`message` could not be sent."""

    message: Request | Response | bytes
    reason: str


class TargetResolved(Value):
    """The next hop is reached by `flow`."""

    flow: Flow


class TargetFailed(Value):
    """The next hop has no address."""

    reason: str


# ----------------------------------------------------------------- streams


class StreamPrepared(Value):
    """The stream can be offered or answered with the line `media`."""

    kind: str
    media: Media


class StreamFailed(Value):
    """The stream could not be prepared, or broke; while it changes: it cannot, and goes on as it was.

    With `code` an INVITE that waits for it is answered, 500 by default; it is
    also that of the failure when this ends the call.
    """

    kind: str
    reason: str
    code: int = 0


class StreamEnded(Value):
    """The stream has ended in an orderly way, by the peer, or because it has done its work.

    Attributes:
        kind: Names the stream.
        reason: Why.
        by_us: It has done its work, and this side is to tell the peer.
    """

    kind: str
    reason: str
    by_us: bool = False


class StreamMoved(Value):
    """The stream has a new line, which the peer is to be told: as soon as it is free, it is offered."""

    kind: str
    media: Media


class StreamOutdated(Value):
    """The stream could tell the peer a better line than the agreed one, which is still good, as when ICE has chosen.

    It is asked for that line, and the peer told, as soon as the call is free. A peer that refuses it changes nothing.
    """

    kind: str


class Resumed(Value):
    """The actor goes on after a crash, which may have cost the call what it waits for."""


class Abandoned(Value):
    """The call's supervisor gave up; end it in the ordinary way."""

    reason: str
