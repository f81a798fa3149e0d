"""WAV files: how long one is, and how one is made whole whose writer was killed.

A RIFF file says its length in its first bytes, which writers fill in at the
end. What a killed writer leaves has all the samples that reached the file, and
lengths of zero, or of the moment when they were last written.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import IO

from sipsimple.errors import MediaFailed

_HEADER = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_LONGEST = 0xFFFFFFFF
_MOST_CHUNKS = 64


@dataclass(frozen=True, slots=True)
class _Found:
    """What the chunks say: the format, and where the samples stand."""

    channels: int
    sample_rate: int
    block_size: int
    data_at: int
    data_size: int


def duration(path: str) -> float:
    """Return how many seconds of sound a WAV file has; what is missing in a file that was cut off does not count.

    Raises:
        MediaFailed: It is no WAV file, or cannot be read.
    """
    with _opened(path, "rb") as file:
        found = _read(file, path)
        present = min(found.data_size, _size(file) - found.data_at)
    return present / found.block_size / found.sample_rate


def repair(path: str) -> bool:
    """Write the lengths into the header that are those of the file; tell whether there was anything to repair.

    A file that has no samples yet is left as it is.

    Raises:
        MediaFailed: It is no WAV file, or cannot be written.
    """
    with _opened(path, "r+b") as file:
        found = _read(file, path)
        size = min(_size(file), _LONGEST)
        present = (size - found.data_at) // found.block_size * found.block_size
        if present <= 0 or found.data_size == present:
            return False
        file.truncate(found.data_at + present)
        file.seek(found.data_at - 4)
        file.write(struct.pack("<I", present))
        file.seek(4)
        file.write(struct.pack("<I", found.data_at + present - 8))
    return True


def _opened(path: str, mode: str) -> IO[bytes]:
    try:
        return open(path, mode, buffering=0)
    except OSError as error:
        raise MediaFailed(f"cannot open {path}: {(error.strerror or str(error)).lower()}") from error


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _read(file: IO[bytes], path: str) -> _Found:
    """Walk through the chunks to the samples."""
    riff, _, wave = _HEADER.unpack(_exactly(file, _HEADER.size, path))
    if riff != b"RIFF" or wave != b"WAVE":
        raise MediaFailed(f"not a WAV file: {path}")
    channels = sample_rate = block_size = 0
    for _ in range(_MOST_CHUNKS):
        name, size = _CHUNK.unpack(_exactly(file, _CHUNK.size, path))
        if name == b"data" and block_size and sample_rate:
            return _Found(channels, sample_rate, block_size, file.tell(), size)
        end = file.tell() + size + size % 2
        if name == b"fmt " and size >= _FORMAT.size:
            _, channels, sample_rate, _, block_size, _ = _FORMAT.unpack(_exactly(file, _FORMAT.size, path))
        file.seek(end)
    raise MediaFailed(f"no samples in {path}")


def _exactly(file: IO[bytes], count: int, path: str) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise MediaFailed(f"the header of {path} is cut off")
    return data
