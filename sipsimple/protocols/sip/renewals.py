"""When to ask again: before what was granted runs out, and after a failure.

The jitter comes from entropy that the caller brings, so that thousands of
clients which begin at once do not come back at once.
"""

from __future__ import annotations

LEAST = 1.0
"""Seconds: nothing is refreshed sooner."""
MARGIN = 10.0
"""Seconds that are left of what was granted, if that is long enough."""
FIRST_PAUSE = 15.0
"""Seconds after the first failure."""
LONGEST_PAUSE = 1800.0
"""Seconds after many."""
LONGEST_WISH = 86400.0
"""Seconds: nobody makes us wait longer."""

_FULL = 1 << 64


def fraction(entropy: str) -> float:
    """Return a number from 0 to 1 that `entropy`, a text of 16 hex digits or more, stands for."""
    return int(entropy[:16], 16) / _FULL


def refresh_after(granted: float, entropy: str) -> float:
    """Return the seconds after which to refresh what was granted for so many: from 75 to 90 % of them."""
    return max(LEAST, min((0.75 + 0.15 * fraction(entropy)) * granted, granted - MARGIN))


def retry_after(failures: int, entropy: str, asked: float | None = None) -> float:
    """Return the seconds to wait after so many failures in a row, at least as many as the far end asked for.

    They double with each failure, and vary by a quarter of themselves.
    """
    pause: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(max(failures - 1, 0), 16))
    pause *= 0.75 + 0.5 * fraction(entropy)
    return max(pause, min(asked, LONGEST_WISH)) if asked is not None else pause
