"""The messages that the runtime itself tells an actor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The actor's timer `name` is due; told once for each start."""

    name: Hashable


@dataclass(frozen=True, slots=True)
class StopAsked:
    """The supervisor asks the actor to end; passes every other message."""

    reason: str
