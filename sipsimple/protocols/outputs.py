"""The outputs that every core may ask for: named timers.

A core has no clock. It asks for a timer by name and is told when it fired; a
late or unknown timer is a stimulus that the present state ignores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Start, or start anew, the timer `name` to fire after `seconds`."""

    name: Hashable
    seconds: float


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Stop the timer `name`; stopping one that does not run does nothing."""

    name: Hashable
