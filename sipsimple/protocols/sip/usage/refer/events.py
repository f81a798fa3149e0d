"""What a call is told of transfers and of INFO: commands of the user, and news of the call that a REFER asked for."""

from __future__ import annotations

from sipsimple.protocols.values import Discreet, Value


class Refer(Value):
    """Ask the peer to call somebody.

    Attributes:
        destination: The URI, without what is only for the peer.
        refer_to: The value of Refer-To.
    """

    destination: str
    refer_to: str


class AcceptTransfer(Value):
    """The call that the peer asked for is being made; `ReferralProgressed` tells how far it comes."""


class RejectTransfer(Value):
    """Do not make the call that the peer asked for."""

    code: int = 603


class ReferralProgressed(Value):
    """The call that the peer asked for has got this response."""

    code: int
    reason: str = ""


class SendInfo(Discreet):
    """Send an INFO; of several one goes after the other."""

    HIDDEN = ("body",)

    info_id: str
    content_type: str
    body: bytes = b""
