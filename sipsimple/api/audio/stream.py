"""The audio of one call: which actor runs it, and the `AudioTransport` that applications hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.api.advertising import peer_host
from sipsimple.api.audio.transport import AudioTransport, RTPTransport
from sipsimple.errors import ActorError, MediaFailed
from sipsimple.media.leg.events import End, Hold, Revert, SilenceUntold, Start
from sipsimple.media.leg.events import Prepare as PrepareLeg
from sipsimple.media.leg.listen import NO_AUDIO
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sip.usage.events import StreamFailed
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.actors.runtime import Ref, Supervisor
    from sipsimple.api.session.call_streams import StreamSettings
    from sipsimple.api.session.session import Session
    from sipsimple.protocols.sip.usage.outputs import Prepare, StartStream, StopStream

AUDIO = "audio"

_UNAVAILABLE = 503
_ESTABLISHED = (State.ESTABLISHED, State.PROPOSING, State.PROPOSED)
_ENDING = (State.TERMINATING, State.TERMINATED, None)


class AudioStream:
    """One audio stream from its preparation to its end.

    Args:
        session: Whose audio it is.
        settings: What every stream is made with.
        names: What names the call in the log.
    """

    __slots__ = ("audio", "names", "ref", "session", "settings")

    def __init__(self, session: Session, settings: StreamSettings, names: tuple[tuple[str, str], ...]) -> None:
        self.session = session
        self.settings = settings
        self.names = names
        self.audio = AudioTransport(RTPTransport.configured(session.rtp_config))
        self.ref: Ref | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing runs any more, or ever did."""
        return self.ref is None or not self.ref.is_alive

    def prepare(self, output: Prepare, owner: Ref, supervisor: Supervisor, child: str) -> None:
        """Have the leg, which is started when there is none, tell `owner` its line."""
        try:
            ref = self.ref or self._start_leg(owner, supervisor, child)
        except (MediaFailed, ActorError) as error:
            owner.tell(StreamFailed(AUDIO, error.reason, _UNAVAILABLE))
            return
        ref.tell(PrepareLeg(output.remote if isinstance(output.remote, Media) else None))

    def _start_leg(self, owner: Ref, supervisor: Supervisor, child: str) -> Ref:
        spec = self.settings.audio.leg(
            child,
            owner,
            self.session.rtp_config,
            self._notify,
            self._end,
            self.names,
            peer_host(self.session),
        )
        self.ref = supervisor.start_child(spec)
        self.audio.transport.attach(self.ref)
        self.session.attach_audio(self.audio)
        return self.ref

    def _notify(self, name: str, data: Mapping[str, Any]) -> None:
        """Post a notification; that no audio comes is news of an established session only."""
        state = self.session.call.state if self.session.call is not None else None
        if name != NO_AUDIO or state in _ESTABLISHED:
            self.session.notify_of_audio(name, data)
        elif state not in _ENDING and self.ref is not None:
            self.ref.tell(SilenceUntold())

    def _end(self) -> None:
        self.session.detach_stream(self.audio)

    def start(self, output: StartStream) -> None:
        """Let it sound as was agreed."""
        if self.ref is None or not isinstance(output.remote, Media) or output.local is None:
            raise AssertionError("audio starts when it is prepared, with the lines of both sides")
        self.ref.tell(Start(output.remote, output.local, output.early))
        self.session.stop_ringing()

    def revert(self) -> None:
        """Go back to what was agreed before."""
        if self.ref is not None:
            self.ref.tell(Revert())

    def hold(self, is_held: bool) -> None:
        """Send nothing and record nothing, or again."""
        if self.ref is not None:
            self.ref.tell(Hold(is_held))

    def stop(self, _output: StopStream) -> None:
        """End it; the recording is closed first."""
        if self.ref is not None:
            self.ref.insist(End())

    def bury(self, reason: str) -> None:
        """Account for a leg that crashed too often: its recording ends, its slot is free."""
        if self.ref is None or not self.session.awaits(self.audio):
            return
        self.settings.audio.bury(self.ref)
        name = self.audio.recording_file_name
        if name is not None:
            data = {"file_name": name, "error": reason}
            self.session.notify_of_audio("SCSessionWillStopRecordingAudio", {"file_name": name})
            self.session.notify_of_audio("SCSessionDidStopRecordingAudio", data)
        self._end()
