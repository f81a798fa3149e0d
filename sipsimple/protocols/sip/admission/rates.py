"""How often something may happen: a token bucket that is one number.

The number is the moment at which the bucket will be full again. Taking a token
moves it on by the time that one token takes to drip in; it must not get further
ahead than the whole bucket takes (the virtual scheduling of ATM's generic cell rate algorithm).
"""

from __future__ import annotations

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.values import Value

FULL = float("-inf")
"""A bucket that nothing was taken from yet."""


class Rate(Value):
    """So many a second, after a pause `burst` at once.

    Raises:
        LocalProtocolError: One is not above 0, or less than one token fits in.
    """

    per_second: float
    burst: float

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise LocalProtocolError(f"a rate is above 0 and its burst at least 1: {self}")

    def take(self, bucket: float, now: float) -> tuple[float, float]:
        """Take one token.

        Args:
            bucket: As the last call left it; `FULL` at first.
            now: The time in seconds.

        Returns:
            The bucket, and for how many seconds there is no token: 0.0 says that one was taken.
        """
        taken = max(bucket, now) + 1 / self.per_second
        wait = taken - now - self.burst / self.per_second
        return (taken, 0.0) if wait <= 1e-9 else (bucket, wait)  # a sum of fractions is not exact


def every_second(count: float) -> Rate:
    """Return the rate that takes what comes in a second, all at once too."""
    return Rate(count, max(count, 1.0))
