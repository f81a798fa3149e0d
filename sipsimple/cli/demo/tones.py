"""What alice and bob play to each other: a tone each, written as WAV and found again in the recordings."""

from __future__ import annotations

import math
import sys
import wave
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RATE = 8000
"""Hz: that of G.711, so that nothing is resampled on the way."""

ALICE_HZ, BOB_HZ = 600, 440
LOUDNESS = 8000
"""Amplitude of the tones, of 32767."""

HEARD = 2000.0
"""An amplitude that no tone has which was not sent, and every tone that was, even if for half of the time only."""


def write_tone(path: Path, frequency: int, seconds: float = 2.0) -> None:
    """Write a tone as 16-bit mono WAV; a whole number of periods, so that it can be looped."""
    step = 2 * math.pi * frequency / RATE
    samples = array("h", [round(LOUDNESS * math.sin(step * each)) for each in range(int(RATE * seconds))])
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def loudness(path: Path, frequency: int) -> float:
    """Return the greatest amplitude that `frequency` has in any half second of a recording; 0.0 if there is none."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, samples = file.getframerate(), array("h", file.readframes(file.getnframes()))
    except (OSError, EOFError, wave.Error):
        return 0.0
    if sys.byteorder == "big":
        samples.byteswap()
    length = rate // 2
    return max(
        (_amplitude(samples[at : at + length], frequency, rate) for at in range(0, len(samples), length)), default=0.0
    )


def _amplitude(samples: array[int], frequency: int, rate: int) -> float:
    """Goertzel's algorithm: the amplitude of one frequency."""
    if not samples:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * frequency / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = last * last + before * before - factor * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(samples)
