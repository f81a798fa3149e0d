"""The end of a leg, once: files are closed first, then everything is given back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media import wire
from sipsimple.media.leg import bridge, record, seats
from sipsimple.media.leg.outputs import Ended
from sipsimple.media.leg.state import State
from sipsimple.protocols.outputs import StopTimer

if TYPE_CHECKING:
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Outputs, SeatLost


def end(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """End; a recording is closed before its worker is let go."""
    leg, parted = bridge.finish(leg)
    leg, dropped = seats.drop_candidate(leg)
    hushed: Outputs = seats.to_worker(leg, lambda token: wire.Hold(token, True))
    leg, left = record.finish(leg)
    leg = replace(leg, state=State.ENDING, players=())
    outputs = (StopTimer("silence"), StopTimer("retry"), *parted, *dropped, *left, *(hushed if leg.partings else ()))
    return _when_empty(leg, outputs)


def recorded(leg: Leg, event: wire.Recorded, now: float) -> tuple[Leg, Outputs]:
    """Take the news that a file is closed."""
    return _when_empty(*record.closed(leg, event, now))


def overdue(leg: Leg, token: str, now: float) -> tuple[Leg, Outputs]:
    """Wait no longer for a file to be closed."""
    return _when_empty(*record.overdue(leg, token, now))


def lost(leg: Leg, event: SeatLost, _now: float) -> tuple[Leg, Outputs]:
    """Take the loss of a worker that was to close a file."""
    return _when_empty(*record.part_lost(leg, event.token))


def vanish(leg: Leg, event: object, now: float) -> tuple[Leg, Outputs]:
    """End without waiting for anything; a worker that is told to close a call closes its file too."""
    outputs: Outputs = ()
    if leg.state is not State.ENDING:
        leg, outputs = end(leg, event, now)
    for each in leg.partings:
        leg, more = record.part(leg, each.seat.token)
        outputs = (*outputs, *more)
    return (leg, outputs) if leg.state is State.ENDED else _when_empty(leg, outputs)


def again(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """Say once more that it is over."""
    return leg, (Ended(),)


def _when_empty(leg: Leg, outputs: Outputs) -> tuple[Leg, Outputs]:
    if leg.partings:
        return leg, outputs
    return replace(leg, state=State.ENDED), (*outputs, Ended())
