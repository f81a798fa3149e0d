"""What is played and recorded here, beside the calls, from any thread: ringtones, WaveFile, tones."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sipsimple.api.audio.playing import Playing, next_player
from sipsimple.api.audio.sound_files import is_same
from sipsimple.api.audio.tones import digit_tones
from sipsimple.api.engine.hubs import Flag
from sipsimple.api.telling import tell_or
from sipsimple.errors import ActorError, MediaFailed
from sipsimple.media import sounds, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.audio.tones import Tones
    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.notification.delivery import Delivery, NotificationQueue

DEVICES_LIMIT = 20.0
"""Seconds that an audio process may take to name the sound devices."""

_STOPPING = "the engine is stopping"


class Sound:
    """The local side of an engine's audio.

    An audio process is started when the first sound is wanted. Without a sound
    device, or with `auto_sound` False, nobody hears it, but it takes its time.

    Args:
        device: Gives the actor that plays, or raises MediaFailed where there is no audio.
        options: Of the engine.
        delivery: The workers that run observers.
    """

    def __init__(self, device: Callable[[], Ref], options: EngineOptions, delivery: Delivery) -> None:
        self._find_device = device
        self._found: Ref | None = None
        self._is_closed = False
        self._options = options
        self._delivery = delivery
        self._players: dict[int, Callable[[str], None]] = {}
        self._recording = ""
        self._recorded: dict[str, Callable[[str], None]] = {}

    def finish(self, seconds: float) -> None:
        """Have every recording closed; on the hub, which waits for that so long at the most."""
        device, ended = self._found, Flag()
        if device is None or not self._recorded:
            return
        self._recorded = {name: _both(told, ended.set) for name, told in self._recorded.items()}
        if device.tell(sounds.RecordingOver()):
            ended.wait(seconds)

    def close(self) -> None:
        """Take no more sounds: the hub may be gone."""
        self._is_closed = True

    def _device(self) -> Ref:
        if self._is_closed:
            raise MediaFailed(_STOPPING)
        if self._found is None:
            self._found = self._find_device()
        return self._found

    # For the device's actor

    def end_player(self, player: int, error: str) -> None:
        """Tell whoever began a player that it has ended."""
        self._players.pop(player, _nobody)(error)

    def end_recording(self, file_name: str, error: str) -> None:
        """Tell whoever records that it is over."""
        if self._recording == file_name:
            self._recording = ""
        self._recorded.pop(file_name, _nobody)(error)

    # For the rest of the API

    def queue(self) -> NotificationQueue:
        """Return a queue for the notifications of one object."""
        return self._delivery.queue()

    def play(
        self,
        file_name: str,
        level: int = 100,
        loop_count: int = 1,
        pause_time: float = 0.0,
        ended: Callable[[str], None] | None = None,
    ) -> int:
        """Play a file; `ended` is called when it ends by itself, with the error if it is for one.

        Raises:
            MediaFailed: There is no audio; the text says why.
        """
        playing = Playing(file_name, level, loop_count, pause_time)
        player = next_player()
        command = wire.Play("", player, file_name, playing.level, playing.loop_count, float(playing.pause_time))
        return self._begin(command, ended)

    def play_tones(self, tones: Tones, ended: Callable[[str], None] | None = None) -> int:
        """Play tones; likewise.

        Raises:
            MediaFailed: There is no audio; the text says why.
        """
        return self._begin(wire.PlayTones("", next_player(), tones), ended)

    def _begin(self, command: wire.Play | wire.PlayTones, ended: Callable[[str], None] | None) -> int:
        device, player = self._device(), command.player
        if ended is not None:
            self._players[player] = ended
        tell_or(device, sounds.Sounding(command), lambda: self.end_player(player, _STOPPING))
        return player

    def stop_playing(self, player: int) -> None:
        """End a player; it tells nothing any more."""
        self._players.pop(player, None)
        if self._found is not None:
            self._found.tell(sounds.Silence(player))

    def let_hear(self, digit: str) -> None:
        """Play the tone of a DTMF digit of a call, if that is wanted."""
        if self._options.playback_dtmf and self._options.auto_sound:
            with suppress(MediaFailed):
                self.play_tones(digit_tones(digit))

    def record(self, file_name: str, ended: Callable[[str], None]) -> None:
        """Record what is played here, when the last file is closed; `ended` is called when this one can be read.

        Raises:
            MediaFailed: There is no audio, or something else is recording.
        """
        device = self._device()
        if self._recording or file_name in self._recorded:
            raise MediaFailed("one recording at a time")
        self._recording, self._recorded[file_name] = file_name, ended
        tell_or(device, sounds.Recording(file_name), lambda: self.end_recording(file_name, _STOPPING))

    def records_to(self, path: str) -> bool:
        """Tell whether the file at the full path `path` is recorded to, will be, or is being closed."""
        return any(is_same(each, path) for each in tuple(self._recorded))

    def pause_recording(self, is_paused: bool) -> None:
        """Record nothing for a while, or again."""
        if self._found is not None:
            self._found.tell(sounds.Pausing(is_paused))

    def stop_recording(self) -> None:
        """Record no more."""
        self._recording = ""
        if self._found is not None:
            self._found.tell(sounds.RecordingOver())

    def devices(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the names of the playback and recording devices; empty where there is no audio.

        An audio process is asked, and waited for.
        """
        try:
            names: tuple[tuple[str, ...], tuple[str, ...]] = self._device().ask(sounds.Devices(), DEVICES_LIMIT)
        except (ActorError, MediaFailed):
            return (), ()
        return names


def _both(first: Callable[[str], None], then: Callable[[], None]) -> Callable[[str], None]:
    def both(error: str) -> None:
        first(error)
        then()

    return both


def _nobody(_error: str) -> None:
    """Tell nobody."""
