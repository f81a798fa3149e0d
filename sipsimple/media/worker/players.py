"""Files and tones that play into a leg, or to the sound device.

A player is a port of the conference. Its end of file is told in a thread of the library, whatever the settings say of
callbacks, and that thread holds a bare pointer: so the end is only noted there, and a player that is over is parted at
once but freed only when nobody can know of it any more. A player that nobody hears, since its leg is held, waits.
"""

from __future__ import annotations

import os
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from sipsimple.media import wire
from sipsimple.media.worker.library import pj, reason_of
from sipsimple.media.worker.tones import batches
from sipsimple.media.worker.wave_file import playable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.worker.agenda import Agenda

BURIED_SECONDS = 0.5
TONE_CHECK_SECONDS = 0.02
MOST_PLAYERS = 64
"""They share the ports of the conference with the calls."""
LOUDEST = 1000
"""Percent."""


class FilePlayer(pj.AudioMediaPlayer):  # type: ignore[misc, unused-ignore]
    """A WAV file as a port.

    Args:
        ended: Called each time the file is over, in a thread of the library.
    """

    def __init__(self, ended: Callable[[FilePlayer], None]) -> None:
        super().__init__()
        self._ended = ended

    def onEof2(self) -> None:  # noqa: N802 - the library's name
        """Tell."""
        self._ended(self)


class Playing:
    """One player.

    Attributes:
        leg: Token of the leg that it is for.
        media: Its port.
        rest: Times that it is still to be played; 0: for ever.
    """

    __slots__ = ("leg", "media", "pause_time", "rest", "tones")

    def __init__(self, leg: str, media: Any, rest: int = 1, pause_time: float = 0.0) -> None:
        self.leg = leg
        self.media = media
        self.rest = rest
        self.pause_time = pause_time
        self.tones: list[tuple[tuple[int, int, int, int], ...]] = []


class Players:
    """The players of a worker by number.

    Args:
        agenda: For what is done later.
        clock_rate: Of the conference, Hz.
        changed: Called when other connections are wanted.
        tell: Sends an event to the engine.
        wake: Makes the main loop call `work` soon; may be called in any thread.
    """

    def __init__(
        self,
        agenda: Agenda,
        clock_rate: int,
        changed: Callable[[], None],
        tell: Callable[[wire.Event], None],
        wake: Callable[[], None],
    ) -> None:
        self._agenda = agenda
        self._clock_rate = clock_rate
        self._changed = changed
        self._tell = tell
        self._wake = wake
        self._ends: deque[FilePlayer] = deque()
        self._playing: dict[int, Playing] = {}
        self._over: dict[int, Playing] = {}

    def routes(self) -> dict[int, str]:
        """Return the leg that each player is for."""
        return {number: each.leg for number, each in self._playing.items()}

    def find(self, number: int) -> Any:
        """Return the port of a player, also of one that is just being parted; None when there is none."""
        playing = self._playing.get(number) or self._over.get(number)
        return playing and playing.media

    def play(self, command: wire.Play) -> None:
        """Play a file; what is wrong with it is told as its end."""
        try:
            self._check_new(command.player)
            playing = self._open(command)
        except (OSError, ValueError, pj.Error) as error:
            self._tell(wire.PlayingEnded(command.leg, command.player, reason_of(error)))
        else:
            self._add(command.player, playing)

    def play_tones(self, command: wire.PlayTones) -> None:
        """Play tones; what is wrong with them is told as their end."""
        try:
            self._check_new(command.player)
            tones = batches(command.tones, self._clock_rate // 2)
            generator = pj.ToneGenerator()
            generator.createToneGenerator(self._clock_rate)
        except (ValueError, pj.Error) as error:
            self._tell(wire.PlayingEnded(command.leg, command.player, reason_of(error)))
            return
        playing = Playing(command.leg, generator)
        playing.tones = tones
        self._add(command.player, playing)
        self._watch_tones(command.player, playing)

    def work(self) -> None:
        """Begin anew, or end, what has come to its end since."""
        while self._ends:
            player = self._ends.popleft()
            for number, playing in tuple(self._playing.items()):
                if playing.media is player:
                    self._file_ended(number, playing)

    def stop(self, number: int) -> None:
        """End a player without telling; one that is over already is none."""
        playing = self._playing.pop(number, None)
        if playing is None:
            return
        self._over[number] = playing
        self._changed()
        del self._over[number]
        self._bury(playing)

    def stop_all(self, leg: str) -> None:
        """End the players of a leg without telling."""
        for number in [number for number, each in self._playing.items() if each.leg == leg]:
            self.stop(number)

    def clear(self) -> None:
        """Free everything at once: the end of the process."""
        self._playing.clear()

    def _check_new(self, number: int) -> None:
        if number in self._playing:
            raise ValueError(f"player {number} exists")
        if len(self._playing) >= MOST_PLAYERS:
            raise ValueError("too many players")

    def _open(self, command: wire.Play) -> Playing:
        if command.loop_count < 0 or not 0 <= command.level <= LOUDEST:
            raise ValueError("a negative number, or too loud")
        for_ever = not command.loop_count and not command.pause_time
        player = FilePlayer(self._note_end)
        path, is_copy = playable(command.file_name)
        try:
            player.createPlayer(path, 0 if for_ever else pj.PJMEDIA_FILE_NO_LOOP)
        finally:
            if is_copy:
                os.unlink(path)
        player.adjustTxLevel(command.level / 100)
        return Playing(command.leg, player, command.loop_count, command.pause_time)

    def _add(self, number: int, playing: Playing) -> None:
        self._playing[number] = playing
        self._changed()

    def _note_end(self, player: FilePlayer) -> None:
        """Note that a file is over; runs in a thread of the library."""
        self._ends.append(player)
        self._wake()

    def _file_ended(self, number: int, playing: Playing) -> None:
        if not playing.rest and not playing.pause_time:
            return  # the library itself loops
        if playing.rest == 1:
            self._finish(number, playing)
            return
        playing.rest = max(0, playing.rest - 1)
        self._agenda.at(time.monotonic() + playing.pause_time, lambda: self._again(number, playing))

    def _again(self, number: int, playing: Playing) -> None:
        if self._playing.get(number) is playing:
            playing.media.setPos(0)

    def _watch_tones(self, number: int, playing: Playing) -> None:
        """Give the generator its next portion when it has played the last; end after that."""
        if self._playing.get(number) is not playing:
            return
        if not playing.media.isBusy():
            if not playing.tones:
                self._finish(number, playing)
                return
            playing.media.play(pj.ToneDescVector([_description(tone) for tone in playing.tones.pop(0)]))
        self._agenda.at(time.monotonic() + TONE_CHECK_SECONDS, lambda: self._watch_tones(number, playing))

    def _finish(self, number: int, playing: Playing) -> None:
        self.stop(number)
        self._tell(wire.PlayingEnded(playing.leg, number))

    def _bury(self, playing: Playing) -> None:
        self._agenda.at(time.monotonic() + BURIED_SECONDS, lambda: setattr(playing, "media", None))


def _description(tone: tuple[int, int, int, int]) -> Any:
    description = pj.ToneDesc()
    description.freq1, description.freq2, description.on_msec, description.off_msec = tone
    return description
