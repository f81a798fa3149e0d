"""The recording of a leg as a value, and the names of its parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import PurePath


class Phase(Enum):
    """How far it has come."""

    WAITING = auto()
    """For the end of a hold, or for a worker."""
    STARTING = auto()
    STARTED = auto()
    STOPPING = auto()


@dataclass(frozen=True, slots=True)
class Recording:
    """What is recorded; after each change of the worker it goes on in a file of its own.

    Attributes:
        original: The file that was asked for.
        file_name: The one that is written, or will be.
        previous: The one before, when a lost worker broke it off; else empty.
        phase: How far it has come.
        part: Number of the file.
        is_announced: The observers know that it will start.
        is_told: They know that it did.
        following: File of the next recording, which was asked for before this one is closed.
    """

    original: str
    file_name: str
    previous: str = ""
    phase: Phase = Phase.WAITING
    part: int = 1
    is_announced: bool = False
    is_told: bool = False
    following: str = ""

    @property
    def wanted(self) -> str | None:
        """The file that is, or will be, written to."""
        return (self.following or None) if self.phase is Phase.STOPPING else self.file_name


def next_part(recording: Recording) -> Recording:
    """Return the recording that goes on in the next file, which nobody knows of yet."""
    part = recording.part + 1
    path = PurePath(recording.original)
    name = str(path.with_name(f"{path.stem}-{part}{path.suffix}"))
    return Recording(recording.original, name, part=part)


def broken_off(recording: Recording) -> Recording:
    """Return the recording that goes on in the next file for those who know that it is recorded."""
    following = next_part(recording)
    return replace(
        following,
        previous=recording.file_name,
        is_announced=recording.is_announced,
        is_told=recording.is_told,
    )
