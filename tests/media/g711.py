"""G.711: both laws by table, between 16-bit samples and octets.

The tables follow from the segments of the laws; a sample is encoded as the
nearest value that its law has. Payload types are the static ones of RFC 3551.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RATE = 8000
_BIAS = 33
_STEP_BITS = 2  # the encoding tables are made for every fourth sample value, no law is finer
_LOWEST = -32768


def _mu_law(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 1) + _BIAS << (code >> 4 & 0x07)) - _BIAS
    return (-magnitude if code & 0x80 else magnitude) << 2


def _a_law(code: int) -> int:
    code ^= 0x55
    segment, step = code >> 4 & 0x07, code & 0x0F
    magnitude = (2 * step + 1) << 3 if segment == 0 else (2 * step + 33) << segment + 2
    return magnitude if code & 0x80 else -magnitude


@dataclass(frozen=True, eq=False, slots=True)
class Law:
    """One of the two laws."""

    name: str
    payload_type: int
    value: Callable[[int], int]

    def decode(self, data: bytes) -> array[int]:
        """Give the samples."""
        table = _values(self)
        return array("h", [table[code] for code in data])

    def encode(self, samples: Iterable[int]) -> bytes:
        """Give the octets."""
        table = _codes(self)
        return bytes([table[sample - _LOWEST >> _STEP_BITS] for sample in samples])


@cache
def _values(law: Law) -> tuple[int, ...]:
    return tuple(law.value(code) for code in range(256))


@cache
def _codes(law: Law) -> bytes:
    by_value = sorted((value, code) for code, value in enumerate(_values(law)))
    values = [value for value, _ in by_value]
    return bytes(by_value[_nearest(values, sample)][1] for sample in range(_LOWEST, -_LOWEST, 1 << _STEP_BITS))


def _nearest(values: list[int], sample: int) -> int:
    after = bisect_left(values, sample)
    if after in (0, len(values)):
        return min(after, len(values) - 1)
    return after if values[after] - sample <= sample - values[after - 1] else after - 1


PCMU = Law("PCMU", 0, _mu_law)
PCMA = Law("PCMA", 8, _a_law)
LAWS = {law.name: law for law in (PCMU, PCMA)}
BY_PAYLOAD_TYPE = {law.payload_type: law for law in LAWS.values()}
