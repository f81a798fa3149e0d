"""WAV files: their length, and the repair of what a killed writer left."""

from __future__ import annotations

import struct
import wave
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import MediaFailed
from sipsimple.media import wav


@pytest.fixture
def path(tmp_path):
    name = str(tmp_path / "a.wav")
    with wave.open(name, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\1\2" * 4000)
    return name


def broken(path: str, *, cut: int = 0) -> None:
    """Have the file as a killed writer leaves it."""
    with open(path, "r+b") as file:
        file.seek(4)
        file.write(struct.pack("<I", 0))
        file.seek(40)
        file.write(struct.pack("<I", 0))
        if cut:
            file.truncate(file.seek(0, 2) - cut)


def frames(path: str) -> int:
    with wave.open(path, "rb") as file:
        return file.getnframes()


def test_the_length_is_that_of_the_samples(path):
    assert wav.duration(path) == 0.5


def test_a_file_that_was_cut_off_is_as_long_as_what_is_left(path):
    with open(path, "r+b") as file:
        file.truncate(44 + 1600)

    assert wav.duration(path) == 0.1


def test_a_broken_file_can_be_read_after_the_repair(path):
    broken(path)

    assert wav.repair(path)
    assert frames(path) == 4000


def test_half_a_sample_at_the_end_is_cut_off(path):
    broken(path, cut=1)

    assert wav.repair(path)
    assert frames(path) == 3999


def test_a_good_file_is_left_alone(path):
    with open(path, "rb") as file:
        before = file.read()

    assert not wav.repair(path)
    with open(path, "rb") as file:
        assert file.read() == before


def test_lengths_of_an_earlier_moment_are_replaced(path):
    with open(path, "r+b") as file:
        file.seek(40)
        file.write(struct.pack("<I", 100))

    assert wav.repair(path)
    assert frames(path) == 4000


def test_chunks_before_the_samples_are_passed(tmp_path):
    name = tmp_path / "b.wav"
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    name.write_bytes(b"RIFF\0\0\0\0WAVE" + form + extra + b"data" + struct.pack("<I", 0) + b"\0" * 160)

    assert wav.repair(str(name))
    assert wav.duration(str(name)) == 0.01


def test_a_file_without_samples_is_left_alone(tmp_path):
    name = tmp_path / "c.wav"
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    name.write_bytes(b"RIFF\0\0\0\0WAVE" + form + b"data" + struct.pack("<I", 0))

    assert not wav.repair(str(name))
    assert wav.duration(str(name)) == 0


def test_what_is_not_there_cannot_be_read(tmp_path):
    with pytest.raises(MediaFailed, match="cannot open"):
        wav.duration(str(tmp_path / "none.wav"))


@given(data=st.one_of(st.binary(max_size=200), st.binary(max_size=200).map(lambda tail: b"RIFF\0\0\0\0WAVE" + tail)))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    name = tmp_path_factory.getbasetemp() / "any.wav"
    name.write_bytes(data)

    with suppress(MediaFailed):
        assert wav.duration(str(name)) >= 0
        wav.repair(str(name))
