"""The outputs that every core may ask for: named timers.

A core has no clock. It asks for a timer by name and is told when it fired; a
late or unknown timer is a stimulus that the present state ignores.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Start, or start anew, the timer `name` to fire after `seconds`."""

    name: Hashable
    seconds: float


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Stop the timer `name`; stopping one that does not run does nothing."""

    name: Hashable
