"""`WaveFile`, `RecordingWaveFile` and `ToneGenerator`: sounds of the application's own, heard here or in a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime import get_logger
from sipsimple.api import native
from sipsimple.api.audio.playing import Playing
from sipsimple.api.audio.sound_files import StrPath, playable, recordable
from sipsimple.api.audio.tones import checked_digit, checked_tones, digit_tones, highest_frequency
from sipsimple.api.notification.notification import NotificationData
from sipsimple.api.session.audio import AudioCommands, require_unrecorded
from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.api.audio.sound import Sound
    from sipsimple.api.audio.tones import Tones
    from sipsimple.api.session.session import Session

_lock = native.module_lock()
"""Held while the state of one of these objects is looked at and changed."""


def _sound() -> Sound:
    from sipsimple.api.engine.engine import Engine

    return Engine().core.sound


class WaveFile:
    """A `.wav` file that can be played here, on the sound device.

    Without a device, or with the engine's `auto_sound` False, nobody hears it,
    but it takes its time and ends.

    Args:
        file_name: Path of the file.

    Notifications:
        SCWaveFileDidEnd when it ends or is stopped, once for each `start()`.
    """

    def __init__(self, file_name: StrPath) -> None:
        self._file_name = file_name
        self._sound: Sound | None = None
        self._player: int | None = None

    @property
    def file_name(self) -> StrPath:
        """The path as it was given."""
        return self._file_name

    @property
    def is_active(self) -> bool:
        """Whether it plays, or pauses between two times."""
        return self._sound is not None

    def start(self, level: int = 100, loop_count: int = 1, pause_time: float = 0) -> None:
        """Play.

        Args:
            level: Percent.
            loop_count: Times to play; 0: for ever.
            pause_time: Seconds between two times.

        Raises:
            SIPCoreError: It plays already, there is no such file, it is not WAV, or there is no audio.
            ValueError: A number is negative.
            TypeError: It is none.

        Notifications:
            SCWaveFileDidEnd.
        """
        path = playable(self._file_name)
        playing = Playing(path, level, loop_count, pause_time)
        sound = _sound()
        with _lock:
            if self._sound is not None:
                raise SIPCoreError(f"{self._file_name} is being played already")
            self._sound = sound
        try:
            self._player = sound.play(
                path, playing.level, playing.loop_count, playing.pause_time, lambda error: self._end(sound, error)
            )
        except SIPCoreError:
            self._sound = None
            raise

    def stop(self) -> None:
        """Play no more; nothing happens when it does not play.

        Notifications:
            SCWaveFileDidEnd.
        """
        with _lock:
            sound, player, self._sound, self._player = self._sound, self._player, None, None
        if sound is not None and player is not None:
            sound.stop_playing(player)
            self._tell_end(sound, None)

    def _end(self, sound: Sound, error: str) -> None:
        with _lock:
            if self._sound is not sound:
                return
            self._sound = self._player = None
        self._tell_end(sound, error or None)

    def _tell_end(self, sound: Sound, error: str | None) -> None:
        sound.queue().post(self, "SCWaveFileDidEnd", NotificationData(error=error))


class RecordingWaveFile:
    """A `.wav` file that what is played here is recorded to: ringtones, `WaveFile`, tones, and calls on the device.

    Mono, 16 bits, at the engine's sample rate. A session records itself with
    `start_recording_audio()`.

    Args:
        file_name: Path of the file, whose directory exists, and which ends in `.wav`.

    Notifications:
        SCRecordingWaveFileDidEnd when the file can be read, or cannot be written, once for each `start()`.
    """

    def __init__(self, file_name: StrPath) -> None:
        self._file_name = file_name
        self._sound: Sound | None = None
        self._was_started = False
        self._is_paused = False

    @property
    def file_name(self) -> StrPath:
        """The path as it was given."""
        return self._file_name

    @property
    def is_active(self) -> bool:
        """Whether it records, or pauses."""
        return self._sound is not None

    @property
    def is_paused(self) -> bool:
        """Whether it pauses."""
        return self._is_paused

    def start(self) -> None:
        """Record; once in its life.

        Raises:
            SIPCoreError: It was started already, the file cannot be written or does not end in `.wav`, a session
                records to it, another one of these records, or there is no audio.

        Notifications:
            SCRecordingWaveFileDidEnd.
        """
        path = recordable(self._file_name)
        sound = _sound()
        with _lock:
            if self._was_started:
                raise SIPCoreError(f"{self._file_name} was recorded already")
            self._sound, self._was_started = sound, True
        try:
            require_unrecorded(path, sound=None)
            sound.record(path, lambda error: self._end(sound, error))
        except SIPCoreError:
            self._sound, self._was_started = None, False
            raise

    def pause(self) -> None:
        """Record nothing for a while.

        Raises:
            SIPCoreError: It does not record.
        """
        self._pause("pause", is_paused=True)

    def resume(self) -> None:
        """Go on.

        Raises:
            SIPCoreError: It does not pause.
        """
        self._pause("resume", is_paused=False)

    def _pause(self, method: str, *, is_paused: bool) -> None:
        with _lock:
            if self._sound is None or self._is_paused is is_paused:
                state = "paused" if self._is_paused else "recording" if self._sound else "not recording"
                raise SIPCoreError(f"{method}() is not allowed while {self._file_name} is {state}")
            self._is_paused = is_paused
            self._sound.pause_recording(is_paused)

    def stop(self) -> None:
        """Record no more; nothing happens when it does not record.

        Notifications:
            SCRecordingWaveFileDidEnd, a moment later, when the file can be read.
        """
        with _lock:
            sound, self._sound, self._is_paused = self._sound, None, False
        if sound is not None:
            sound.stop_recording()

    def _end(self, sound: Sound, error: str) -> None:
        with _lock:
            self._sound, self._is_paused = None, False
        if error:
            get_logger(component="sound").warning("recording.failed", file_name=str(self._file_name), error=error)
        sound.queue().post(self, "SCRecordingWaveFileDidEnd", NotificationData(error=error or None))


class ToneGenerator:
    """Plays tones and DTMF, here on the sound device or to the peer of a session.

    Args:
        session: Whose peer is to hear it; None: it is heard here.

    Raises:
        TypeError: `session` is none.
    """

    def __init__(self, session: Session | None = None) -> None:
        if session is not None and not isinstance(session, AudioCommands):
            raise TypeError(f"session must be a Session, not {type(session).__name__}")
        self._session = session
        self._begun: list[tuple[Any, int]] = []

    def play_tones(self, tones: Iterable[tuple[int, int, int]]) -> None:
        """Play tones, beside those that play already.

        Args:
            tones: Two frequencies in Hz (0: none; at most half the engine's `sample_rate`) and milliseconds,
                each; both 0: silence.

        Raises:
            ValueError: A number is out of range, or there is nothing or too much to play.
            TypeError: They are no triples of int.
            SessionStateError: The session is not ESTABLISHED with running audio.
            SIPCoreError: There is no audio.
        """
        self._play(checked_tones(tones, highest_frequency()))

    def play_dtmf(self, digit: str) -> None:
        """Play the tones of a DTMF digit; `Session.send_dtmf()` sends the digit itself.

        Raises:
            SIPCoreError: It is not exactly one of 0123456789*#ABCD, or there is no audio.
            SessionStateError: The session is not ESTABLISHED with running audio.
        """
        self._play(digit_tones(checked_digit(digit)))

    def _play(self, tones: Tones) -> None:
        player_of: Any = _sound() if self._session is None else self._session
        begin = player_of.play_tones if self._session is None else player_of.begin_tones
        self._begun = [*self._begun[-31:], (player_of, begin(tones))]

    def stop(self) -> None:
        """Be silent."""
        begun, self._begun = self._begun, []
        for player_of, player in begun:
            player_of.stop_playing(player)
