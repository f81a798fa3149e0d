"""The lines are agreed, or the exchange came to nothing.

Our line says which seat was agreed on. A line of a seat that is gone is out of
date: the peer is told the present one as soon as it is known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media import wire
from sipsimple.media.leg import bridge, listen, move, prepare, record, seats
from sipsimple.media.leg.facts import SRTP_FORCED
from sipsimple.media.leg.outputs import Note, TellSession
from sipsimple.media.leg.play import play_command
from sipsimple.media.leg.state import KIND, OFFER, Sound, State
from sipsimple.media.seat.sip import is_secret
from sipsimple.media.seat.state import Ask
from sipsimple.media.seat.state import State as SeatState
from sipsimple.media.seat.state import Stimulus as SeatStimulus
from sipsimple.protocols.sdp.audio_media import is_found_by_ice, is_reached_alike
from sipsimple.protocols.sip.usage.events import StreamFailed

if TYPE_CHECKING:
    from sipsimple.media.leg.events import Revert, Start
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Outputs, Seat

MOST_REVERTS = 2

_UNANSWERED = frozenset({SeatState.OFFERED, SeatState.REOFFERED})


def start(leg: Leg, event: Start, now: float) -> tuple[Leg, Outputs]:
    """Let it sound: in the candidate, which becomes the seat, or where it sounds already."""
    if leg.terms.settings.srtp == SRTP_FORCED and not is_secret(event.remote):
        return leg, (TellSession(StreamFailed(KIND, "the peer's audio line is not encrypted", 488)),)
    if leg.state is not State.MOVING and _is_of(leg.candidate, event):
        return _change_seat(leg, event, now)
    if not _is_of(leg.seat, event):
        return leg, (Note("leg.outdated", {"state": leg.state.value}),)
    if leg.candidate is None:
        leg = replace(leg, state=State.RUNNING)
    return _agree(leg, event, now)


def _is_of(seat: Seat | None, event: Start) -> bool:
    if seat is None or seat.line is None:
        return False
    return is_reached_alike(event.local, seat.line) or is_found_by_ice(event.local, seat.line)


def _change_seat(leg: Leg, event: Start, now: float) -> tuple[Leg, Outputs]:
    former, seat = leg.seat, leg.candidate
    leg = replace(leg, seat=seat, candidate=None, state=State.RUNNING)
    trouble = replace(leg.trouble, refusals=0)
    if former is not None and former.link is not None:
        trouble = replace(trouble, former=former.link.name)
    sound = Sound(leg.sound.flow, leg.sound.statistics, was_received=leg.sound.was_received)
    leg = replace(leg, sound=sound, trouble=trouble)
    leg, left = record.leave(leg, former)
    leg, agreed = _agree(leg, event, now)
    leg, equipped = _equip(leg)
    outputs = (*agreed, *equipped, *left)
    if seat is not None and seat.flowing is not None:  # an answering worker lets it flow before we are told to
        leg, told = listen.flowing(leg, seat.flowing, now)
        outputs = (*outputs, *told)
    return leg, outputs


def _agree(leg: Leg, event: Start, now: float) -> tuple[Leg, Outputs]:
    """Give the worker what the peer says, where it does not know it; watch whether audio comes."""
    seat = leg.seat
    if seat is None:
        raise AssertionError("agreed on nothing")
    leg = replace(leg, remote=event.remote, local=event.local)
    outputs: Outputs = ()
    if event.early:
        leg, outputs = seats.drive(leg, seat, SeatStimulus.TAKE_EARLY, event.remote)
    elif seat.state in _UNANSWERED:
        leg, outputs = seats.drive(leg, seat, SeatStimulus.TAKE, event.remote)
    elif event.remote != seat.remote:
        leg, outputs = seats.drive(leg, seat, SeatStimulus.ASK, Ask(event.remote))
    if not event.early:
        leg, watched = listen.watch(leg)
        outputs = (*outputs, *watched)
    leg, begun = record.begin(leg)
    leg, joined = bridge.join(leg, now)
    return leg, (*outputs, *begun, *joined)


def _equip(leg: Leg) -> tuple[Leg, Outputs]:
    """Have the new worker do what the leg is wanted to do."""
    outputs: Outputs = ()
    if leg.is_held:
        outputs += seats.to_worker(leg, lambda token: wire.Hold(token, True))
    if leg.is_echoing:
        outputs += seats.to_worker(leg, lambda token: wire.Echo(token, True))
    for player in leg.players:
        outputs += seats.to_worker(leg, play_command(player))
    return leg, (*outputs, *bridge.announce(leg))


# ------------------------------------------------------------------ revert


def revert_question(leg: Leg, _event: Revert, _now: float) -> tuple[Leg, Outputs]:
    """Forget the question that is not answered yet."""
    return _go_back(leg)


def revert_line(leg: Leg, _event: Revert, _now: float) -> tuple[Leg, Outputs]:
    """Forget the line that was told. One that the peer must learn because there is no other is offered again."""
    candidate = leg.candidate
    if leg.seat is not None or candidate is None or not leg.is_agreed or candidate.ask.remote is not None:
        return _go_back(leg)
    refusals = leg.trouble.refusals + 1
    leg = replace(leg, trouble=replace(leg.trouble, refusals=refusals))
    if refusals > MOST_REVERTS:
        return move.surrender(leg, StreamFailed(KIND, "the peer refuses the new address of the audio", 488))
    leg = replace(leg, state=State.MOVED, ask=OFFER)
    return leg, prepare.tell_line(leg)


def _go_back(leg: Leg) -> tuple[Leg, Outputs]:
    """Return to what was agreed: in the seat if there is one, else in a candidate that offers."""
    candidate = leg.candidate
    if leg.seat is not None:
        if candidate is not None:
            return move.forget_plan(replace(leg, state=State.RUNNING), "the exchange came to nothing")
        leg = replace(leg, state=State.RUNNING)
        return seats.drive(leg, leg.seat, SeatStimulus.REVERT, Ask(leg.remote)) if leg.seat else (leg, ())
    if not leg.is_agreed:
        leg, outputs = seats.drop_candidate(leg)
        return replace(leg, state=State.IDLE), outputs
    if candidate is not None and not seats.suits(candidate, OFFER):
        leg, outputs = seats.drop_candidate(leg)
        leg, more = prepare.ask_for(replace(leg, state=State.MOVING, ask=OFFER))
        return leg, (*outputs, *more)
    return prepare.ask_for(replace(leg, state=State.MOVING, ask=OFFER))
