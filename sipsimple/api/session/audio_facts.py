"""What can be read of the audio of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api.audio.sound_files import is_same
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.api.audio.statistics import AudioStatistics
    from sipsimple.api.audio.transport import AudioTransport, RTPTransport
    from sipsimple.media.leg.events import StartRecording
    from sipsimple.protocols.sip.usage.call import Call


class AudioFacts:
    """The `audio_...` attributes of a session.

    Each is None, or False, while the session has no audio, and before its value
    is known. A session that is over keeps the last values.
    """

    def __init__(self) -> None:
        self._audio: AudioTransport | None = None
        self._recording: StartRecording | None = None  # not stopped by the application

    @property
    def call(self) -> Call | None:
        """The state of the call behind this session."""
        raise NotImplementedError

    @property
    def has_audio(self) -> bool:
        """Whether the session has an audio stream, running or being set up, that nobody asked to remove."""
        return self._has("audio")

    def _has(self, kind: str) -> bool:
        """Tell whether the session has a stream of this kind."""
        raise NotImplementedError

    @property
    def audio_transport(self) -> AudioTransport | None:
        """The audio stream, if there is one."""
        return self._audio if self.has_audio else None

    def _shown_audio(self) -> AudioTransport | None:
        is_over = self.call is not None and self.call.state is State.TERMINATED
        return self._audio if is_over else self.audio_transport

    def _rtp(self) -> RTPTransport | None:
        audio = self._shown_audio()
        return None if audio is None else audio.transport

    @property
    def audio_sample_rate(self) -> int | None:
        """The sample rate of the audio that was negotiated, in Hz: 16000 for G722, whatever its RTP clock says."""
        audio = self._shown_audio()
        return None if audio is None else audio.sample_rate

    @property
    def audio_codec(self) -> str | None:
        """The name of the codec that was negotiated."""
        audio = self._shown_audio()
        return None if audio is None else audio.codec

    @property
    def audio_srtp_active(self) -> bool:
        """Whether the stream is encrypted."""
        rtp = self._rtp()
        return rtp is not None and rtp.srtp_active

    @property
    def audio_local_rtp_address(self) -> str | None:
        """The local IP address of the stream."""
        rtp = self._rtp()
        return None if rtp is None else rtp.local_rtp_address

    @property
    def audio_local_rtp_port(self) -> int | None:
        """The local UDP port of the stream."""
        rtp = self._rtp()
        return None if rtp is None else rtp.local_rtp_port

    @property
    def audio_remote_rtp_address_sdp(self) -> str | None:
        """The IP address that the peer asked to send audio to."""
        rtp = self._rtp()
        return None if rtp is None else rtp.remote_rtp_address_sdp

    @property
    def audio_remote_rtp_port_sdp(self) -> int | None:
        """The UDP port that the peer asked to send audio to."""
        rtp = self._rtp()
        return None if rtp is None else rtp.remote_rtp_port_sdp

    @property
    def audio_remote_rtp_address_received(self) -> str | None:
        """The IP address that audio comes from."""
        rtp = self._rtp()
        return None if rtp is None else rtp.remote_rtp_address_received

    @property
    def audio_remote_rtp_port_received(self) -> int | None:
        """The UDP port that audio comes from."""
        rtp = self._rtp()
        return None if rtp is None else rtp.remote_rtp_port_received

    @property
    def audio_was_received(self) -> bool:
        """Whether any audio came from the peer."""
        audio = self._shown_audio()
        return audio is not None and audio.was_received

    @property
    def audio_recording_file_name(self) -> str | None:
        """The full path of the file that the stream is recorded to; None while it is not recorded."""
        audio = self.audio_transport
        return None if audio is None else self._recorded_by(audio)

    def _recorded_by(self, audio: AudioTransport) -> str | None:
        """Return the file of the recording that was asked for last, as soon as it is asked for and until it ends."""
        asked, facts = self._recording, audio.facts
        if asked is None:
            return None
        return asked.file_name if facts.recordings < asked.number else facts.recording_file_name

    def records_to(self, path: str) -> bool:
        """Tell whether the file at the full path `path` is written to, will be, or is being closed."""
        audio = self._audio
        if audio is None:
            return False
        files = audio.ref.state.open_files if audio.ref is not None and audio.ref.is_alive else ()
        recorded = self._recorded_by(audio)
        return any(is_same(each, path) for each in (*files, *([] if recorded is None else [recorded])))

    @property
    def audio_statistics(self) -> AudioStatistics | None:
        """How the stream fares; None before it runs."""
        audio = self._shown_audio()
        return None if audio is None else audio.statistics
