"""How many new calls are taken when more come than can be carried.

A burst may wait, and so may what a pause of the process has held up; when for
a whole window all that comes waits longer than either explains, that is
overload. Then hardly any call is taken until the queue has drained, and from
then on as many as were carried meanwhile; fewer when all of them wait too long,
more when they do not. So those which are taken are set up as fast as ever.
Refusing costs little, but it costs: taking all in turn would in the end carry none.

The clock and the wait are arguments; so are all decisions repeatable.
"""

from __future__ import annotations

from dataclasses import dataclass

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.rates import FULL, Rate

WINDOW = 0.05
"""Seconds after which the rate is looked at."""

LOWERED, RAISED = 0.85, 1.05
"""What a window with and without too much waiting makes of the rate."""

CAUTION = 0.5
"""With what of the rate that was carried it begins again: of those that were begun, the rest is still to be done."""

NEWEST = 0.3
"""What the last window counts for in the rate that was carried."""

QUEUE = 10.0
"""So many times longer than it may, and the queue is drained first."""

LEAST = 10.0
"""Calls a second that are taken whatever the load, so that its end is noticed."""

NOBODY = float("inf")
"""The least wait of a window in which nobody came."""

CALM = 1.0
"""Seconds without a refusal that end an overload."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a new call may wait to be begun, in seconds.

    Attributes:
        burst: When nobody waits less, that is overload; below T1, after which callers repeat themselves.
        standing: During overload, when nobody waits less, fewer are taken.

    Raises:
        LocalProtocolError: They are not above 0, or in the wrong order.
    """

    burst: float = 0.25
    standing: float = 0.005

    def __post_init__(self) -> None:
        if not 0 < self.standing <= self.burst:
            raise LocalProtocolError(f"patience is above 0, and not longer in overload: {self}")


class Throttle:
    """Lets new calls in as fast as they can be carried.

    Attributes:
        rate: Calls a second that are taken now; None: all.
    """

    __slots__ = ("_begun", "_bucket", "_carried", "_is_draining", "_least", "_refused", "_since", "patience", "rate")

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.rate: float | None = None
        self._bucket = FULL
        self._since = FULL
        self._begun = 0
        self._least = NOBODY
        self._refused = FULL
        self._carried = 0.0
        self._is_draining = False

    def begun(self) -> None:
        """Count a call that was begun."""
        self._begun += 1

    def admits(self, now: float, wait: float) -> bool:
        """Tell whether a new call is taken.

        Args:
            now: The time.
            wait: For how long one that comes now would wait to be begun, as far as that is known.
        """
        self._least = min(self._least, wait)
        if now - self._since >= WINDOW:
            self._look(now)
        if self.rate is not None and not self._has_token(self.rate, now):
            self._refused = now
            return False
        return True

    def _has_token(self, rate: float, now: float) -> bool:
        burst = max(1.0, rate * self.patience.standing)
        self._bucket, wait = Rate(rate, burst).take(self._bucket, now)
        return wait == 0.0

    def _look(self, now: float) -> None:
        """Begin a window, with another rate if there is one."""
        least = 0.0 if self._least is NOBODY else self._least
        patience = self.patience
        if least > patience.standing:
            self._carried += NEWEST * (self._begun / (now - self._since) - self._carried)
        if least > (patience.burst if self.rate is None else QUEUE * patience.standing):
            self.rate, self._is_draining = LEAST, True
        elif self.rate is not None:
            self.rate = self._adapted(self.rate, now, is_late=least > patience.standing)
        self._since = now
        self._begun = 0
        self._least = NOBODY

    def _adapted(self, rate: float, now: float, *, is_late: bool) -> float | None:
        if is_late:
            return rate if self._is_draining else max(rate * LOWERED, LEAST)
        if self._is_draining:
            self._is_draining = False
            return max(CAUTION * self._carried, LEAST)
        if self._refused >= self._since:  # there is need for more
            return rate * RAISED
        return None if now - self._refused >= CALM else rate
