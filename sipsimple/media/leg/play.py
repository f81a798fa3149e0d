"""What is sent to the peer beside its own kind of audio: files, tones, digits, its echo; and hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media import wire
from sipsimple.media.leg import listen, record, seats
from sipsimple.media.leg.events import PlayFile, PlayTones
from sipsimple.media.leg.outputs import Note, Notify

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.leg.events import Echo, Hold, SendDigit, StopPlaying
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Outputs


def play_command(player: PlayFile | PlayTones) -> Callable[[str], wire.Command]:
    """Return what makes the worker's command for a player."""
    if isinstance(player, PlayTones):
        return lambda token: wire.PlayTones(token, player.player, player.tones)
    return lambda token: wire.Play(
        token, player.player, player.file_name, player.level, player.loop_count, player.pause_time
    )


def play(leg: Leg, event: PlayFile | PlayTones, _now: float) -> tuple[Leg, Outputs]:
    """Play, as soon as it sounds; in each further worker it begins anew."""
    others = [each for each in leg.players if each.player != event.player]
    leg = replace(leg, players=(*others, event))
    return leg, seats.to_worker(leg, play_command(event))


def stop_playing(leg: Leg, event: StopPlaying, _now: float) -> tuple[Leg, Outputs]:
    """End a player."""
    others = tuple([each for each in leg.players if each.player != event.player])
    if len(others) == len(leg.players):
        return leg, ()
    return replace(leg, players=others), seats.to_worker(leg, lambda _: wire.StopPlaying(event.player))


def playing_ended(leg: Leg, event: wire.PlayingEnded, _now: float) -> tuple[Leg, Outputs]:
    """Tell that a player came to its end."""
    others = tuple([each for each in leg.players if each.player != event.player])
    if len(others) == len(leg.players):
        return leg, ()
    data = {"player": event.player, "error": event.error or None}
    return replace(leg, players=others), (Notify("SCSessionDidEndPlaying", data),)


def echo(leg: Leg, event: Echo, _now: float) -> tuple[Leg, Outputs]:
    """Send the peer its own audio, or no more."""
    if event.is_on == leg.is_echoing:
        return leg, ()
    leg = replace(leg, is_echoing=event.is_on)
    return leg, seats.to_worker(leg, lambda token: wire.Echo(token, event.is_on))


def send_digit(leg: Leg, event: SendDigit, _now: float) -> tuple[Leg, Outputs]:
    """Send a digit; what cannot be sent now would be a surprise later."""
    if leg.seat is None:
        return leg, (Note("digit.dropped", {"why": "no audio at the moment"}),)
    return leg, seats.to_worker(leg, lambda token: wire.SendDigit(token, event.digit))


def hold(leg: Leg, event: Hold, _now: float) -> tuple[Leg, Outputs]:
    """Mute, or let it be heard again; a recording that was asked for meanwhile begins."""
    if event.is_held == leg.is_held:
        return leg, ()
    leg = replace(leg, is_held=event.is_held)
    told = seats.to_worker(leg, lambda token: wire.Hold(token, event.is_held))
    leg, watched = listen.watch_after_hold(leg)
    leg, begun = record.begin(leg)
    return leg, (*told, *watched, *begun)
