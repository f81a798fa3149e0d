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

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.admission.rates import FULL, Rate
from sipsimple.protocols.values import Value

WINDOW = 0.05
"""Seconds after which the rate is looked at."""

LOWERED, RAISED, NUDGED = 0.85, 1.1, 1.02
"""What a window makes of the rate: too much waiting; none, below and above the rate that could be carried last."""

CAUTION = 0.8
"""With how much of the rate that could be carried it begins again."""

KEPT_UP, SLACK = 0.9, 2.0
"""A rate is raised only where so much of it was begun, but for a call or two: else calls pile up out of sight."""

QUEUE = 4.0
"""So many times longer than it may, and the queue is drained first."""

LEAST = 10.0
"""Calls a second that are taken whatever the load, so that its end is noticed."""

NOBODY = float("inf")
"""The least wait of a window in which nobody came."""

CALM = 1.0
"""Seconds almost without refusals that end an overload."""

FEW = 0.03
"""So many refusals for one call that is begun are almost none: bursts are refused as long as there is a rate."""

BURST = 10.0
"""Calls that are taken at once, at the least, whatever the rate."""


def is_above_zero(value: object) -> bool:
    """Tell whether a bound that somebody wrote down is one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


class Patience(Value):
    """How long a new call may wait to be begun, in seconds.

    Attributes:
        burst: When nobody waits less, that is overload; below T1, after which callers repeat themselves.
        standing: During overload, when they wait longer on the average, fewer are taken.

    Raises:
        LocalProtocolError: They are no numbers above 0, or in the wrong order.
    """

    burst: float = 0.4
    standing: float = 0.005

    def __post_init__(self) -> None:
        is_known = is_above_zero(self.standing) and is_above_zero(self.burst)
        if not is_known or self.standing > self.burst:
            raise LocalProtocolError(f"patience is in seconds above 0, and not longer in overload: {self}")


class Throttle:
    """Lets new calls in as fast as they can be carried.

    Attributes:
        rate: Calls a second that are taken now; None: all.
    """

    __slots__ = (
        "_asked", "_begun", "_bucket", "_busy", "_carried", "_is_draining", "_late_begun", "_late_since", "_least",
        "_refused", "_refused_at", "_resumed", "_since", "_waits", "patience", "rate",
    )  # fmt: skip

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self.rate: float | None = None
        self._bucket = FULL
        self._since = FULL
        self._begun = 0
        self._asked = 0
        self._waits = 0.0
        self._least = NOBODY
        self._refused = 0
        self._refused_at = FULL
        self._busy = FULL
        self._carried = 0.0
        self._late_since: float | None = None
        self._late_begun = 0
        self._is_draining = False
        self._resumed = 0.0

    def begun(self) -> None:
        """Count a call that was begun."""
        self._begun += 1

    def admits(self, now: float, wait: float, ahead: float = 0.0) -> bool:
        """Tell whether a new call is taken.

        Args:
            now: The time.
            wait: For how long those which came last have waited, as far as that is known.
            ahead: For how long one that is taken now would wait for those that were taken before it.
        """
        self._least = min(self._least, wait)
        self._asked += 1
        self._waits += wait
        if now - self._since >= WINDOW:
            self._look(now)
        if ahead > self.patience.burst:
            self._drain(now)
        if self.rate is not None and not self._has_token(self.rate, now):
            self._refused += 1
            self._refused_at = now
            return False
        return True

    def _has_token(self, rate: float, now: float) -> bool:
        burst = 1.0 if self._is_draining else max(BURST, rate * self.patience.standing)
        self._bucket, wait = Rate(rate, burst).take(self._bucket, now)
        return wait == 0.0

    def _look(self, now: float) -> None:
        """Begin a window, with another rate if there is one."""
        least = 0.0 if self._least is NOBODY else self._least
        is_late = self._waits > self.patience.standing * self._asked
        self._measure(now, is_late=is_late)
        if self._refused > FEW * self._begun:
            self._busy = self._refused_at
        if least > (self.patience.burst if self.rate is None else QUEUE * self.patience.standing):
            self._drain(now)
        elif self.rate is not None:
            self.rate = self._adapted(self.rate, now, is_late=is_late)
        self._since = now
        self._begun = self._refused = self._asked = 0
        self._waits = 0.0
        self._least = NOBODY

    def _measure(self, now: float, *, is_late: bool) -> None:
        """Note since when there is a queue that may become an overload, and what was begun since."""
        if self.rate is None and not is_late:
            self._late_since = None
        elif self.rate is None and self._late_since is None:
            self._late_since, self._late_begun = max(self._since, now - 2 * WINDOW), 0
        self._late_begun += self._begun

    def _drain(self, now: float) -> None:
        if self.rate is None:
            self._busy = now
            self._resumed = 0.0
            if self._late_since is None:
                self._late_since, self._late_begun = self._since, 0
        elif not self._is_draining:
            self._resumed = LOWERED * self.rate
        if not self._is_draining:
            self.rate, self._is_draining, self._bucket = LEAST, True, FULL

    def _adapted(self, rate: float, now: float, *, is_late: bool) -> float | None:
        if self._is_draining:
            return rate if is_late else self._resume(now)
        if is_late:
            return max(rate * LOWERED, LEAST)
        if now - self._busy >= CALM:
            return None
        keeps_up = self._begun >= KEPT_UP * rate * (now - self._since) - SLACK
        if not self._refused or not keeps_up:
            return rate
        return rate * (RAISED if rate < self._carried else NUDGED)

    def _resume(self, now: float) -> float:
        """Return the rate after a queue has drained; what was begun meanwhile of the first one has been carried."""
        self._is_draining = False
        if self._late_since is not None:
            self._carried = self._late_begun / (now - self._late_since)
            self._late_since = None
        return max(self._resumed or CAUTION * self._carried, LEAST)
