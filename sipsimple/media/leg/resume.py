"""The actor goes on after a crash: what the crash may have kept from being said is said again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.media.leg import prepare
from sipsimple.media.leg.outputs import Want
from sipsimple.media.seat.state import State as SeatState

if TYPE_CHECKING:
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Outputs


def waiting(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """Ask the pool again: it answers again."""
    candidate = leg.candidate
    if candidate is None or candidate.state is not SeatState.WANTED:
        return leg, ()
    return leg, (Want(candidate.token),)


def told(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """Tell the session the line again."""
    return leg, prepare.tell_line(leg)
