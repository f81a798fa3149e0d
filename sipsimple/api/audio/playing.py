"""How a file is to be played, checked; and the numbers that players bear."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from sipsimple.api import checking

HIGHEST_LEVEL = 1000
"""Percent."""

_players = count(1)


def next_player() -> int:
    """Return a number that no other player of this process has."""
    return next(_players)


@dataclass(slots=True)
class Playing(checking.Checked):
    """How a file is to be played.

    Attributes:
        file_name: Full path.
        level: Percent.
        loop_count: Times to play; 0: for ever.
        pause_time: Seconds between two times.

    Raises:
        ValueError: A number is negative.
        TypeError: It is none.
    """

    CHECKS = {
        "level": lambda name, value: checking.integer(name, value, 0, HIGHEST_LEVEL),
        "loop_count": lambda name, value: checking.integer(name, value, 0, 2**31 - 1),
        "pause_time": checking.number,
    }

    file_name: str
    level: int = 100
    loop_count: int = 1
    pause_time: float = 0.0
