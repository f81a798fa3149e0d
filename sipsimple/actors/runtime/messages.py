"""The messages that the runtime itself tells an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Hashable


class TimerFired(Value):
    """The actor's timer `name` is due; told once for each start."""

    name: Hashable


class StopAsked(Value):
    """The supervisor asks the actor to end; passes every other message."""

    reason: str
