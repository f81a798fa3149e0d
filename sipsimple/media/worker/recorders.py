"""Recordings into WAV files.

The library writes the sizes into the header some milliseconds after the recorder was freed, in another thread. A
recording is told of when the file says so itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sipsimple.media import wire
from sipsimple.media.worker.library import pj, reason_of
from sipsimple.media.worker.wave_file import check_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.worker.agenda import Agenda

CHECK_SECONDS = 0.01
LONGEST_SECONDS = 5.0
_PREFIX_BYTES = 8
"""Of a RIFF file: `RIFF` and the length of what follows."""


class Recorders:
    """The recordings of a worker by the token of their leg.

    Args:
        agenda: For what is done later.
        changed: Called when other connections are wanted.
        tell: Sends an event to the engine.
    """

    def __init__(self, agenda: Agenda, changed: Callable[[], None], tell: Callable[[wire.Event], None]) -> None:
        self._agenda = agenda
        self._changed = changed
        self._tell = tell
        self._running: dict[str, tuple[str, Any]] = {}
        self._parting: dict[str, tuple[str, Any]] = {}

    def __contains__(self, leg: str) -> bool:
        return leg in self._running

    def find(self, leg: str) -> Any:
        """Return the port of a recording, also of one that is just being parted; None when there is none."""
        _, media = self._running.get(leg) or self._parting.get(leg) or ("", None)
        return media

    def start(self, command: wire.Record) -> None:
        """Begin a recording; what is wrong with the file is told as its end. The same again changes nothing.

        Raises:
            ValueError: The leg is being recorded into another file.
        """
        leg, file_name = command.leg, command.file_name
        if leg in self._running:
            if self._running[leg][0] != file_name:
                raise ValueError("recording already")
            return
        try:
            media = _open(file_name)
        except (ValueError, pj.Error) as error:
            self._tell(wire.Recorded(leg, file_name, reason_of(error)))
            return
        self._running[leg] = file_name, media
        self._changed()
        self._tell(wire.Recording(leg, file_name))

    def stop(self, leg: str) -> None:
        """End the recording of a leg, if there is one, and tell when it can be read."""
        if leg not in self._running:
            return
        self._parting[leg] = self._running.pop(leg)
        self._changed()
        file_name, _ = self._parting.pop(leg)
        self._await_header(leg, file_name, time.monotonic() + LONGEST_SECONDS)

    def clear(self) -> list[str]:
        """Free everything at once, and return the names of the files: the end of the process."""
        names = [file_name for file_name, _ in self._running.values()]
        self._running.clear()
        return names

    def _await_header(self, leg: str, file_name: str, until: float) -> None:
        now = time.monotonic()
        if is_complete(file_name):
            self._tell(wire.Recorded(leg, file_name))
        elif now > until:
            self._tell(wire.Recorded(leg, file_name, "the sizes in the header were not written"))
        else:
            self._agenda.at(now + CHECK_SECONDS, lambda: self._await_header(leg, file_name, until))


def is_complete(file_name: str) -> bool:
    """Return whether the header of a WAV file tells the size that the file has."""
    try:
        with open(file_name, "rb") as file:
            prefix = file.read(_PREFIX_BYTES)
            size = file.seek(0, 2)
    except OSError:
        return False
    return len(prefix) == _PREFIX_BYTES and int.from_bytes(prefix[4:], "little") == size - _PREFIX_BYTES


def _open(file_name: str) -> Any:
    recorder = pj.AudioMediaRecorder()
    recorder.createRecorder(check_path(file_name))
    return recorder
