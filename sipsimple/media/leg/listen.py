"""What the worker tells of the media: that they began, counters, digits, commands that it cannot carry out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media.leg import seats
from sipsimple.media.leg.outputs import Note, Notify
from sipsimple.media.seat.state import Stimulus as SeatStimulus
from sipsimple.media.wire import Closed
from sipsimple.protocols.outputs import StartTimer, StopTimer

if TYPE_CHECKING:
    from sipsimple.media import wire
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Outputs


NO_AUDIO = "SCSessionGotNoAudio"
SILENCE_SECONDS = 5.0
UNTOLD_SECONDS = 1.0
"""Between two tries to tell it, while the call is not established."""


def flowing(leg: Leg, event: wire.Flowing, now: float) -> tuple[Leg, Outputs]:
    """Note how it sounds. The first time after a lost worker this is the news that it sounds again."""
    seat = seats.find(leg, event.leg)
    if seat is None:
        return leg, ()
    leg, _ = seats.put(leg, replace(seat, flowing=event), ())
    if seat is not leg.seat and not _is_seat(leg, event.leg):
        return leg, ()
    former = leg.sound.flow
    leg = replace(leg, sound=replace(leg.sound, flow=event))
    if leg.trouble.lost_at is not None:
        return _restarted(leg, now)
    if former is not None and former.leg == event.leg:
        return leg, ()
    if leg.trouble.former:
        return leg, (_note(leg, "leg.moved", former=leg.trouble.former, why="to be beside another leg"),)
    return leg, (_note(leg, "leg.started"),)


def _is_seat(leg: Leg, token: str) -> bool:
    return leg.seat is not None and leg.seat.token == token


def _restarted(leg: Leg, now: float) -> tuple[Leg, Outputs]:
    trouble = leg.trouble
    duration = round(1000 * (now - (now if trouble.lost_at is None else trouble.lost_at)))
    data = {
        "stream": "audio",
        "reason": trouble.reason,
        "duration_ms": duration,
        "recording_file_name": leg.recording.file_name if leg.recording else None,
    }
    trouble = replace(trouble, lost_at=None, restarts=trouble.restarts + 1)
    leg = replace(leg, trouble=trouble)
    note = _note(leg, "leg.moved", former=trouble.former, why=trouble.reason, duration_ms=duration)
    return leg, (Notify("SCSessionMediaDidRestart", data), note)


def _note(leg: Leg, event: str, **more: object) -> Note:
    flow, seat = leg.sound.flow, leg.seat
    if flow is None or seat is None or seat.link is None:
        return Note(event, more)
    names = {"worker": seat.link.name, "codec": flow.codec, "clock_rate": flow.clock_rate, "remote": flow.remote}
    return Note(event, {**names, "srtp": flow.srtp_suite, **more})


def statistics(leg: Leg, event: wire.Statistics, _now: float) -> tuple[Leg, Outputs]:
    """Keep the counters; a leg that is suspected of silence is judged by them."""
    if not _is_seat(leg, event.leg):
        return leg, ()
    sound = leg.sound
    came = event.packets_received > 0
    is_silent = sound.is_suspect and not came and not sound.is_heard and not leg.is_held
    sound = replace(
        sound,
        statistics=event,
        is_heard=sound.is_heard or came,
        was_received=sound.was_received or came,
        is_suspect=False,
        is_told=sound.is_told or is_silent,
    )
    return replace(leg, sound=sound), (Notify(NO_AUDIO),) if is_silent else ()


def watch(leg: Leg) -> tuple[Leg, Outputs]:
    """Begin to watch whether audio comes, once for each worker."""
    if leg.sound.is_watched:
        return leg, ()
    return replace(leg, sound=replace(leg.sound, is_watched=True)), (StartTimer("silence", SILENCE_SECONDS),)


def watch_after_hold(leg: Leg) -> tuple[Leg, Outputs]:
    """Let the clock stand while somebody holds, and begin anew afterwards, unless there is nothing left to tell."""
    sound = leg.sound
    leg = replace(leg, sound=replace(sound, is_suspect=False))
    if leg.is_held:
        return leg, (StopTimer("silence"),)
    is_over = sound.is_heard or sound.is_told or not sound.is_watched or leg.seat is None
    return leg, () if is_over else (StartTimer("silence", SILENCE_SECONDS),)


def silence_due(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """Suspect silence; the next counters tell what came until now. The end of a hold starts the clock anew."""
    if leg.sound.is_heard or leg.is_held:
        return leg, ()
    return replace(leg, sound=replace(leg.sound, is_suspect=True)), ()


def silence_untold(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """See again in a while: what came to nobody's ears was not told."""
    leg = replace(leg, sound=replace(leg.sound, is_told=False))
    return leg, () if leg.seat is None or leg.is_held else (StartTimer("silence", UNTOLD_SECONDS),)


def got_digit(leg: Leg, event: wire.GotDigit, _now: float) -> tuple[Leg, Outputs]:
    """Tell of a digit."""
    if seats.find(leg, event.leg) is None:
        return leg, ()
    return leg, (Notify("SCSessionGotDTMF", {"digit": event.digit}),)


def command_refused(leg: Leg, event: wire.Refused, _now: float) -> tuple[Leg, Outputs]:
    """Take the news that the worker could not do something; all but calls and offers can be lived without."""
    note = Note("command.refused", {"command": event.command, "why": event.reason})
    seat = seats.find(leg, event.leg)
    if seat is None:
        return leg, (note,)
    if event.command == "Open":
        leg, outputs = seats.drive(leg, seat, SeatStimulus.CLOSED, Closed(event.leg, event.reason))
        return leg, (note, *outputs)
    if event.command == "Offer":
        leg, outputs = seats.drive(leg, seat, SeatStimulus.OFFER_REFUSED, event.reason)
        return leg, (note, *outputs)
    return leg, (note,)
