"""The sound device as an actor: local players and recordings, in one of the workers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import DEFERRED, Actor, Ref, TimerFired, carries, handles
from sipsimple.media import messages, wire
from sipsimple.media import sounds as core
from sipsimple.media.messages import TOKEN_LENGTH, Granted, Released, Wanted, WorkerLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime.reply import Question
    from sipsimple.media.pool.worker_link import WorkerLink


class SoundDevice(Actor):
    """Carries what is heard here.

    Args:
        pool: Gives workers.
        tell_end: Called with the number of each player that has ended by itself, and why ("": it was at its end).
        tell_recorded: Called with the name of the file that was recorded, and why it ended ("": it was asked to).
    """

    state: core.Sounds

    def __init__(
        self, pool: Ref, tell_end: Callable[[int, str], None], tell_recorded: Callable[[str, str], None]
    ) -> None:
        super().__init__()
        self.state = core.Sounds()
        self.pool = pool
        self.tell_end = tell_end
        self.tell_recorded = tell_recorded
        self.asking: list[Question] = []

    def restarted(self) -> None:
        """Go on; a wish that is under way is asked again."""
        sounds = self.state
        if sounds.token and sounds.link is None:
            self._want(sounds.token)

    def stopped(self, _reason: str) -> None:
        """Leave nothing untold."""
        self.advance(core.refused, self.state.token, "the engine is stopping")

    @handles(core.Sounding)
    def sound(self, command: core.Sounding) -> None:
        """Play."""
        self.advance(core.sound, command.player, _token())

    @handles(core.Silence)
    def silence(self, command: core.Silence) -> None:
        """Play no more."""
        self.advance(core.silence, command.player)

    @handles(core.Recording)
    def record(self, command: core.Recording) -> None:
        """Record."""
        self.advance(core.record, command.file_name, _token())

    @handles(core.Pausing)
    def pause(self, command: core.Pausing) -> None:
        """Record nothing for a while, or again."""
        self.advance(core.pause, command.is_paused)

    @handles(core.RecordingOver)
    def stop_recording(self, _command: core.RecordingOver) -> None:
        """Record no more."""
        self.advance(core.stop_recording)

    @handles(core.Devices)
    def name_devices(self, _question: core.Devices) -> object:
        """Answer, when there is a worker to ask."""
        link = self.state.link
        if link is not None:
            return _devices(link)
        self.asking.append(self.question)
        self.advance(core.look, _token())
        return DEFERRED

    @handles(Granted)
    def take_worker(self, event: Granted) -> None:
        """Begin what is wanted."""
        if event.token != self.state.token:
            self.pool.tell(Released(event.token))
            return
        event.worker.attach("", self.ref)
        self.advance(core.granted, event.token, event.worker)
        self._answer(_devices(event.worker))

    @handles(messages.Refused)
    def take_refusal(self, event: messages.Refused) -> None:
        """Tell that nothing can be heard."""
        self.log.warning("sound.refused", reason=event.reason)
        self.advance(core.refused, event.token, event.reason)
        self._answer(((), ()))

    @handles(WorkerLost)
    def lose_worker(self, event: WorkerLost) -> None:
        """Begin anew."""
        self.log.warning("sound.lost", reason=event.reason)
        self.advance(core.lost, event.token, event.reason, _token())

    def _answer(self, devices: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        asking, self.asking = self.asking, []
        for question in asking:
            question.answer(devices)

    @handles(wire.PlayingEnded)
    def end_player(self, event: wire.PlayingEnded) -> None:
        """Take the end of a player."""
        self.advance(core.ended, event)

    @handles(wire.Recorded)
    def end_recording(self, event: wire.Recorded) -> None:
        """Take the end of the recording."""
        self.advance(core.recorded, event)

    @handles(wire.Recording)
    def note_recording(self, event: wire.Recording) -> None:
        """Log it."""
        self.log.debug("sound.recorded", file_name=event.file_name)

    @handles(wire.Refused)
    def note_refusal(self, event: wire.Refused) -> None:
        """Log it."""
        self.log.warning("sound.refused", command=event.command, reason=event.reason)

    @handles(TimerFired)
    def fire(self, _event: TimerFired) -> None:
        """Give the worker back."""
        self.advance(core.rest)

    @carries(core.AskForWorker)
    def ask_for_worker(self, output: core.AskForWorker) -> None:
        """Ask the pool."""
        self._want(output.token)

    def _want(self, token: str) -> None:
        self.pool.tell(Wanted(token, self.ref, is_call=False))

    @carries(core.GiveBack)
    def give_back(self, output: core.GiveBack) -> None:
        """Tell the pool; what still plays there is ended."""
        if output.link is not None:
            output.link.detach("")
        self.pool.tell(Released(output.token))

    @carries(core.Send)
    def tell_worker(self, output: core.Send) -> None:
        """Tell the worker."""
        output.link.send(output.command)

    @carries(core.TellEnd)
    def end(self, output: core.TellEnd) -> None:
        """Tell."""
        self.tell_end(output.player, output.error)

    @carries(core.TellRecorded)
    def be_recorded(self, output: core.TellRecorded) -> None:
        """Tell."""
        self.tell_recorded(output.file_name, output.error)


def _token() -> str:
    return secrets.token_hex(TOKEN_LENGTH // 2)


def _devices(link: WorkerLink) -> tuple[tuple[str, ...], tuple[str, ...]]:
    ready = link.ready
    return ((), ()) if ready is None else (ready.playback_devices, ready.recording_devices)
