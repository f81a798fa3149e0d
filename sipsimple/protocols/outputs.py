"""The outputs that every core may ask for: named timers.

A core has no clock. It asks for a timer by name and is told when it fired; a
late or unknown timer is a stimulus that the present state ignores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Hashable


class StartTimer(Value):
    """Start, or start anew, the timer `name` to fire after `seconds`."""

    name: Hashable
    seconds: float


class StopTimer(Value):
    """Stop the timer `name`; stopping one that does not run does nothing."""

    name: Hashable


class StopTimers(Value):
    """Stop every timer."""
