"""What a call is told of transfers and of INFO: commands of the user, and news of the call that a REFER asked for."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refer:
    """Ask the peer to call somebody.

    Attributes:
        destination: The URI, without what is only for the peer.
        refer_to: The value of Refer-To.
    """

    destination: str
    refer_to: str


@dataclass(frozen=True, slots=True)
class AcceptTransfer:
    """The call that the peer asked for is being made; `ReferralProgressed` tells how far it comes."""


@dataclass(frozen=True, slots=True)
class RejectTransfer:
    """Do not make the call that the peer asked for."""

    code: int = 603


@dataclass(frozen=True, slots=True)
class ReferralProgressed:
    """The call that the peer asked for has got this response."""

    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SendInfo:
    """Send an INFO; of several one goes after the other."""

    info_id: str
    content_type: str
    body: bytes = field(default=b"", repr=False)
