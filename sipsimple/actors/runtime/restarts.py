"""What a supervisor decides, as pure computation: who is restarted, and when it is too much.

OTP's meaning of strategy, restart type, intensity and period.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence


class Restart(Enum):
    """Which ends of a child are followed by a restart."""

    PERMANENT = "permanent"
    """Every end."""
    TRANSIENT = "transient"
    """A crash only."""
    TEMPORARY = "temporary"
    """None; the child is forgotten."""


class Strategy(Enum):
    """Who is restarted with a child."""

    ONE_FOR_ONE = "one for one"
    ONE_FOR_ALL = "one for all"
    REST_FOR_ONE = "rest for one"


class AutoShutdown(Enum):
    """When a supervisor ends because its significant children have ended of themselves."""

    NEVER = "never"
    ANY_SIGNIFICANT = "any significant"
    ALL_SIGNIFICANT = "all significant"


class Budget(Value):
    """The times of the restarts that still count."""

    spent: tuple[float, ...] = ()

    def spend(self, now: float, intensity: int, period: float) -> tuple[Budget, bool]:
        """Count a restart at `now`; return the new budget and whether the restart is allowed.

        Allowed are `intensity` restarts within any `period` seconds.
        """
        spent = (*(each for each in self.spent if now - each <= period), now)
        return Budget(spent), len(spent) <= intensity


def is_restart_due(restart: Restart, crashed: bool) -> bool:
    """Tell whether a child that ended, by a crash or not, is restarted."""
    return restart is Restart.PERMANENT or (restart is Restart.TRANSIENT and crashed)


def affected(strategy: Strategy, order: Sequence[str], child: str) -> tuple[str, ...]:
    """Name the children that are restarted with `child`, it included, in start order.

    They are stopped in the reverse order.
    """
    if strategy is Strategy.ONE_FOR_ALL:
        return tuple(order)
    if strategy is Strategy.REST_FOR_ONE:
        return tuple(order[order.index(child) :])
    return (child,)


def is_shutdown_due(auto_shutdown: AutoShutdown, significant: bool, significant_left: int) -> bool:
    """Tell whether the supervisor ends now that a child has ended for good, of itself."""
    if not significant or auto_shutdown is AutoShutdown.NEVER:
        return False
    return auto_shutdown is AutoShutdown.ANY_SIGNIFICANT or significant_left == 0
