"""The `.wav` files that are played and recorded: which can be, and what a recording is called by default."""

from __future__ import annotations

import os
import re
from datetime import datetime
from itertools import chain, count
from typing import TYPE_CHECKING

from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from sipsimple.api.uri import SIPURI

_NOT_OF_A_FILE_NAME = re.compile(r"[^\w@.+\-]")
_LONGEST_PART = 80
"""Characters of the user, and of the host, in the name of a file."""

LONGEST_PATH_BYTES = 259
"""What the audio engine takes."""

WAV = ".wav"

_LONGEST_NAME_BYTES = 255
"""What file systems take."""

_SPARE_BYTES = 12
"""For what tells two recordings of one second apart, and the files in which one goes on."""

StrPath = str | os.PathLike[str]


def playable(file_name: StrPath) -> str:
    """Return the full path of a file that can be played.

    Raises:
        TypeError: It is no path.
        SIPCoreError: There is no such file, it is not WAV, or its path is not UTF-8 or too long.
    """
    path = _full_path("file_name", file_name)
    if "\0" not in path and os.path.exists(path) and not os.path.isfile(path):  # a pipe would be waited for
        raise SIPCoreError(f"cannot play {path}: it is not a file")
    try:
        with open(path, "rb") as file:
            head = file.read(12)
    except (OSError, ValueError) as error:
        reason = str(error.strerror).lower() if isinstance(error, OSError) else error
        raise SIPCoreError(f"cannot play {path}: {reason}") from error
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise SIPCoreError(f"cannot play {path}: it is not a WAV file")
    return path


def recordable(file_name: StrPath) -> str:
    """Return the full path of a file that can be written; it is not made yet.

    Raises:
        TypeError: It is no path.
        SIPCoreError: Its directory does not exist, one of the two cannot be written, or the path is not UTF-8
            or too long, or does not end in `.wav`, in letters of either size.
    """
    path = _full_path("file_name", file_name)
    directory = os.path.dirname(path)
    if os.path.splitext(path)[1].lower() != WAV:
        raise SIPCoreError(f"cannot record to {path!r}: the name must end in {WAV}, no other format is written")
    if "\0" in path or not os.path.isdir(directory):
        raise SIPCoreError(f"cannot record to {path!r}: no directory {directory!r}")
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe would be waited for
        raise SIPCoreError(f"cannot record to {path}: it is not a file")
    if not os.access(path if os.path.exists(path) else directory, os.W_OK):
        raise SIPCoreError(f"cannot record to {path}: it cannot be written")
    return path


def recording_of(path: StrPath, file_name: str) -> str:
    """Return the full path of the recording of a session: `file_name` in the directory `path`.

    Raises:
        TypeError: One of them is no path.
        SIPCoreError: The directory does not exist, or the file cannot be written.
    """
    directory = _full_path("path", path)
    if not isinstance(file_name, str):
        raise TypeError(f"file_name must be a str, not {file_name!r}")
    if file_name == "":
        raise SIPCoreError("cannot record to a file without a name")
    return recordable(os.path.join(directory, file_name))


def default_recording(path: StrPath, now: datetime, remote: SIPURI | None, direction: str | None) -> str:
    """Return the full path of a recording under its default name in the directory `path`.

    A name that is taken already, as by another call of that party in this second, goes on with `_2`.

    Raises:
        TypeError: `path` is none.
        SIPCoreError: The directory does not exist, or cannot be written.
    """
    directory = _full_path("path", path)
    room = min(_LONGEST_NAME_BYTES, LONGEST_PATH_BYTES - len(directory.encode()) - 1) - _SPARE_BYTES
    path = os.path.join(directory, default_recording_name(now, remote, direction, room))
    return recordable(_named.unused(path, now))


def default_recording_name(
    now: datetime, remote: SIPURI | None, direction: str | None, room: int = _LONGEST_NAME_BYTES
) -> str:
    """Return `YYYYMMDD-HHMMSS-user@host-direction.wav`; what a file name should not have is written `_`.

    The party is cut off where all would be more than `room` bytes.
    """
    head, tail = f"{now:%Y%m%d-%H%M%S}-", f"-{direction}.wav"
    who = "unknown" if remote is None else _party(remote)
    return head + who.encode()[: max(1, room - len(head) - len(tail))].decode(errors="ignore") + tail


class _Named:
    """The recordings that were named by default in the present second: they may have no file yet."""

    def __init__(self) -> None:
        self._second = datetime.min
        self._paths: set[str] = set()

    def unused(self, path: str, now: datetime) -> str:
        """Return `path`, or one like it, that has no file and was not returned before."""
        second = now.replace(microsecond=0)
        if second != self._second:
            self._second, self._paths = second, set()
        stem, suffix = os.path.splitext(path)
        numbered = (f"{stem}_{number}{suffix}" for number in count(2))
        found = next(each for each in chain((path,), numbered) if each not in self._paths and not os.path.exists(each))
        self._paths.add(found)
        return found


_named = _Named()


def is_same(one: str, other: str) -> bool:
    """Tell whether two full paths lead to one file, which may not be there yet, by whatever way to its directory."""
    (first, name), (second, other_name) = os.path.split(one), os.path.split(other)
    return name == other_name and (first == second or os.path.realpath(first) == os.path.realpath(second))


def _party(uri: SIPURI) -> str:
    parts = [uri.host] if uri.user is None else [uri.user, uri.host]
    return "@".join([_NOT_OF_A_FILE_NAME.sub("_", each.replace("@", "_"))[:_LONGEST_PART] for each in parts])


def _full_path(name: str, path: StrPath) -> str:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name} must be a path, not {path!r}")
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a path of text, not {path!r}")
    full = os.path.abspath(text)
    try:
        size = len(full.encode())
    except UnicodeEncodeError as error:  # the audio engine is told in UTF-8
        raise SIPCoreError(f"{name} is not UTF-8: {full!r}") from error
    if size > LONGEST_PATH_BYTES:
        raise SIPCoreError(f"{name} has more than {LONGEST_PATH_BYTES} bytes: {full}")
    return full
