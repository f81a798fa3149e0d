"""How a leg takes seats, drives them, and gives them back. Every token that is wanted is released."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sipsimple.media.leg.outputs import Command, Delist, Release, Want
from sipsimple.media.leg.state import token_of
from sipsimple.media.seat import opening
from sipsimple.media.seat import step as seat_step
from sipsimple.media.seat.state import Ask, Outputs, Seat
from sipsimple.media.seat.state import State as SeatState
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.transaction.layer import Transactions

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sipsimple.media import wire
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Stimulus

SEAT = "seat"

_FIXED = frozenset({SeatState.OPENING, SeatState.OFFERED, SeatState.ASKED})
"""States in which the worker's first INVITE settles what line can come of it."""


def take_seat(leg: Leg, ask: Ask, beside: str | None = None) -> tuple[Leg, Outputs]:
    """Ask the pool for room, as the candidate."""
    number = leg.seats + 1
    token = token_of(leg.secret, number)
    seat = Seat(token, leg.terms, ask, transactions=Transactions(leg.terms.timing))
    return replace(leg, candidate=seat, seats=number), (Want(token, beside),)


def give_back(seat: Seat) -> Outputs:
    """Leave a seat: the worker closes its call."""
    token = seat.token
    return (*_named(token, opening.vacated(seat)), Delist(token), Release(token))


def drop_candidate(leg: Leg) -> tuple[Leg, Outputs]:
    """Give the candidate back, if there is one."""
    if leg.candidate is None:
        return leg, ()
    return replace(leg, candidate=None), give_back(leg.candidate)


def find(leg: Leg, token: str) -> Seat | None:
    """Return the seat of this token that still counts: the one that sounds, or the candidate."""
    for each in (leg.seat, leg.candidate):
        if each is not None and each.token == token:
            return each
    return None


def suits(seat: Seat, ask: Ask) -> bool:
    """Tell whether the line can come of this seat."""
    return seat.state not in _FIXED or ask == seat.ask


def drive(leg: Leg, seat: Seat, stimulus: Stimulus, event: Any = None) -> tuple[Leg, Outputs]:
    """Give a stimulus to a seat of the leg."""
    return put(leg, *seat_step.take(seat, stimulus, event))


def give(leg: Leg, seat: Seat, step: Callable[..., tuple[Seat, Outputs]], *stimulus: Any) -> tuple[Leg, Outputs]:
    """Give a message or a timer to a seat of the leg."""
    return put(leg, *step(seat, *stimulus))


def put(leg: Leg, seat: Seat, outputs: Outputs) -> tuple[Leg, Outputs]:
    """Keep what became of a seat."""
    if leg.seat is not None and leg.seat.token == seat.token:
        leg = replace(leg, seat=seat)
    else:
        leg = replace(leg, candidate=seat)
    return leg, _named(seat.token, outputs)


def to_worker(leg: Leg, make: Callable[[str], wire.Command]) -> Outputs:
    """Tell the worker that sounds, if there is one; `make` is given the token."""
    if leg.seat is None or leg.seat.link is None:
        return ()
    return (Command(leg.seat.link, make(leg.seat.token)),)


def timer_name(token: str, name: Hashable) -> Hashable:
    """Return the name that a timer of a seat has among those of the actor."""
    return SEAT, token, name


def _named(token: str, outputs: Outputs) -> Outputs:
    return tuple([_with_name(token, each) for each in outputs])


def _with_name(token: str, output: object) -> object:
    if isinstance(output, StartTimer):
        return StartTimer(timer_name(token, output.name), output.seconds)
    if isinstance(output, StopTimer):
        return StopTimer(timer_name(token, output.name))
    return output
