"""Tones: made with a running phase, and measured in samples and WAV files."""

from __future__ import annotations

import math
import sys
import wave
from array import array
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RATE = 8000
LOUD = 8000
"""Amplitude of what tests play; far from clipping, also when two are mixed."""


class Tone:
    """A sine that goes on where it was left."""

    def __init__(self, frequency: float, amplitude: int = LOUD, rate: int = RATE) -> None:
        self._step = 2 * math.pi * frequency / rate
        self._amplitude = amplitude
        self._at = 0

    def samples(self, count: int) -> array[int]:
        """Give the next `count` samples."""
        first, self._at = self._at, self._at + count
        return array("h", [round(self._amplitude * math.sin(self._step * at)) for at in range(first, self._at)])


def amplitude(samples: Sequence[int], frequency: float, rate: int = RATE) -> float:
    """Measure the amplitude of the sine of `frequency` in the samples (Goertzel); 0 when there are none."""
    if not samples:
        return 0.0
    turn = 2 * math.pi * frequency / rate
    coefficient = 2 * math.cos(turn)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(samples)


def level(samples: Sequence[int]) -> float:
    """Measure the root of the mean square; 0 when there are none."""
    return math.sqrt(sum(map(mul, samples, samples)) / len(samples)) if samples else 0.0


def write_wave(path: Path, samples: array[int], rate: int = RATE) -> Path:
    """Write a WAV file of one channel."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(_little_endian(samples).tobytes())
    return path


def write_tone(path: Path, frequency: float, seconds: float, rate: int = RATE) -> Path:
    """Write a WAV file of a tone."""
    return write_wave(path, Tone(frequency, rate=rate).samples(round(seconds * rate)), rate)


def read_wave(path: Path) -> tuple[array[int], int]:
    """Read the samples and the rate of a WAV file of one 16-bit channel."""
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2), file.getparams()
        samples = array("h", file.readframes(file.getnframes()))
        return _little_endian(samples), file.getframerate()


def _little_endian(samples: array[int]) -> array[int]:
    if sys.byteorder == "big":
        samples = samples[:]
        samples.byteswap()
    return samples
