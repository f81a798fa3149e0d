"""WAV files that the library can take as they are, those that need a copy, and others."""

from __future__ import annotations

import os
import struct
import wave
from array import array
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.media.worker.wave_file import MOST_CHUNKS, check_path, playable
from tests.media import tones

if TYPE_CHECKING:
    from pathlib import Path


def write(
    path: Path,
    data: bytes,
    *,
    channels: int = 1,
    rate: int = 8000,
    bits: int = 16,
    tag: int = 1,
    order: str = "fmt  data",
    more: bytes = b"even",
) -> Path:
    frame = channels * bits // 8
    extension = b"" if tag != 0xFFFE else struct.pack("<HHIH14s", 22, bits, 0, 1, b"")
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * frame & 0xFFFFFFFF, frame, bits) + extension
    content = {"fmt ": form, "data": data, "LIST": more}
    chunks = b"".join(
        name.encode() + struct.pack("<I", len(each)) + each + b"\0" * (len(each) % 2)
        for name, each in ((name, content[name]) for name in (order[at : at + 4] for at in range(0, len(order), 5)))
    )
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    return path


def heard(path: Path) -> tuple[array[int], int, int]:
    """Samples of the first channel, rate and channels of what will be played; the copy is deleted."""
    found, is_copy = playable(str(path))
    assert is_copy == (found != str(path))
    with wave.open(found) as file:
        samples = array("h", file.readframes(file.getnframes()))
        result = samples[:: file.getnchannels()], file.getframerate(), file.getnchannels()
    if is_copy:
        os.unlink(found)
    return result


@pytest.mark.parametrize(("channels", "rate"), [(1, 8000), (2, 8000), (1, 44100), (2, 48000), (1, 22050)])
def test_a_common_file_is_played_as_it_is(tmp_path: Path, channels: int, rate: int) -> None:
    path = write(tmp_path / "a.wav", bytes(rate * channels * 2), channels=channels, rate=rate)
    assert playable(str(path)) == (str(path), False)


@pytest.mark.parametrize("tag", [6, 7])
def test_a_file_in_g711_is_played_as_it_is(tmp_path: Path, tag: int) -> None:
    path = write(tmp_path / "a.wav", bytes(8000), bits=8, tag=tag)
    assert playable(str(path)) == (str(path), False)


@pytest.mark.parametrize(
    ("order", "more", "is_copied"),
    [
        ("fmt  LIST data", b"even", False),
        ("fmt  data LIST", b"odd", False),
        ("fmt  LIST data", b"odd", True),
        ("LIST fmt  data", b"even", False),
        ("LIST fmt  data", b"odd", True),
    ],
)
def test_chunks_in_which_the_library_would_get_lost_are_left_out(
    tmp_path: Path, order: str, more: bytes, is_copied: bool
) -> None:
    samples = tones.Tone(600).samples(8000)
    path = write(tmp_path / "a.wav", samples.tobytes(), order=order, more=more)
    found, is_copy = playable(str(path))
    assert is_copy is is_copied
    with wave.open(found) as file:
        assert array("h", file.readframes(8000)) == samples
    if is_copy:
        os.unlink(found)


@pytest.mark.parametrize("tag", [6, 7])
def test_a_disorderly_file_in_g711_is_copied_as_it_is(tmp_path: Path, tag: int) -> None:
    data = bytes(range(256)) * 20
    plain = write(tmp_path / "a.wav", data, bits=8, tag=tag).read_bytes()
    found, is_copy = playable(
        str(write(tmp_path / "b.wav", data, bits=8, tag=tag, order="LIST fmt  data", more=b"odd"))
    )
    assert is_copy
    with open(found, "rb") as file:
        assert file.read() == plain
    os.unlink(found)


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    content = b"".join(name + struct.pack("<I", len(each)) + each for name, each in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(content)) + b"WAVE" + content


def form(rate: int = 8000, frame: int = 2) -> tuple[bytes, bytes]:
    return b"fmt ", struct.pack("<HHIIHH", 1, 1, rate, rate * frame, frame, 16)


@pytest.mark.parametrize(
    "before",
    [(form(rate=11025), form()), ((b"data", b"none"), form()), (form(frame=1),), (form(frame=0),)],
    ids=["two formats", "audio before its format", "a lesser frame", "no frame"],
)
def test_what_the_library_would_read_in_another_way_is_copied(
    tmp_path: Path, before: tuple[tuple[bytes, bytes], ...]
) -> None:
    samples = tones.Tone(600).samples(8000)
    path = tmp_path / "a.wav"
    path.write_bytes(riff(*before, (b"data", samples.tobytes())))
    found, is_copy = playable(str(path))
    assert is_copy
    with open(found, "rb") as file:
        assert file.read() == riff(form(), (b"data", samples.tobytes()))
    os.unlink(found)


def test_a_file_of_chunks_without_end_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    for count, is_playable in ((MOST_CHUNKS - 2, True), (MOST_CHUNKS - 1, False)):
        path.write_bytes(riff(form(), *([(b"LIST", b"")] * count), (b"data", bytes(8000))))
        if is_playable:
            assert playable(str(path)) == (str(path), False)
        else:
            with pytest.raises(ValueError, match="without audio"):
                playable(str(path))


@pytest.mark.parametrize(("rate", "near"), [(11025, 11000), (12001, 12000), (22030, 22050)])
def test_a_rate_that_would_abort_the_process_is_moved_a_little(tmp_path: Path, rate: int, near: int) -> None:
    samples = tones.Tone(600, rate=rate).samples(rate)
    assert heard(write(tmp_path / "a.wav", samples.tobytes(), rate=rate)) == (samples, near, 1)


def test_other_widths_become_16_bits(tmp_path: Path) -> None:
    samples = tones.Tone(600).samples(8000)
    narrow = bytes((sample >> 8) + 128 for sample in samples)
    assert heard(write(tmp_path / "8.wav", narrow, bits=8))[0] == array("h", [each & ~0xFF for each in samples])
    for width in (3, 4):
        wide = b"".join(b"\x55" * (width - 2) + struct.pack("<h", sample) for sample in samples)
        assert heard(write(tmp_path / "wide.wav", wide, bits=8 * width))[0] == samples
    assert heard(write(tmp_path / "x.wav", samples.tobytes(), tag=0xFFFE))[0] == samples


def test_of_many_channels_the_first_two_are_played(tmp_path: Path) -> None:
    samples = tones.Tone(600).samples(8000)
    many = array("h", [value for sample in samples for value in (sample, -sample, 1, 2, 3, 4)])
    assert heard(write(tmp_path / "a.wav", many.tobytes(), channels=6)) == (samples, 8000, 2)


@pytest.mark.parametrize("count", [0, 1, 100])
def test_a_very_short_file_is_followed_by_silence(tmp_path: Path, count: int) -> None:
    samples, _, _ = heard(write(tmp_path / "a.wav", b"\x01\x00" * count))
    assert list(samples) == [1] * count + [0] * (800 - count)


@pytest.mark.parametrize(("tag", "silence"), [(6, b"\xd5"), (7, b"\xff")])
@pytest.mark.parametrize("order", ["fmt  data", "LIST fmt  data"])
@pytest.mark.parametrize("count", [0, 160, 799])
def test_a_very_short_file_in_g711_is_followed_by_its_silence(
    tmp_path: Path, tag: int, silence: bytes, order: str, count: int
) -> None:
    path = write(tmp_path / "a.wav", b"a" * count, bits=8, tag=tag, order=order, more=b"odd")
    found, is_copy = playable(str(path))
    assert is_copy
    with open(found, "rb") as file:
        assert file.read()[-800:] == b"a" * count + silence * (800 - count)
    os.unlink(found)


@pytest.mark.parametrize(
    "wrong",
    [{"rate": 0}, {"rate": 1}, {"rate": 2**31}, {"channels": 0}, {"bits": 12}, {"tag": 3, "bits": 32}, {"tag": 85}],
)
def test_what_cannot_be_played_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a WAV file of"):
        playable(str(write(tmp_path / "a.wav", bytes(1000), **wrong)))


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", b"x" * 500]
)
def test_what_is_no_wav_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="WAV file"):
        playable(str(path))


@pytest.mark.parametrize("name", ["", "a\0b", "/" + "x" * 259])
def test_a_path_that_would_do_harm_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="path"):
        check_path(name)


@given(st.binary(max_size=100), st.integers(0, 80))
def test_any_file_can_be_played_or_not(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.wav"
    content = write(path, bytes(400)).read_bytes()
    path.write_bytes(content[:at] + noise + content[at + len(noise) :])
    try:
        found, is_copy = playable(str(path))
    except ValueError:
        return
    if is_copy:
        os.unlink(found)
