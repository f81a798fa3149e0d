"""What a call remembers of transfers: the one that it asked its peer for, and the one that the peer asked it for.

Each has one outcome, told once: what is still open when the call ends is told as failed then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

NEXT_NOTIFY, OUTCOME, REFERRAL = "next NOTIFY", "outcome", "referral"
"""The timers: of the NOTIFY that is due, of the whole transfer, of the peer's wish."""

EXPIRES = 180.0
"""Seconds that the subscription lasts which the peer's wish implies, from the decision on."""


class Transfer(Value):
    """The transfer that this side asked for.

    Attributes:
        destination: Where to.
        cseq: Number of the REFER; a repeat with credentials has a higher one.
        accepted: The peer will try.
        last: The last status that it told of, 0 for none.
    """

    destination: str
    cseq: int
    accepted: bool = False
    last: int = 0


class Report(Value):
    """One NOTIFY about a referral.

    Attributes:
        event: The value of Event.
        code: The status that it tells of.
        reason: The phrase that goes with it; empty for the usual one.
        over: Why it is the last one; None for one that is not.
    """

    event: str
    code: int
    reason: str
    over: str | None


class Referral(Value):
    """The transfer that the peer asked for.

    Attributes:
        destination: Whom to call.
        event: The value of Event in each NOTIFY.
        replaces: The value of Replaces for that call; empty without one.
        referred_by: The value of Referred-By for that call; empty without one.
        silent: No NOTIFY is wanted, or none can be brought any more.
        taken: The application wants it.
        last: The last status that was told.
        is_over: The outcome was told.
        waiting: What the peer is told next, one after the other.
    """

    destination: str
    event: str
    replaces: str = ""
    referred_by: str = ""
    silent: bool = False
    taken: bool = False
    last: int = 100
    is_over: bool = False
    waiting: tuple[Report, ...] = ()


def progress(destination: str, code: int, reason: str) -> Notify:
    """Tell how far a transfer has come."""
    return Notify("SCSessionTransferGotProgress", {"transfer_destination": destination, "code": code, "reason": reason})


def outcome(destination: str, code: int, reason: str) -> Outputs:
    """Tell how a transfer ended: once for each."""
    if 200 <= code < 300:
        note = Note("referral.ended", {"destination": destination, "code": code})
        return Notify("SCSessionTransferDidEnd", {"transfer_destination": destination}), note
    data = {"transfer_destination": destination, "code": code, "reason": reason}
    note = Note("referral.failed", {"destination": destination, "code": code, "reason": reason})
    return Notify("SCSessionTransferDidFail", data), note


def abandoned(call: Call) -> tuple[Call, Outputs]:
    """Tell of what is open when the call ends: nobody will ever know more."""
    told: Outputs = ()
    if call.transfer is not None:
        told += outcome(call.transfer.destination, 487, "the session ended before the outcome was known")
        call = replace(call, transfer=None)
    referral = call.referral
    if referral is not None and not referral.is_over:
        why = "the session ended before the outcome was known" if referral.taken else "the session ended first"
        told += outcome(referral.destination, 487, why)
        call = replace(call, referral=replace(referral, is_over=True))
    return call, told


def stops() -> Outputs:
    """Stop the clocks of an accepted transfer."""
    return StopTimer(NEXT_NOTIFY), StopTimer(OUTCOME)
