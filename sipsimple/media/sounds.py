"""What is to be heard here, beside the calls, as a value: players, and a recording of what they play.

A worker is asked for when the first sound is wanted, and given back a while
after the last one. When it is lost the sounds begin anew in another one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sipsimple.media import wire
from sipsimple.protocols.outputs import StartTimer, StopTimer

if TYPE_CHECKING:
    from sipsimple.media.pool.worker_link import WorkerLink

IDLE = 10.0
"""Seconds after the last sound until the worker is given back."""

MOST_LOSSES = 2
"""So often in a row the sounds begin anew in another worker."""

Player = wire.Play | wire.PlayTones

# ---------------------------------------------------------------- messages


@dataclass(frozen=True, slots=True)
class Sounding:
    """Play this; its `leg` is empty."""

    player: Player


@dataclass(frozen=True, slots=True)
class Recording:
    """Record what the device plays."""

    file_name: str


@dataclass(frozen=True, slots=True)
class Pausing:
    """Record nothing for a while, or again."""

    is_paused: bool


@dataclass(frozen=True, slots=True)
class RecordingOver:
    """End the recording."""


@dataclass(frozen=True, slots=True)
class Silence:
    """End a player, without telling."""

    player: int


@dataclass(frozen=True, slots=True)
class Devices:
    """Asked: the names of the playback and recording devices, as a pair of tuples."""


# ----------------------------------------------------------------- outputs


@dataclass(frozen=True, slots=True)
class AskForWorker:
    """Ask the pool for a worker."""

    token: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Give the worker back."""

    token: str
    link: WorkerLink | None


@dataclass(frozen=True, slots=True)
class Send:
    """Tell the worker."""

    link: WorkerLink
    command: wire.Command


@dataclass(frozen=True, slots=True)
class TellEnd:
    """Tell that a player has ended."""

    player: int
    error: str


@dataclass(frozen=True, slots=True)
class TellRecorded:
    """Tell that the recording has ended."""

    file_name: str
    error: str


@dataclass(frozen=True, slots=True)
class Sounds:
    """What is to be heard.

    Attributes:
        token: Of the place in a worker, asked for or had; empty: none.
        link: The worker; None until it is granted.
        players: In the order of their beginning.
        recording: File that is recorded to; empty: none.
        is_closing: That file is being closed.
        following: File of the next recording, which was asked for before that one is closed; empty: none.
        is_paused: Nothing is recorded for the time being, in the next one if there is one.
        losses: Workers that were lost since anything came to its end.
    """

    token: str = ""
    link: WorkerLink | None = None
    players: tuple[Player, ...] = ()
    recording: str = ""
    is_closing: bool = False
    following: str = ""
    is_paused: bool = False
    losses: int = 0


Step = tuple[Sounds, tuple[Any, ...]]


def sound(sounds: Sounds, command: Player, fresh: str) -> Step:
    """Play."""
    return _want(replace(sounds, players=(*sounds.players, command)), fresh, command)


def record(sounds: Sounds, file_name: str, fresh: str) -> Step:
    """Record; one recording at a time, the next one when the last one is closed."""
    if sounds.is_closing and not sounds.following:
        return replace(sounds, following=file_name, is_paused=False), ()
    if sounds.recording:
        return sounds, (TellRecorded(file_name, f"{sounds.following or sounds.recording} is being recorded"),)
    return _want(replace(sounds, recording=file_name, is_paused=False), fresh, wire.Record("", file_name))


def pause(sounds: Sounds, is_paused: bool) -> Step:
    """Record nothing, or again."""
    sounds = replace(sounds, is_paused=is_paused)
    return sounds, () if sounds.link is None else (Send(sounds.link, wire.Hold("", is_paused)),)


def stop_recording(sounds: Sounds) -> Step:
    """End the recording; its end is told when the file can be read."""
    if sounds.following:
        return replace(sounds, following=""), (TellRecorded(sounds.following, ""),)
    if not sounds.recording or sounds.is_closing:
        return sounds, ()
    if sounds.link is None:
        return recorded(sounds, wire.Recorded("", sounds.recording))
    return replace(sounds, is_closing=True, is_paused=False), (Send(sounds.link, wire.StopRecording("")),)


def silence(sounds: Sounds, player: int) -> Step:
    """End a player."""
    stop = () if sounds.link is None else (Send(sounds.link, wire.StopPlaying(player)),)
    sounds, idle = _without(sounds, player)
    return sounds, (*stop, *idle)


def look(sounds: Sounds, fresh: str) -> Step:
    """Have a worker, for what it knows of the devices."""
    return _want(sounds, fresh)


def ended(sounds: Sounds, event: wire.PlayingEnded) -> Step:
    """Tell the end of a player."""
    if all(each.player != event.player for each in sounds.players):
        return sounds, ()
    sounds, idle = _without(replace(sounds, losses=0), event.player)
    return sounds, (TellEnd(event.player, event.error), *idle)


def recorded(sounds: Sounds, event: wire.Recorded) -> Step:
    """Tell the end of the recording."""
    if event.file_name != sounds.recording:
        return sounds, ()
    sounds = _next(sounds)
    told = TellRecorded(event.file_name, event.error)
    if sounds.link is None:
        return sounds, (told, *_idle(sounds))
    begun = (Send(sounds.link, wire.Record("", sounds.recording)),) if sounds.recording else ()
    return sounds, (told, *begun, Send(sounds.link, wire.Hold("", sounds.is_paused)), *_idle(sounds))


def _next(sounds: Sounds) -> Sounds:
    """Return what is to be heard when a recording is over: the next one begins."""
    is_paused = sounds.is_paused and bool(sounds.following)
    return replace(sounds, recording=sounds.following, following="", is_closing=False, is_paused=is_paused)


def granted(sounds: Sounds, token: str, link: WorkerLink) -> Step:
    """Begin what is wanted."""
    if token != sounds.token or sounds.link is not None:
        return sounds, ()
    sounds = replace(sounds, link=link)
    recording = (wire.Record("", sounds.recording), wire.Hold("", sounds.is_paused)) if sounds.recording else ()
    return sounds, (*[Send(link, each) for each in (*sounds.players, *recording)], *_idle(sounds))


def lost(sounds: Sounds, token: str, reason: str, fresh: str) -> Step:
    """Begin anew in another worker; but for a recording, of which what there is must do."""
    if token != sounds.token:
        return sounds, ()
    sounds = replace(sounds, token="", link=None, losses=sounds.losses + 1)
    if sounds.losses > MOST_LOSSES:
        return refused(replace(sounds, token=token), token, reason)
    told = (TellRecorded(sounds.recording, reason),) if sounds.recording else ()
    sounds = _next(sounds)
    if not sounds.players and not sounds.recording:
        return sounds, (*told, GiveBack(token, None))
    return replace(sounds, token=fresh), (*told, AskForWorker(fresh))


def refused(sounds: Sounds, token: str, reason: str) -> Step:
    """Tell that nothing of it can be heard."""
    if token != sounds.token:
        return sounds, ()
    told: list[object] = [TellEnd(each.player, reason) for each in sounds.players]
    told += [TellRecorded(each, reason) for each in (sounds.recording, sounds.following) if each]
    return Sounds(), (*told, GiveBack(token, sounds.link))


def rest(sounds: Sounds) -> Step:
    """Give the worker back: nothing was wanted of it for a while."""
    if sounds.players or sounds.recording or not sounds.token:
        return sounds, ()
    return Sounds(), (GiveBack(sounds.token, sounds.link),)


def _want(sounds: Sounds, fresh: str, command: wire.Command | None = None) -> Step:
    if sounds.link is not None:
        return sounds, (StopTimer("idle"), *([] if command is None else [Send(sounds.link, command)]), *_idle(sounds))
    if sounds.token:
        return sounds, ()
    return replace(sounds, token=fresh), (AskForWorker(fresh),)


def _without(sounds: Sounds, player: int) -> Step:
    sounds = replace(sounds, players=tuple([each for each in sounds.players if each.player != player]))
    return sounds, _idle(sounds)


def _idle(sounds: Sounds) -> tuple[StartTimer, ...]:
    return () if sounds.players or sounds.recording or not sounds.token else (StartTimer("idle", IDLE),)
