"""The streams of one call, as its session's actor sees them: each goes to the one that runs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sipsimple.api.advertising import peer_host
from sipsimple.api.audio.stream import AUDIO, AudioStream
from sipsimple.api.chat.stream import ChatStream
from sipsimple.api.limits import MAILBOX_LIMIT as MAILBOX_LIMIT
from sipsimple.api.relaying import relay_plan
from sipsimple.api.transfer.stream import FileStream
from sipsimple.protocols.sip.usage.streams.lines import is_file

if TYPE_CHECKING:
    from sipsimple.actors.msrp.listener import MSRPListeners
    from sipsimple.actors.runtime import Ref, Supervisor
    from sipsimple.api.audio.engine import AudioEngine
    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.session.session import Session
    from sipsimple.protocols.sip.usage.outputs import HoldStream, Prepare, Revert, StartStream, StopStream


Stream = AudioStream | ChatStream | FileStream


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What every stream of an engine is made with.

    Attributes:
        listeners: The MSRP listeners.
        audio: The audio processes.
        host: Our address where the session's configuration names none.
        options: Of the engine; `trace_msrp` counts for streams made from now on.
    """

    listeners: MSRPListeners
    audio: AudioEngine
    host: str
    options: EngineOptions


class CallStreams:
    """What a session's actor knows of its streams (the `Streams` of `actors.session`).

    A stream that was stopped may live on for a while: a recording is being
    closed, what was sent last may still be reported. One of the same kind may
    follow it before that is over.

    Args:
        session: Whose streams they are.
        names: What names the call in the log.
        settings: What every stream is made with.
    """

    __slots__ = ("_made", "_present", "_stopped", "names", "session", "settings", "supervisor")

    def __init__(self, session: Session, names: tuple[tuple[str, str], ...], settings: StreamSettings) -> None:
        self.session = session
        self.names = names
        self.settings = settings
        self.supervisor: Supervisor | None = None
        self._present: dict[str, Stream] = {}
        self._stopped: tuple[Stream, ...] = ()
        self._made = 0

    def prepare(self, output: Prepare, session: Ref) -> None:
        """Have a stream tell `session` its line; one that runs already is not started again."""
        if self.supervisor is None:
            raise AssertionError("a call has a supervisor")
        stream = self._present.get(output.kind)
        if stream is None or stream.is_over:
            stream = self._present[output.kind] = self._make(output)
            self._made += 1
            if isinstance(stream, FileStream):
                self.session.attach_file(stream.transfer)
        child = output.kind if self.supervisor.child(output.kind) is None else f"{output.kind}-{self._made}"
        stream.prepare(output, session, self.supervisor, child)

    def _make(self, output: Prepare) -> Stream:
        if output.kind == AUDIO:
            return AudioStream(self.session, self.settings, self.names)
        if is_file(output.kind):
            transfer = self.session.file_of(output.kind)
            peer = peer_host(self.session)
            plan = partial(relay_plan, self.session, self.settings.options)
            return FileStream(transfer, output.kind, self.session.msrp_config, self.settings, self.names, peer, plan)
        return ChatStream(self.session, output.outgoing, self.settings, self.names)

    def start(self, output: StartStream) -> None:
        """Start a stream with what was agreed."""
        self._present[output.kind].start(output)

    def revert(self, output: Revert) -> None:
        """Have a stream go back to what was agreed before."""
        stream = self._present.get(output.kind)
        if stream is not None:
            stream.revert()

    def hold(self, output: HoldStream) -> None:
        """Let a stream send nothing, or again."""
        stream = self._present.get(output.kind)
        if stream is not None:
            stream.hold(output.is_held)

    def stop(self, output: StopStream) -> None:
        """End a stream."""
        stream = self._present.pop(output.kind, None)
        if stream is not None:
            self._stopped = (*[each for each in self._stopped if not each.is_over], stream)
            stream.stop(output)

    def bury(self, reason: str) -> None:
        """Account for the streams of a call whose supervisor gave up."""
        for stream in (*self._stopped, *self._present.values()):
            stream.bury(reason)
