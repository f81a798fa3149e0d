"""When: the refresh before the end, the next try after a failure, the keep-alives between.

Thousands of registrations that began together must not stay together, so each
point is drawn by lot. The lots come from the registration's own seed: the
same state always does the same.

RFC: 3261 10.2.4; 5626 4.4, 4.5.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.protocols.sip.registration.terms import Backoff

FIRST_REFRESH = 0.1, 0.9
"""Part of the lifetime after which the first refresh comes: anywhere, so that those that began together part."""

REFRESH = 0.75, 0.9
"""Part of the lifetime after which each later one comes."""

MARGIN = 10.0
"""Seconds before the end that a refresh needs, where the lifetime is long enough for that."""

LONGEST_LIFETIME = 7 * 86_400
"""Seconds after which a binding is taken for gone, however long it was granted for."""

LONGEST_WISH = 86_400
"""Seconds: no registrar makes us wait longer."""

EXPONENT_LIMIT = 30


def lot(seed: str, number: int) -> float:
    """Return the lot of this number: at least 0, less than 1."""
    digest = blake2b(f"{seed}\0lot {number}".encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / 2**56


def lifetime(granted: int) -> float:
    """Return the seconds after which a binding is taken for gone."""
    return float(min(granted, LONGEST_LIFETIME))


def refresh_after(granted: float, drawn: float, *, is_first: bool) -> float:
    """Return the seconds from the grant to the refresh."""
    least, most = FIRST_REFRESH if is_first else REFRESH
    latest = min(most * granted, granted - MARGIN) if granted > 2 * MARGIN else most * granted
    earliest = min(max(least * granted, 1.0), latest)
    return earliest + drawn * (latest - earliest)


def retry_after(backoff: Backoff, failures: int, drawn: float, asked: int | None = None) -> float:
    """Return the seconds to wait after so many failures in a row: half of a bound that doubles, and a part by lot.

    Args:
        backoff: The base and the limit.
        failures: At least 1.
        drawn: The lot.
        asked: Seconds that the registrar asks for (Retry-After): never less, so that it is not met by all at once.
    """
    bound = min(backoff.longest, backoff.base * 2.0 ** min(failures, EXPONENT_LIMIT))
    pause = bound * (0.5 + 0.5 * drawn)
    if asked is None:
        return pause
    wish = min(asked, LONGEST_WISH)
    return wish + min(pause, 0.1 * wish + backoff.base * drawn)


def keep_alive_every(flow_timer: int | None, drawn: float, *, is_reliable: bool) -> float:
    """Return the seconds between two keep-alives: as the registrar asks for, else as the transport needs."""
    if flow_timer:
        return flow_timer * (0.8 + 0.2 * drawn)
    shortest, longest = (95.0, 120.0) if is_reliable else (24.0, 29.0)
    return shortest + drawn * (longest - shortest)
