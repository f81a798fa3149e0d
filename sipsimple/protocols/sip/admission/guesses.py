"""How fast passwords may be guessed: each source has its tokens, and in it each name that it tries.

Nobody can lock a user out from elsewhere: what counts is the source with the name. The clock is an argument, the
memory is bounded; beyond the bound all newcomers share one bucket.
"""

from __future__ import annotations

from sipsimple.protocols.sip.admission.rates import FULL, Rate

MAX_REMEMBERED = 10_000
"""Buckets that are not full, at the most."""

SWEEP_SECONDS = 1.0
"""Between two searches for buckets that have filled up again."""

BURST = 5.0
"""So many wrong answers for one name are taken at once; ten times as many from one source."""

MAX_NAME = 64
"""Characters of a name that count: those that came are kept."""

_REST = ("", None)
Name = tuple[str, str | None]


class Guesses:
    """Counts wrong answers.

    Args:
        per_minute: For one name from one source.
        per_minute_of_source: For all names from one source.
        limit: Buckets that are told apart.
    """

    __slots__ = ("_buckets", "_of_name", "_of_source", "_swept", "limit")

    def __init__(
        self, per_minute: float = 6.0, per_minute_of_source: float = 60.0, limit: int = MAX_REMEMBERED
    ) -> None:
        self._of_name = Rate(per_minute / 60, BURST)
        self._of_source = Rate(per_minute_of_source / 60, 10 * BURST)
        self._buckets: dict[Name, float] = {}
        self._swept = FULL
        self.limit = limit

    def __len__(self) -> int:
        return len(self._buckets)

    def may_try(self, source: str, username: str, now: float) -> bool:
        """Tell whether an answer is looked at."""
        return not (
            self._wait(self._of_name, (source, username[:MAX_NAME]), now)
            or self._wait(self._of_source, (source, None), now)
        )

    def wrong(self, source: str, username: str, now: float) -> None:
        """Count a wrong answer."""
        for rate, name in ((self._of_name, (source, username[:MAX_NAME])), (self._of_source, (source, None))):
            known = self._key(name, now)
            self._buckets[known], _ = rate.take(self._buckets.get(known, FULL), now)

    def _wait(self, rate: Rate, name: Name, now: float) -> float:
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = FULL if len(self._buckets) < self.limit else self._buckets.get(_REST, FULL)
        return rate.take(bucket, now)[1]

    def _key(self, name: Name, now: float) -> Name:
        if name in self._buckets or len(self._buckets) < self.limit or self._sweep(now):
            return name
        return _REST

    def _sweep(self, now: float) -> bool:
        if now - self._swept < SWEEP_SECONDS:
            return False
        self._swept = now
        self._buckets = {name: bucket for name, bucket in self._buckets.items() if bucket > now}
        return len(self._buckets) < self.limit
