"""Ranges of bytes as Byte-Range counts them: first and last, from 1; in order, and none touches the next."""

from __future__ import annotations

Ranges = tuple[tuple[int, int], ...]


def merged(ranges: Ranges, start: int, end: int) -> Ranges:
    """Add a range to ranges in order; those that touch become one."""
    if len(ranges) == 1 and ranges[0][0] <= start <= ranges[0][1] + 1:  # what comes in order, nearly always
        return ((ranges[0][0], max(end, ranges[0][1])),)
    before = tuple(each for each in ranges if each[1] < start - 1)
    after = tuple(each for each in ranges if each[0] > end + 1)
    touching = ranges[len(before) : len(ranges) - len(after)]
    if touching:
        start, end = min(start, touching[0][0]), max(end, touching[-1][1])
    return (*before, (start, end), *after)


def beginning(ranges: Ranges) -> int:
    """How many bytes there are without a gap from the first on."""
    return ranges[0][1] if ranges and ranges[0][0] == 1 else 0


def covered(ranges: Ranges) -> int:
    """How many bytes there are in all."""
    if len(ranges) == 1:
        return ranges[0][1] - ranges[0][0] + 1
    return sum([last - first + 1 for first, last in ranges])
