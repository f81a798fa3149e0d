"""The ringtone of one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import get_logger
from sipsimple.api.audio.sound_files import playable
from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from sipsimple.api.audio.sound import Sound
    from sipsimple.api.audio.sound_files import StrPath

FOR_EVER = 0

INBOUND_PAUSE = 2.0
"""Seconds between two times that an incoming call rings."""

OUTBOUND_PAUSE = 0.0
"""The file of the ringing that a caller hears has the cadence in it."""


class Ringing:
    """A ringtone that plays over and over until it is stopped; one that cannot be played is logged, and silent."""

    __slots__ = ("_player", "_sound")

    def __init__(self, sound: Sound, file_name: StrPath, pause_time: float) -> None:
        self._sound = sound
        self._player: int | None = None
        try:
            self._player = sound.play(playable(file_name), loop_count=FOR_EVER, pause_time=pause_time)
        except (SIPCoreError, TypeError) as error:
            get_logger(component="ringtone").warning("ringtone.failed", file_name=str(file_name), reason=str(error))

    def stop(self) -> None:
        """Be silent."""
        player, self._player = self._player, None
        if player is not None:
            self._sound.stop_playing(player)
