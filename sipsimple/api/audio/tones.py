"""Tones and DTMF digits as applications name them, and as the audio engine plays them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.api import checking
from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

DIGITS = frozenset("0123456789*#ABCD")
"""What can be sent as DTMF (RFC 4733 3.2)."""

MOST_TONES = 1000
"""So many tones one player plays."""

LONGEST = 60_000
"""Milliseconds of one tone, or of one silence."""

_LOW, _HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEYS = "123A456B789C*0#D"
_ON_MS, _OFF_MS = 200, 50

Tones = tuple[tuple[int, int, int, int], ...]
"""Two frequencies in Hz, milliseconds on, milliseconds off."""


def checked_digit(digit: Any) -> str:
    """Return one DTMF digit.

    Raises:
        SIPCoreError: It is not exactly one of 0123456789*#ABCD.
    """
    if not isinstance(digit, str) or digit not in DIGITS:
        raise SIPCoreError(f"a DTMF digit is exactly one of 0123456789*#ABCD, not {digit!r}")
    return digit


def digit_tones(digit: str) -> Tones:
    """Return the tones of a DTMF digit."""
    row, column = divmod(_KEYS.index(digit), 4)
    return ((_LOW[row], _HIGH[column], _ON_MS, _OFF_MS),)


def highest_frequency() -> int:
    """Return the Hz that the audio of the running engine can carry: half its sample rate.

    Raises:
        SIPCoreError: The engine does not run.
    """
    from sipsimple.api.engine.engine import Engine

    return Engine().core.options.sample_rate * 500


def checked_tones(tones: Iterable[tuple[int, int, int]], highest: int) -> Tones:
    """Return what the audio engine is told to play.

    Args:
        tones: Two frequencies in Hz (0: none) and milliseconds, each; both frequencies 0: silence.
        highest: The Hz that can be heard.

    Raises:
        TypeError: They are no triples of int.
        ValueError: A number is out of range, or there is nothing, or too much, to play.
    """
    played: list[tuple[int, int, int, int]] = []
    for first, second, milliseconds in tones:
        low, high = checking.integer("frequency", first, 0, highest), checking.integer("frequency", second, 0, highest)
        lasting = checking.integer("milliseconds", milliseconds, 1, LONGEST)
        if low or high:
            played.append((low or high, high if low else 0, lasting, 0))
        elif played:
            before = played.pop()
            played.append((*before[:3], before[3] + lasting))
        else:
            raise ValueError("tones must not begin with silence")
    if not 1 <= len(played) <= MOST_TONES:
        raise ValueError(f"tones must be 1 to {MOST_TONES}, not {len(played)}")
    return tuple(played)
