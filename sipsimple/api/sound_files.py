"""The `.wav` files that are played and recorded: which can be, and what a recording is called by default."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from datetime import datetime

    from sipsimple.api.uri import SIPURI

_NOT_OF_A_FILE_NAME = re.compile(r"[^\w@.+\-]")
_PART = re.compile("-[0-9]+")
_LONGEST_PART = 80
"""Characters of the user, and of the host, in the name of a file; file systems take 255 bytes in all."""

StrPath = str | os.PathLike[str]


def playable(file_name: StrPath) -> str:
    """Return the full path of a file that can be played.

    Raises:
        TypeError: It is no path.
        SIPCoreError: There is no such file, or it is not WAV.
    """
    path = _full_path("file_name", file_name)
    try:
        with open(path, "rb") as file:
            head = file.read(12)
    except (OSError, ValueError) as error:
        raise SIPCoreError(f"cannot play {path}: {error}") from error
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise SIPCoreError(f"cannot play {path}: it is not a WAV file")
    return path


def recordable(file_name: StrPath) -> str:
    """Return the full path of a file that can be written; it is not made yet.

    Raises:
        TypeError: It is no path.
        SIPCoreError: Its directory does not exist, or one of the two cannot be written.
    """
    path = _full_path("file_name", file_name)
    directory = os.path.dirname(path)
    if "\0" in path or not os.path.isdir(directory):
        raise SIPCoreError(f"cannot record to {path!r}: no directory {directory!r}")
    if os.path.isdir(path):
        raise SIPCoreError(f"cannot record to {path}: it is a directory")
    if not os.access(path if os.path.exists(path) else directory, os.W_OK):
        raise SIPCoreError(f"cannot record to {path}: it cannot be written")
    return path


def recording_of(path: StrPath, file_name: str | None, default_name: str) -> str:
    """Return the full path of the recording of a session: `file_name` in the directory `path`.

    Raises:
        TypeError: One of them is no path.
        SIPCoreError: The directory does not exist, or the file cannot be written.
    """
    directory = _full_path("path", path)
    if file_name is not None and not isinstance(file_name, str):
        raise TypeError(f"file_name must be a str, not {file_name!r}")
    if file_name == "":
        raise SIPCoreError("cannot record to a file without a name")
    return recordable(os.path.join(directory, default_name if file_name is None else file_name))


def default_recording_name(now: datetime, remote: SIPURI | None, direction: str | None) -> str:
    """Return `YYYYMMDD-HHMMSS-user@host-direction.wav`; what a file name should not have is written `_`."""
    who = "unknown" if remote is None else _party(remote)
    return f"{now:%Y%m%d-%H%M%S}-{who}-{direction}.wav"


def is_part_of(file_name: str, recording: str | None) -> bool:
    """Tell whether `file_name` is the file `recording`, or one in which it went on: `name-2.wav`."""
    if recording is None:
        return False
    stem, suffix = os.path.splitext(recording)
    rest = file_name.removeprefix(stem).removesuffix(suffix)
    return file_name == recording or (f"{stem}{rest}{suffix}" == file_name and _PART.fullmatch(rest) is not None)


def _party(uri: SIPURI) -> str:
    parts = [uri.host] if uri.user is None else [uri.user, uri.host]
    return "@".join([_NOT_OF_A_FILE_NAME.sub("_", each.replace("@", "_"))[:_LONGEST_PART] for each in parts])


def _full_path(name: str, path: StrPath) -> str:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name} must be a path, not {path!r}")
    text = os.fspath(path)
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a path of text, not {path!r}")
    return os.path.abspath(text)
