"""Our line is asked for: for the first time, anew, again, or while the audio is on its way to another worker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media.leg import seats
from sipsimple.media.leg.outputs import Note, TellSession
from sipsimple.media.leg.state import KIND, State
from sipsimple.media.seat.state import Ask
from sipsimple.media.seat.state import Stimulus as SeatStimulus
from sipsimple.protocols.sip.usage.events import StreamFailed, StreamMoved, StreamOutdated, StreamPrepared

if TYPE_CHECKING:
    from sipsimple.media.leg.events import Prepare
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import LineOutdated, LineReady, Outputs


def prepare(leg: Leg, event: Prepare, _now: float) -> tuple[Leg, Outputs]:
    """Have the line made where it can be made."""
    return ask_for(replace(leg, state=State.PREPARING, ask=Ask(event.remote)))


def ask_for(leg: Leg) -> tuple[Leg, Outputs]:
    """Have the candidate make the line, else the seat, else a new candidate."""
    ask, candidate = leg.ask, leg.candidate
    if candidate is not None:
        if seats.suits(candidate, ask):
            return seats.drive(leg, candidate, SeatStimulus.ASK, ask)
        leg, dropped = seats.drop_candidate(leg)
        leg, more = ask_for(leg)
        return leg, (*dropped, *more)
    if leg.seat is None:
        return seats.take_seat(leg, ask)
    if seats.suits(leg.seat, ask):
        return seats.drive(leg, leg.seat, SeatStimulus.ASK, ask)
    failed = StreamFailed(KIND, "nothing can be renegotiated before the call is answered", 500)
    return replace(leg, state=State.RUNNING), (TellSession(failed),)


def again(leg: Leg, event: Prepare, now: float) -> tuple[Leg, Outputs]:
    """Say the line again when the same is asked again."""
    if Ask(event.remote) != leg.ask:
        return prepare(leg, event, now)
    return leg, tell_line(leg)


def moved(leg: Leg, _event: Prepare, _now: float) -> tuple[Leg, Outputs]:
    """Say again that the stream has moved: its new line, which the session may be offering already, stays good.

    A peer whose offer is asked about has to wait: the session has it come again.
    """
    return leg, tell_line(leg)


def ready(leg: Leg, event: LineReady, _now: float) -> tuple[Leg, Outputs]:
    """Tell the session the line."""
    seat = leg.candidate or leg.seat
    if seat is None or seat.token != event.token:
        return leg, ()
    leg = replace(leg, state=State.PREPARED if leg.state is State.PREPARING else State.MOVED)
    note = Note("leg.prepared", {"worker": seat.link.name if seat.link else None, "state": leg.state.value})
    return leg, (*tell_line(leg), note)


def outdated(leg: Leg, event: LineOutdated, _now: float) -> tuple[Leg, Outputs]:
    """Tell the session that the line could be a better one; it asks for that when the call is free."""
    if leg.seat is None or leg.seat.token != event.token:
        return leg, ()
    note = Note("leg.line_outdated", {"why": "ICE has chosen another address than it says"})
    return leg, (TellSession(StreamOutdated(KIND)), note)


def tell_line(leg: Leg) -> Outputs:
    """Tell the line that the session waits for: as the answer to its question, or as that of a move."""
    seat = leg.candidate or leg.seat
    if seat is None or seat.line is None:
        return ()
    told = StreamPrepared if leg.state is State.PREPARED else StreamMoved
    return (TellSession(told(KIND, seat.line)),)
