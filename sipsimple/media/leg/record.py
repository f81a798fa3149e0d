"""Recording: both directions into a WAV file, on a hold paused, over a lost worker in a second file.

Order of notifications: `SCSessionWillStartRecordingAudio`, `DidStart...`, `WillStop...`, `DidStop...`, each with
`file_name`. `DidStop` comes when the file can be read; with `error` where it could not be opened or written: then
without `DidStart`, or without having been asked. After a lost worker nothing is posted here; after a planned move
the former file is stopped before the next one is started. One that was stopped while it waited for its
turn is told of when that comes, all but `DidStart`; one that only a hold kept back never was one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media import wire
from sipsimple.media.leg import seats
from sipsimple.media.leg.outputs import Command, Note, Notify, RepairFile
from sipsimple.media.leg.recording import Phase, Recording, broken_off, next_part
from sipsimple.media.leg.state import Parting
from sipsimple.protocols.outputs import StartTimer, StopTimer

if TYPE_CHECKING:
    from sipsimple.media.leg.events import StartRecording
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Outputs, Seat

RECORDED_SECONDS = 7.0
"""To close a file, after which it is taken for closed; the worker gives up sooner."""
RECORDED = "recorded"

UNBEGUN = "it was stopped before it began"

_OPEN = (Phase.STARTING, Phase.STARTED)


def start(leg: Leg, event: StartRecording, _now: float) -> tuple[Leg, Outputs]:
    """Record as soon as it sounds and nobody holds, and the file before is closed."""
    leg = replace(leg, recordings=event.number)
    if leg.recording is not None and leg.recording.phase is Phase.STOPPING:
        return replace(leg, recording=replace(leg.recording, following=event.file_name)), ()
    if leg.recording is not None:
        return leg, (Note("recording.refused", {"why": "recording already"}),)
    return begin(replace(leg, recording=Recording(event.file_name, event.file_name)))


def begin(leg: Leg) -> tuple[Leg, Outputs]:
    """Have the worker open the file, if there is one to open now; first tell of those whose turn it would have been."""
    leg, passed = _pass_over(leg)
    leg, begun = _begin(leg)
    return leg, (*passed, *begun)


def _begin(leg: Leg) -> tuple[Leg, Outputs]:
    recording = leg.recording
    is_due = recording is not None and recording.phase is Phase.WAITING and not leg.is_held and not leg.partings
    if recording is None or not is_due or leg.seat is None or not leg.is_agreed:
        return leg, ()
    name = recording.file_name
    announced = () if recording.is_announced else (_told("WillStart", name),)
    recording = replace(recording, phase=Phase.STARTING, is_announced=True)
    return replace(leg, recording=recording), (
        *announced,
        *seats.to_worker(leg, lambda token: wire.Record(token, name)),
    )


def stop(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """Have the worker close the file."""
    recording = leg.recording
    if recording is None:
        return leg, ()
    if recording.phase is Phase.STOPPING:
        return _forget_following(leg, recording), ()
    if recording.phase is Phase.WAITING:
        return _forget_waiting(leg, recording)
    outputs = _closing(leg.seat, recording.file_name)
    return replace(leg, recording=replace(recording, phase=Phase.STOPPING)), outputs


def _closing(seat: Seat | None, name: str) -> Outputs:
    if seat is None:
        return (_told("WillStop", name), _told("DidStop", name))
    ask = () if seat.link is None else (Command(seat.link, wire.StopRecording(seat.token)),)
    return (_told("WillStop", name), *ask, StartTimer((RECORDED, seat.token), RECORDED_SECONDS))


def _forget_following(leg: Leg, recording: Recording) -> Leg:
    """Forget the recording that waits for this one to be closed; of one that only a hold kept back nobody hears."""
    unbegun = (recording.following,) if recording.following and not leg.is_held else ()
    return replace(leg, recording=replace(recording, following=""), unbegun=(*leg.unbegun, *unbegun))


def _forget_waiting(leg: Leg, recording: Recording) -> tuple[Leg, Outputs]:
    """Forget a recording that has no file at present; one that went on from another file ends with that."""
    leg = replace(leg, recording=None)
    if recording.is_announced:
        name = recording.previous or recording.file_name
        return leg, (_told("WillStop", name), _told("DidStop", name))
    if leg.is_held or recording.part > 1:
        return leg, ()
    return _pass_over(replace(leg, unbegun=(*leg.unbegun, recording.file_name)))


def _pass_over(leg: Leg) -> tuple[Leg, Outputs]:
    """Tell of the recordings that never began, when the one before them is over."""
    recording = leg.recording
    is_busy = leg.partings or (recording is not None and recording.phase is not Phase.WAITING)
    if is_busy or not leg.unbegun:
        return leg, ()
    outputs: Outputs = ()
    for name in leg.unbegun:
        outputs += (_told("WillStart", name), _told("WillStop", name), *_ended(name, UNBEGUN))
    return replace(leg, unbegun=()), outputs


def opened(leg: Leg, event: wire.Recording, _now: float) -> tuple[Leg, Outputs]:
    """Tell that the file is written."""
    recording = leg.recording
    is_ours = leg.seat is not None and leg.seat.token == event.leg
    if recording is None or recording.phase is not Phase.STARTING or not is_ours:
        return leg, ()
    told = () if recording.is_told else (_told("DidStart", recording.file_name),)
    note = Note("recording.started", {"file_name": recording.file_name})
    return replace(leg, recording=replace(recording, phase=Phase.STARTED, is_told=True)), (*told, note)


def closed(leg: Leg, event: wire.Recorded, _now: float) -> tuple[Leg, Outputs]:
    """Tell that the file can be read, or why not; a seat that waited for it is given back."""
    if any(each.seat.token == event.leg for each in leg.partings):
        return part(leg, event.leg, event.error)
    recording = leg.recording
    if recording is None or recording.phase is Phase.WAITING or leg.seat is None or leg.seat.token != event.leg:
        return leg, ()
    was_asked = recording.phase is Phase.STOPPING
    unasked = (_told("WillStop", recording.file_name),) if recording.phase is Phase.STARTED else ()
    stop = (StopTimer((RECORDED, event.leg)),) if was_asked else ()
    error = event.error or ("" if was_asked else "the recording ended")
    leg, begun = begin(replace(leg, recording=_following(recording)))
    return leg, (*stop, *unasked, *_ended(recording.file_name, error), *begun)


def _following(recording: Recording) -> Recording | None:
    name = recording.following
    return Recording(name, name) if name else None


def overdue(leg: Leg, token: str, now: float) -> tuple[Leg, Outputs]:
    """Wait no longer for a file to be closed."""
    return closed(leg, wire.Recorded(token, "", "the file was not closed in time"), now)


def broken(leg: Leg) -> tuple[Leg, Outputs]:
    """Take the loss of the worker: its file is repaired, the next one begins with the next worker."""
    recording = leg.recording
    if recording is None or recording.phase is Phase.WAITING:
        return leg, ()
    repair = RepairFile(recording.file_name)
    if recording.phase is Phase.STOPPING:
        leg, passed = _pass_over(replace(leg, recording=_following(recording)))
        return leg, (repair, *_ended(recording.file_name, ""), *passed)
    return replace(leg, recording=broken_off(recording)), (repair,)


def leave(leg: Leg, former: Seat | None) -> tuple[Leg, Outputs]:
    """Give a seat back, at once or when its recording is closed; that goes on in the next file."""
    recording = leg.recording
    if former is None:
        return leg, ()
    if recording is None or recording.phase is Phase.WAITING:
        return leg, seats.give_back(former)
    parting = Parting(former, recording.file_name)
    following = next_part(recording) if recording.phase in _OPEN else _following(recording)
    closing = _closing(former, recording.file_name) if recording.phase in _OPEN else ()
    return replace(leg, recording=following, partings=(*leg.partings, parting)), closing


def part(leg: Leg, token: str, error: str = "") -> tuple[Leg, Outputs]:
    """Give a seat back whose recording is closed, and begin with what had to wait for it."""
    outputs: Outputs = ()
    for each in leg.partings:
        if each.seat.token == token:
            told = _ended(each.file_name, error)
            outputs += (StopTimer((RECORDED, token)), *told, *seats.give_back(each.seat))
    leg = replace(leg, partings=tuple([each for each in leg.partings if each.seat.token != token]))
    leg, begun = begin(leg)
    return leg, (*outputs, *begun)


def part_lost(leg: Leg, token: str) -> tuple[Leg, Outputs]:
    """Give a seat back whose worker was lost before the recording was closed."""
    repairs = [RepairFile(each.file_name) for each in leg.partings if each.seat.token == token]
    leg, outputs = part(leg, token)
    return leg, (*repairs, *outputs)


def finish(leg: Leg) -> tuple[Leg, Outputs]:
    """End for good: forget what waits, close what is open."""
    leg, outputs = leave(replace(leg, seat=None), leg.seat)
    left = leg.recording
    if left is None:
        return leg, outputs
    leg, forgotten = _forget_waiting(leg, left)
    return leg, (*forgotten, *outputs)


def _ended(name: str, error: str) -> Outputs:
    data = {"file_name": name, "error": error} if error else {"file_name": name}
    did = Notify("SCSessionDidStopRecordingAudio", data)
    return did, Note("recording.failed" if error else "recording.ended", data)


def _told(what: str, name: str) -> Notify:
    return Notify(f"SCSession{what}RecordingAudio", {"file_name": name})
