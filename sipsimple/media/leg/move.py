"""The audio goes to another worker: because one was lost, or to be beside the leg that it is bridged with.

Where a worker was lost there is no seat until the new one is agreed on with the
peer; where the move is planned, the old one sounds until then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media.leg import bridge, prepare, record, seats
from sipsimple.media.leg.outputs import Note, Release, TellSession
from sipsimple.media.leg.state import KIND, OFFER, State
from sipsimple.media.messages import WorkerLost
from sipsimple.media.seat.state import SeatLost
from sipsimple.media.seat.state import Stimulus as SeatStimulus
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.usage.events import Abandoned, StreamFailed

if TYPE_CHECKING:
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.messages import Granted, Refused
    from sipsimple.media.seat.state import LineRefused, Outputs

MOST_LOSSES = 2
LOSS_SECONDS = 30.0
"""So many workers may be lost in so much time; with the next one the call ends."""

MOST_REFUSALS = 2
RETRY_SECONDS = 1.0


def granted(leg: Leg, event: Granted, _now: float) -> tuple[Leg, Outputs]:
    """Have the worker call; room that nobody waits for any more is given back."""
    candidate = leg.candidate
    if candidate is None or candidate.token != event.token:
        return leg, () if seats.find(leg, event.token) else (Release(event.token),)
    leg, called = seats.drive(leg, candidate, SeatStimulus.GRANT, event.worker)
    if not event.is_beside:
        leg, calling = bridge.call_here(leg, event.worker.name)
        return leg, (*called, *calling)
    return leg, called


def granted_late(leg: Leg, event: Granted, _now: float) -> tuple[Leg, Outputs]:
    """Give back room that nobody waits for any more."""
    return leg, (Release(event.token),)


# -------------------------------------------------------------------- loss


def lost(leg: Leg, event: SeatLost | WorkerLost, now: float) -> tuple[Leg, Outputs]:
    """Go on in another worker, if that may do what this one did not."""
    seat = seats.find(leg, event.token)
    if seat is None:
        return record.part_lost(leg, event.token)
    is_refusal = isinstance(event, SeatLost) and event.is_refusal
    if is_refusal and seat is leg.seat:
        reason = f"the audio engine refused the peer's answer: {event.reason}"
        return surrender(leg, StreamFailed(KIND, reason, 488))
    given_back = seats.give_back(seat)
    worker = seat.link.name if seat.link else None
    note = Note("leg.lost", {"worker": worker, "why": event.reason, "state": leg.state.value})
    if seat is leg.candidate:
        leg = replace(leg, candidate=None)
        leg, outputs = _give_up(leg, event.reason) if is_refusal else _again(leg, event, now)
    else:
        leg = replace(leg, seat=None, trouble=replace(leg.trouble, former=worker or ""))
        leg, told = _silenced(leg, event.reason, now)
        leg, outputs = (leg, ()) if leg.candidate is not None else _again(leg, event, now)
        outputs = (*told, *outputs)
    if leg.seat is not None:  # the pool gives a leg two places only
        return leg, (note, *given_back, *outputs)
    return leg, (note, *outputs, *given_back)  # the pool keeps our place until we ask anew


def _silenced(leg: Leg, reason: str, now: float) -> tuple[Leg, Outputs]:
    """Note that nothing sounds any more."""
    trouble = leg.trouble
    if leg.is_agreed and trouble.lost_at is None:
        trouble = replace(trouble, lost_at=now, reason=reason)
    leg, recorded = record.broken(replace(leg, trouble=trouble))
    leg, told = bridge.departed(leg)
    return leg, (StopTimer("silence"), *recorded, *told)


def _again(leg: Leg, event: SeatLost | WorkerLost, now: float) -> tuple[Leg, Outputs]:
    """Take another candidate, unless that was once too often."""
    losses = (*[each for each in leg.trouble.losses if each > now - LOSS_SECONDS], now)
    leg = replace(leg, trouble=replace(leg.trouble, losses=losses))
    if len(losses) > MOST_LOSSES:
        count, is_lost = len(losses), isinstance(event, WorkerLost)
        what = f"{count} audio workers were lost" if is_lost else f"the audio failed {count} times"
        return _give_up(leg, f"{what} in {LOSS_SECONDS:g} s: {event.reason}")
    beside = leg.bridge.token if leg.bridge is not None else ""
    if leg.state is not State.PREPARING:
        leg = replace(leg, state=State.MOVING, ask=OFFER)
    return seats.take_seat(leg, leg.ask, beside or None)


def _give_up(leg: Leg, reason: str) -> tuple[Leg, Outputs]:
    if leg.seat is not None and leg.state in (State.MOVING, State.PREPARING):
        return forget_plan(leg, reason)
    if leg.state is State.PREPARING and not leg.is_agreed:
        return surrender(leg, StreamFailed(KIND, reason))
    return surrender(leg, Abandoned(reason))


def surrender(leg: Leg, told: StreamFailed | Abandoned) -> tuple[Leg, Outputs]:
    """Go on without audio, and leave it to the session what becomes of the call."""
    leg, outputs = seats.drop_candidate(leg)
    stops = (StopTimer("retry"), StopTimer("silence"))
    seat = leg.seat
    if seat is not None:
        leg, left = record.leave(replace(leg, seat=None), seat)
        outputs = (*outputs, *left)
    note = Note("leg.failed", {"why": told.reason})
    return replace(leg, state=State.IDLE, remote=None, local=None), (*stops, *outputs, note, TellSession(told))


# ----------------------------------------------------------------- refusal


def refused(leg: Leg, event: Refused, _now: float) -> tuple[Leg, Outputs]:
    """Take the pool's no: a plan is dropped, a first call fails, a call that goes on asks again for a while."""
    candidate = leg.candidate
    if candidate is None or candidate.token != event.token:
        return leg, ()
    if leg.seat is not None:
        return forget_plan(leg, event.reason)
    leg, dropped = seats.drop_candidate(leg)
    if not event.code:  # only not beside the other one
        leg, more = seats.take_seat(leg, leg.ask)
        return leg, (*dropped, *more)
    failed = StreamFailed(KIND, event.reason, event.code)
    refusals = leg.trouble.refusals + 1
    if (leg.state is State.PREPARING and not leg.is_agreed) or refusals > MOST_REFUSALS:
        leg, told = surrender(leg, failed)
        return leg, (*dropped, *told)
    leg = replace(leg, trouble=replace(leg.trouble, refusals=refusals))
    return leg, (*dropped, StartTimer("retry", RETRY_SECONDS))


def retry(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """Ask the pool again."""
    if leg.candidate is not None or leg.seat is not None:
        return leg, ()
    return seats.take_seat(leg, leg.ask)


def line_refused(leg: Leg, event: LineRefused, now: float) -> tuple[Leg, Outputs]:
    """Tell the session that its question has no answer; where there was no question a seat is of no use."""
    seat = seats.find(leg, event.token)
    if seat is None:
        return leg, ()
    if leg.state is not State.PREPARING or (seat is leg.seat and leg.candidate is not None):
        return useless(leg, event, now)
    failed = TellSession(StreamFailed(KIND, event.reason, event.code))
    note = Note("leg.failed", {"why": event.reason})
    if seat is leg.seat:
        return replace(leg, state=State.RUNNING), (note, failed)
    leg, dropped = seats.drop_candidate(leg)
    if leg.seat is not None:
        return replace(leg, state=State.RUNNING), (*dropped, note, failed)
    if not leg.is_agreed:
        return replace(leg, state=State.IDLE), (*dropped, note, failed)
    leg, more = seats.take_seat(replace(leg, state=State.MOVING, ask=OFFER), OFFER)
    return leg, (note, failed, *more, *dropped)


def useless(leg: Leg, event: LineRefused, now: float) -> tuple[Leg, Outputs]:
    """Take a seat that does not do what was agreed for lost."""
    return lost(leg, SeatLost(event.token, event.reason), now)


def forget_plan(leg: Leg, why: str) -> tuple[Leg, Outputs]:
    """Stay where it sounds; what the session asked for meanwhile is asked here."""
    leg, dropped = seats.drop_candidate(leg)
    leg, told = bridge.stay(leg, why)
    if leg.state is not State.PREPARING:
        return replace(leg, state=State.RUNNING), (*dropped, *told)
    leg, asked = prepare.ask_for(leg)
    return leg, (*dropped, *told, *asked)
