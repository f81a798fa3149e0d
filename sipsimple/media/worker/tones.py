"""Tones as pjmedia's generator takes them: it aborts the process on more than 32 at a time, and counts in 16 bits."""

from __future__ import annotations

from typing import TypeAlias

Tone: TypeAlias = tuple[int, int, int, int]
"""Two frequencies in Hz (0: none), milliseconds on, milliseconds off."""

MOST = 32
LONGEST_MS = 30_000


def batches(tones: tuple[Tone, ...], highest: int) -> list[tuple[Tone, ...]]:
    """Return the tones in portions that the generator can take.

    Args:
        tones: Any number, of any length.
        highest: Frequency in Hz that the conference can carry.

    Raises:
        ValueError: A number is negative or a frequency is too high.
    """
    pieces = [piece for tone in tones for piece in _pieces(tone, highest)]
    return [tuple(pieces[start : start + MOST]) for start in range(0, len(pieces), MOST)]


def _pieces(tone: Tone, highest: int) -> list[Tone]:
    first, second, on, off = tone
    if min(tone) < 0 or max(first, second) > highest:
        raise ValueError(f"not a tone: {tone!r}")
    if not first:
        first, second = second, 0
    if not first:
        on, off = 0, on + off
    found = [(first, second, length, 0) for length in _lengths(on)]
    if off and found:
        *_, last = found
        head, *rest = _lengths(off)
        found[-1] = (first, second, last[2], head)
        return found + [(first, second, 0, length) for length in rest]
    return found + [(first, second, 0, length) for length in _lengths(off)]


def _lengths(milliseconds: int) -> list[int]:
    whole, rest = divmod(milliseconds, LONGEST_MS)
    return [LONGEST_MS] * whole + [rest] * bool(rest)
