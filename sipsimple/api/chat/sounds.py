"""The sounds of a chat: one for a message that came, one for a message that leaves.

Each is played if there is a file for it, and the one before has ended. Where there is no audio it is logged once, and
the chat is silent.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import get_logger
from sipsimple.api import checking
from sipsimple.api.audio.playing import HIGHEST_LEVEL
from sipsimple.api.audio.sound_files import StrPath, playable
from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from sipsimple.api.audio.sound import Sound

LEVEL = 20
"""Percent."""

APART = 2.0
"""Seconds between two sounds of one kind, so that a flood of messages is no noise."""


class ChatSounds:
    """The sounds of one chat.

    Attributes:
        message_received_sound: Path of the `.wav` file played when a message comes; None: silence.
        message_sent_sound: Path of the one played when a message leaves; None: silence.
        sound_level: Percent.
    """

    message_received_sound = checking.Field[StrPath | None](checking.path_or_none, None)
    message_sent_sound = checking.Field[StrPath | None](checking.path_or_none, None)
    sound_level = checking.Field(lambda name, value: checking.integer(name, value, 0, HIGHEST_LEVEL), LEVEL)

    def __init__(self) -> None:
        self._sound: Sound | None = None
        self._last: dict[str, float] = {}
        self._is_broken = False

    def attach_sound(self, sound: Sound | None, received: StrPath | None, sent: StrPath | None) -> None:
        """Be heard by `sound`, with the files that are usual; the engine calls this."""
        self._sound = sound
        self.message_received_sound, self.message_sent_sound = received, sent

    def play(self, name: str) -> None:
        """Let the sound `name` be heard; the engine calls this."""
        file_name, sound = getattr(self, name), self._sound
        if file_name is None or sound is None:
            return
        now = monotonic()
        if now - self._last.get(name, -APART) < APART:
            return
        self._last[name] = now
        try:
            sound.play(playable(file_name), self.sound_level)
        except (SIPCoreError, TypeError) as error:
            if not self._is_broken:
                get_logger(component="chat").warning("sound.failed", file_name=str(file_name), reason=str(error))
            self._is_broken = True
