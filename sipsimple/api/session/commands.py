"""How a command of the application reaches the actor behind a session: checked, then told, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import native
from sipsimple.api.session.facts import Given
from sipsimple.api.session.notices import SessionNotices
from sipsimple.errors import MediaFailed, SessionStateError
from sipsimple.protocols.sip.usage.events import AddStream, Hold, RemoveStream, Unhold
from sipsimple.protocols.sip.usage.refer.events import Refer
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.table import allowed, led_to

if TYPE_CHECKING:
    from collections.abc import Sized

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.audio.sound import Sound
    from sipsimple.api.notification.delivery import NotificationQueue
    from sipsimple.protocols.sip.usage.state import Stimulus

lock = native.module_lock()
"""Held while a command is checked and told, so that two threads cannot both give the same command."""


CHANGES = (Hold, Unhold, AddStream, RemoveStream, Refer)
"""Commands that what is asked for next depends on, before they were carried out."""


class SessionCommands(SessionNotices):
    """What the methods of a session share; `lock` is held when they call these."""

    def __init__(self) -> None:
        super().__init__()
        self._early: tuple[object, ...] = ()
        self._incarnation = 0

    def _require(self, method: str, stimulus: Stimulus) -> None:
        state = self.current_state
        states = allowed(stimulus)
        if state not in states:
            raise SessionStateError(method, state, states)

    def _require_established(self, method: str) -> None:
        state = self.current_state
        if state is not State.ESTABLISHED:
            raise SessionStateError(method, state, (State.ESTABLISHED,))

    def _command(self, stimulus: Stimulus, command: object) -> None:
        """Show where `stimulus` leads, and tell the actor."""
        self._go_ahead(led_to(self.current_state, stimulus))
        self._tell_actor(command)

    def _tell_actor(self, command: object) -> None:
        self._note_given(command)
        if self._ref is None:  # another thread is just within connect()
            self._early += (command,)
        else:
            self._ref.tell(command)

    def _note_given(self, command: object) -> None:
        """Count a command; the actor counts what it takes, but for what a crash has cost it."""
        call, restarts = self.call, self._restarts()
        if self._incarnation != restarts and call is not None:
            self._incarnation, self._count = restarts, call.taken
        self._count += 1
        if isinstance(command, CHANGES):
            self._given = (*self._open(), Given(command, restarts, self._count))

    def attach(self, ref: Ref, queue: NotificationQueue, sound: Sound, first: object) -> None:
        """Be the face of the actor `ref`, which gets the command or event `first`; the engine calls this."""
        with lock:
            self._ref, self._queue, self._sound = ref, queue, sound
            for command in (first, *self._early):
                ref.tell(command)
            self._early = ()


def chosen(audio: bool | None, chat: bool | None, files: Sized = ()) -> tuple[str, ...]:
    """Return the kinds of stream that an application chose, but for the files.

    Raises:
        ValueError: It chose none.
    """
    kinds = tuple(kind for kind, wanted in (("audio", audio), ("chat", chat)) if wanted)
    if not kinds and not files:
        raise ValueError("at least one of audio and chat must be True, or files be given")
    return kinds


def require_audio_engine(kinds: tuple[str, ...]) -> None:
    """Refuse audio where there is none.

    Raises:
        MediaFailed: Audio is among `kinds` and cannot be had; the text says why.
        SIPCoreError: The engine does not run.
    """
    if "audio" in kinds:
        from sipsimple.api.engine.engine import Engine

        reason = Engine().core.audio_trouble
        if reason is not None:
            raise MediaFailed(reason)
