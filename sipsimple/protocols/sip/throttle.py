"""How many new calls are taken when more come than can be carried.

A burst may wait; what waits for longer than any burst explains is overload.
From then on calls are taken at the rate that was carried just before, which is
lowered while they still wait too long and raised while they do not, so that
those which are taken are set up as fast as ever. Refusing costs little, but it
costs: taking everything in turn would in the end carry nothing.

The clock and the wait are arguments; so are all decisions repeatable.
"""

from __future__ import annotations

from dataclasses import dataclass

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.rates import FULL, Rate

WINDOW = 0.05
"""Seconds after which the rate is looked at."""

LOWERED, RAISED = 0.8, 1.05
"""What a window with and without too much waiting makes of the rate."""

CAUTION = 0.5
"""What an overload begins with of the rate at which calls were begun: the rest of each is still to be done."""

LEAST = 10.0
"""Calls a second that are taken whatever the load, so that its end is noticed."""

CALM = 1.0
"""Seconds without a refusal that end an overload."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a new call may wait to be begun, in seconds.

    Attributes:
        burst: More than this is overload.
        standing: During overload no more than this.

    Raises:
        LocalProtocolError: They are not above 0, or in the wrong order.
    """

    burst: float = 0.1
    standing: float = 0.005

    def __post_init__(self) -> None:
        if not 0 < self.standing <= self.burst:
            raise LocalProtocolError(f"patience is above 0, and not longer in overload: {self}")


class Throttle:
    """Lets new calls in as fast as they can be carried.

    Attributes:
        rate: Calls a second that are taken now; None: all.
    """

    __slots__ = ("_begun", "_bucket", "_refused", "_since", "_worst", "patience", "rate")

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.rate: float | None = None
        self._bucket = FULL
        self._since = FULL
        self._begun = 0
        self._worst = 0.0
        self._refused = FULL

    def begun(self) -> None:
        """Count a call that was begun."""
        self._begun += 1

    def admits(self, now: float, wait: float) -> bool:
        """Tell whether a new call is taken.

        Args:
            now: The time.
            wait: For how long one that comes now would wait to be begun, as far as that is known.
        """
        self._worst = max(self._worst, wait)
        if now - self._since >= WINDOW:
            self._look(now)
        if self.rate is None and wait > self.patience.burst:
            self.rate = max(CAUTION * self._begun / max(now - self._since, WINDOW / 5), LEAST)
            self._bucket = FULL
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
        if self.rate is not None:
            if self._worst > self.patience.standing:
                self.rate = max(self.rate * LOWERED, LEAST)
            elif self._refused >= self._since:  # there was need for more
                self.rate *= RAISED
            if now - self._refused >= CALM:
                self.rate = None
        self._since = now
        self._begun = 0
        self._worst = 0.0
