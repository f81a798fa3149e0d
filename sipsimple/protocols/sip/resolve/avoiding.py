"""For how long a server is tried last that does not serve: as long as it says, within reason.

RFC: 3261 20.33, 21.5.4; 3263 4.3.
"""

from __future__ import annotations

AVOIDED = 30.0
"""Seconds for which a server that failed is tried last, where it says nothing itself."""

LONGEST_AVOIDED = 600.0
"""Seconds beyond which no Retry-After keeps everybody from a server."""


def seconds_avoided(retry_after: int | None) -> float:
    """Return for how many seconds a server is tried last that asks for so many; None: it does not say."""
    return min(float(retry_after or AVOIDED), LONGEST_AVOIDED)
