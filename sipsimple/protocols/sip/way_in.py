"""The one way into a core that asks something of a server: whatever happens goes through its table.

A command is known by its type and a timer of the core's own by its word; all
else is news of the request that is under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from sipsimple.protocols.sip import requesting
from sipsimple.protocols.tables import advance

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Hashable, Mapping
    from enum import Enum

    from sipsimple.protocols.sip.request.outputs import Outcome
    from sipsimple.protocols.sip.requesting import Outputs
    from sipsimple.protocols.sip.transaction.layer import TimerName


class Asker(requesting.Asker, Protocol):
    """What all such cores have."""

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""


Core = TypeVar("Core", bound=Asker)


@dataclass(frozen=True, slots=True)
class WayIn(Generic[Core]):
    """Leads to the rows of one kind of core.

    Attributes:
        table: The rows, by state and stimulus.
        commands: The stimuli that are commands, by their type.
        timers: Those that are timers, by their word.
        outcome: Tells which stimulus the outcome of a request is.
    """

    table: Mapping[Any, Mapping[Any, tuple[Any, Container[Any]]]]
    commands: Mapping[type, Enum]
    timers: Mapping[str, Enum]
    outcome: Callable[[Outcome], Enum]

    def step(self, core: Core, event: object) -> tuple[Core, Outputs]:
        """Take a command, or news of the request that is under way."""
        stimulus = self.commands.get(type(event))
        if stimulus is not None:
            return self.take(core, stimulus, event)
        return (core, ()) if core.is_over else requesting.heard(core, event, self._answered)

    def timer_fired(self, core: Core, name: Hashable) -> tuple[Core, Outputs]:
        """Take a timer: one of the core's own by its word, one of a transaction by (key, name)."""
        if isinstance(name, str):
            return self.take(core, self.timers[name], None)
        return (core, ()) if core.is_over else requesting.timer_fired(core, cast("TimerName", name), self._answered)

    def take(self, core: Core, stimulus: Enum, event: object) -> tuple[Core, Outputs]:
        """Advance by the table's row; a stimulus without a row changes nothing."""
        return advance(self.table, core, stimulus, event)

    def _answered(self, core: Core, outcome: Outcome) -> tuple[Core, Outputs]:
        return self.take(core, self.outcome(outcome), outcome)
