"""When: the refresh before the end, the next try after a failure, the keep-alives between.

Thousands of registrations, subscriptions or publications that began together
must not stay together, so each point is drawn by lot. The lots come from the
seed of whoever asks: the same state always does the same.

RFC: 3261 10.2.4; 3903 4.1; 5626 4.4, 4.5; 6665 4.1.2.2.
"""

from __future__ import annotations

from hashlib import blake2b

from sipsimple.protocols.values import Value

FIRST_REFRESH = 0.1, 0.9
"""Part of the lifetime after which the first refresh comes: anywhere, so that those that began together part."""

REFRESH = 0.75, 0.9
"""Part of the lifetime after which each later one comes."""

MARGIN = 10.0
"""Seconds before the end that a refresh needs, where the lifetime is long enough for that."""

LEAST = 1.0
"""Seconds: nothing is refreshed sooner that was granted for longer."""

LONGEST_LIFETIME = 7 * 86_400
"""Seconds after which what was granted is taken for gone, however long it was granted for."""

LONGEST_WISH = 86_400
"""Seconds: no server makes us wait longer."""

EXPONENT_LIMIT = 30


class Backoff(Value):
    """How long to wait after a failure: twice as long each time, at most `longest`, of which a part is left to chance.

    Attributes:
        base: Seconds from which the first pause follows.
        longest: Seconds beyond which no pause grows.

    RFC: 5626 4.5.
    """

    base: float = 30.0
    longest: float = 1800.0


def lot(seed: str, number: int) -> float:
    """Return the lot of this number: at least 0, less than 1."""
    digest = blake2b(f"{seed}\0lot {number}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def lifetime(granted: float) -> float:
    """Return the seconds after which what was granted is taken for gone."""
    return float(min(granted, LONGEST_LIFETIME))


def refresh_after(granted: float, drawn: float, *, is_first: bool) -> float:
    """Return the seconds from the grant to the refresh."""
    least, most = FIRST_REFRESH if is_first else REFRESH
    latest = min(most * granted, granted - MARGIN) if granted > 2 * MARGIN else most * granted
    earliest = min(max(least * granted, LEAST), latest)
    return earliest + drawn * (latest - earliest)


def longer(asked: int, first: int, least: int | None, most: int) -> int | None:
    """Return the seconds to ask for after 423; None: what the server wants makes no sense.

    It gets what it wants once. If that is too brief, too, each step at least doubles, so that there are few.

    Args:
        asked: Seconds that were asked for.
        first: Seconds that were asked for before any 423.
        least: What the server wants.
        most: Seconds beyond which it is not followed.

    RFC: 3261 10.2.8; 6665 4.1.2.1.
    """
    if least is None or not asked < least <= most:
        return None
    return least if asked == first else min(most, max(least, 2 * asked))


def retry_after(backoff: Backoff, failures: int, drawn: float, asked: float | None = None) -> float:
    """Return the seconds to wait after so many failures in a row: half of a bound that doubles, and a part by lot.

    Args:
        backoff: The base and the limit.
        failures: At least 1.
        drawn: The lot.
        asked: Seconds that the server asks for (Retry-After): never less, so that it is not met by all at once.
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
