"""WAV files as the library can take them.

It aborts the process on very little audio, and on a rate whose frames of 20 ms are no whole number of samples, such as
the 11025 Hz of many a ring tone; it refuses whatever is not of 16 bits or G.711, takes the first of two formats, and
knows nothing of the byte that fills up a chunk of odd length. So a file is looked at first, and an odd one is copied
into a form that can be played: 16 bits, at most two channels, and a rate that is a fifth of a percent off at most.
"""

from __future__ import annotations

import os
import struct
import tempfile
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH_BYTES = 259
"""What a path of the library holds."""
LONGEST_COPY_BYTES = 64 * 1024 * 1024
LOWEST_RATE, HIGHEST_RATE = 4000, 48000
RATE_STEP = 50
SHORTEST_SECONDS = 0.1
MOST_CHUNKS = 64
"""Up to the audio: each takes its time, and all calls of the process wait."""
PCM, A_LAW, MU_LAW, EXTENSIBLE = 1, 6, 7, 0xFFFE
_SILENCE = {PCM: b"\0", A_LAW: b"\xd5", MU_LAW: b"\xff"}
_MIDDLE = bytes(value ^ 0x80 for value in range(256))


class Format(NamedTuple):
    """The format chunk; `is_direct` tells that the library finds it, and the audio."""

    encoding: int
    channels: int
    rate: int
    bits: int
    is_direct: bool = True

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8


def check_path(file_name: str) -> str:
    """Return a path that does no harm.

    Raises:
        ValueError: It is empty, too long, or has a zero in it.
    """
    if not file_name or "\0" in file_name:
        raise ValueError("not a path")
    if len(os.fsencode(file_name)) > PATH_BYTES:
        raise ValueError("the path is too long")
    return file_name


def playable(file_name: str) -> tuple[str, bool]:
    """Return the path of a file that sounds the same, and whether it is a copy that must be deleted.

    Raises:
        ValueError: It is no WAV file, or of a kind that cannot be played.
        OSError: It cannot be read, or not be copied.
    """
    with open(check_path(file_name), "rb") as file:
        form, size = _find_audio(file)
        _check(form)
        if _is_plain(form, size):
            return file_name, False
        if size > LONGEST_COPY_BYTES:
            raise ValueError("the file is too long for its format")
        data = file.read(size)
    if form.encoding == PCM:
        data = _samples(data, form)
        form = Format(PCM, min(form.channels, 2), round(form.rate / RATE_STEP) * RATE_STEP, 16)
    return _copy(data.ljust(_shortest(form), _SILENCE[form.encoding]), form), True


def _find_audio(file: BinaryIO) -> tuple[Format, int]:
    """Read up to the audio; return its format and its bytes."""
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise ValueError("not a WAV file")
    form, is_orderly = None, True
    for name, size in _chunks(file):
        if name == b"data" and form is not None:
            return form._replace(is_direct=form.is_direct and is_orderly), min(size, end - file.tell())
        is_astray = name == b"data" or (name == b"fmt " and form is not None)
        is_orderly = is_orderly and size % 2 == 0 and not is_astray
        if name == b"fmt ":
            form = _format(file.read(min(size, 40)))
    raise ValueError("a WAV file without audio")


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        size = int.from_bytes(head[4:], "little")
        after = file.tell() + size + size % 2
        yield head[:4], size
        file.seek(after)


def _format(chunk: bytes) -> Format:
    def number(start: int, end: int) -> int:
        return int.from_bytes(chunk[start:end], "little")

    tag = number(0, 2)
    encoding = number(24, 26) if tag == EXTENSIBLE else tag
    form = Format(encoding, number(2, 4), number(4, 8), number(14, 16))
    return form._replace(is_direct=tag == encoding and number(12, 14) == form.frame)


def _check(form: Format) -> None:
    known = form.encoding == PCM and form.bits in (8, 16, 24, 32)
    compressed = form.encoding in (A_LAW, MU_LAW) and form.bits == 8 and form.channels == 1
    if not (known or compressed) or not form.channels:
        kind = f"encoding {form.encoding}, {form.bits} bits, {form.channels} channels"
        raise ValueError(f"a WAV file of an unknown kind: {kind}")
    if not LOWEST_RATE <= form.rate <= HIGHEST_RATE or (compressed and form.rate % RATE_STEP):
        raise ValueError(f"a WAV file of {form.rate} Hz")


def _is_plain(form: Format, size: int) -> bool:
    if not form.is_direct or size < _shortest(form):
        return False
    return form.encoding != PCM or (form.bits == 16 and form.channels <= 2 and not form.rate % RATE_STEP)


def _shortest(form: Format) -> int:
    return round(form.rate * SHORTEST_SECONDS) * form.frame


def _samples(data: bytes, form: Format) -> bytes:
    """Return the upper 16 bits of the first two channels."""
    width, frame = form.bits // 8, form.frame
    data = data[: len(data) // frame * frame]
    kept = min(form.channels, 2)
    found = bytearray(len(data) // frame * kept * 2)
    for channel in range(kept):
        top = channel * width + width - 1
        if width == 1:  # of 8 bits, and only those, are without a sign
            found[2 * channel + 1 :: 2 * kept] = data[top::frame].translate(_MIDDLE)
        else:
            found[2 * channel :: 2 * kept] = data[top - 1 :: frame]
            found[2 * channel + 1 :: 2 * kept] = data[top::frame]
    return bytes(found)


def _copy(data: bytes, form: Format) -> str:
    """Write a file and return its path."""
    numbers = (form.encoding, form.channels, form.rate, form.rate * form.frame, form.frame, form.bits)
    head = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, *numbers, b"data", len(data))
    with tempfile.NamedTemporaryFile(suffix=".wav", delete=False) as file:
        file.write(struct.pack("<4sI4s", b"RIFF", 4 + len(head) + len(data), b"WAVE") + head + data)
    return file.name
