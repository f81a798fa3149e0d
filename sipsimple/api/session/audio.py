"""The methods of a session that use its audio stream: recording, DTMF, players, bridges."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.audio.playing import Playing, next_player
from sipsimple.api.audio.sound_files import StrPath, default_recording, playable, recording_of
from sipsimple.api.audio.tones import checked_digit, checked_tones, highest_frequency
from sipsimple.api.audio.transport import require_digits
from sipsimple.api.session.commands import SessionCommands, lock
from sipsimple.api.session.manager import SessionManager
from sipsimple.api.telling import tell_or
from sipsimple.errors import SessionStateError, SIPCoreError
from sipsimple.media.leg import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.audio.sound import Sound
    from sipsimple.api.audio.tones import Tones
    from sipsimple.api.session.session import Session

_recordings = count(1)


def require_unrecorded(path: str, sound: Sound | None, but: AudioCommands | None = None) -> None:
    """Refuse a file that somebody else in this process records to: the two would overwrite each other.

    Raises:
        SIPCoreError: Another session than `but` does, or a RecordingWaveFile; or the file is just being closed.
    """
    others = (each for each in SessionManager().sessions if each is not but)
    if (sound is not None and sound.records_to(path)) or any(each.records_to(path) for each in others):
        raise SIPCoreError(f"cannot record to {path}: it is being recorded to already")


class AudioCommands(SessionCommands):
    """What an application does with the audio of an established session.

    None of it is seen by the peer's SIP, but for a bridge that must move one of
    the calls to the other's audio process: then that call sends a re-INVITE.
    """

    def _leg(self, method: str) -> Ref:
        """Return the audio leg of an established session whose audio was agreed on.

        One whose audio process has just died counts too: what it is told comes about in the next one.
        """
        self._require_established(method)
        call, audio = self.call, self.audio_transport
        if call is None or audio is None or audio.ref is None or not call.runs("audio"):
            raise SessionStateError(method, "ESTABLISHED without running audio", ("ESTABLISHED with running audio",))
        return audio.ref

    def start_recording_audio(self, path: StrPath, file_name: str | None = None) -> None:
        """Record both directions of the audio into a `.wav` file.

        Nothing is recorded while either side holds: on hold the recording begins
        when the hold ends, and a hold makes it pause.

        Args:
            path: The directory, which must exist.
            file_name: The name of the file in it; `YYYYMMDD-HHMMSS-user@host-direction.wav` by default,
                with `_2` before the suffix where there is such a file.

        Raises:
            SessionStateError: The session is not ESTABLISHED with running audio, or is recorded already.
            SIPCoreError: The file cannot be written, does not end in `.wav`, or is being recorded to by another
                session or a RecordingWaveFile; or its path is not UTF-8, or longer than 259 bytes.
            TypeError: An argument is of the wrong type.

        Notifications:
            SCSessionWillStartRecordingAudio, SCSessionDidStartRecordingAudio; when it ends, for
            whatever reason, SCSessionWillStopRecordingAudio, SCSessionDidStopRecordingAudio.
        """
        with lock:
            leg = self._leg("start_recording_audio")
            if self.audio_recording_file_name is not None:
                state = f"ESTABLISHED, recorded to {self.audio_recording_file_name}"
                raise SessionStateError("start_recording_audio", state, ("ESTABLISHED and not recorded",))
            if file_name is None:
                name = default_recording(path, datetime.now(), self.remote_uri, self.direction)
            else:
                name = recording_of(path, file_name)
            require_unrecorded(name, self._sound, self)
            command = self._recording = events.StartRecording(name, next(_recordings))
        tell_or(leg, command, self._not_recording)

    def _not_recording(self) -> None:
        self._recording = None

    def stop_recording_audio(self) -> None:
        """End the recording.

        Raises:
            SessionStateError: The session is not ESTABLISHED, or not recorded.

        Notifications:
            SCSessionWillStopRecordingAudio, then SCSessionDidStopRecordingAudio when the file can be
            read. Neither, if on hold the recording had not begun.
        """
        with lock:
            self._require_established("stop_recording_audio")
            audio = self.audio_transport
            if self.audio_recording_file_name is None or audio is None or audio.ref is None:
                raise SessionStateError("stop_recording_audio", "ESTABLISHED, not recorded", ("ESTABLISHED, recorded",))
            self._recording = None
        audio.ref.tell(events.StopRecording())

    def send_dtmf(self, digit: str) -> None:
        """Send one DTMF digit.

        Args:
            digit: Exactly one of 0123456789*#ABCD.

        Raises:
            SessionStateError: The session is not ESTABLISHED with running audio.
            SIPCoreError: It is no such digit, or the peer takes none.

        RFC: 4733.
        """
        command = events.SendDigit(checked_digit(digit))
        leg = self._leg("send_dtmf")
        require_digits(leg.state.facts)
        leg.tell(command)
        self._let_hear(digit)

    def start_playing(self, file_name: StrPath, level: int = 100, loop_count: int = 1, pause_time: float = 0) -> int:
        """Play a `.wav` file to the peer.

        Args:
            file_name: Path of the file.
            level: Percent.
            loop_count: Times to play; 0: for ever.
            pause_time: Seconds between two times.

        Returns:
            The number of the player.

        Raises:
            SessionStateError: The session is not ESTABLISHED with running audio.
            SIPCoreError: There is no such file, or it is not WAV.
            ValueError: A number is negative.
            TypeError: An argument is of the wrong type.

        Notifications:
            SCSessionDidEndPlaying when it came to its end or could not begin; nothing when it was stopped.
        """
        playing = Playing(playable(file_name), level, loop_count, pause_time)
        leg = self._leg("start_playing")
        player = next_player()
        leg.tell(events.PlayFile(player, playing.file_name, playing.level, playing.loop_count, playing.pause_time))
        return player

    def stop_playing(self, player: int) -> None:
        """End a player that `start_playing()` or `play_tones()` began; one that has ended is left alone.

        Raises:
            TypeError: It is no number of a player.
        """
        number = checking.integer("player", player, 1, 2**31 - 1)
        audio = self.audio_transport
        if audio is not None and audio.ref is not None:
            audio.ref.tell(events.StopPlaying(number))

    def play_tones(self, tones: Iterable[tuple[int, int, int]]) -> int:
        """Play tones to the peer.

        Args:
            tones: Two frequencies in Hz (0: none; at most half the engine's `sample_rate`) and milliseconds,
                each; both 0: silence.

        Returns:
            The number of the player.

        Raises:
            SessionStateError: The session is not ESTABLISHED with running audio.
            ValueError: A number is out of range, or there are none or more than 1000 tones.
            TypeError: They are no triples of int.

        Notifications:
            SCSessionDidEndPlaying when they were played.
        """
        leg = self._leg("play_tones")
        return self._begin_tones(leg, checked_tones(tones, highest_frequency()))

    def begin_tones(self, tones: Tones) -> int:
        """Play checked tones to the peer; `ToneGenerator` calls this."""
        return self._begin_tones(self._leg("play_tones"), tones)

    def _begin_tones(self, leg: Ref, tones: Tones) -> int:
        player = next_player()
        leg.tell(events.PlayTones(player, tones))
        return player

    def echo_audio(self, is_on: bool = True) -> None:
        """Send the peer its own audio, or no more.

        Raises:
            SessionStateError: The session is not ESTABLISHED with running audio.
            TypeError: `is_on` is no bool.
        """
        command = events.Echo(checking.boolean("is_on", is_on))
        self._leg("echo_audio").tell(command)

    def bridge(self, other: Session) -> None:
        """Let the peers of two sessions hear each other; other bridges of the two end.

        If the two are in different audio processes this session moves to the
        other's, with a re-INVITE. Sessions that are not bridged never hear each
        other: 2009 mixed all that were not on hold.

        Raises:
            SessionStateError: One of the two is not ESTABLISHED with running audio.
            TypeError: `other` is no Session.
            ValueError: It is this one.
        """
        if not isinstance(other, AudioCommands):
            raise TypeError(f"other must be a Session, not {type(other).__name__}")
        if other is self:
            raise ValueError("a session cannot be bridged with itself; echo_audio() does that")
        leg, other_leg = self._leg("bridge"), other._leg("bridge")  # noqa: SLF001 - of the same class
        leg.tell(events.BridgeWith(other_leg))

    def unbridge(self) -> None:
        """End the bridge; nothing happens when there is none.

        Raises:
            SessionStateError: The session is not ESTABLISHED with running audio.
        """
        self._leg("unbridge").tell(events.Unbridge())
