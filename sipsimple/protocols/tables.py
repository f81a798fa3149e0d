"""How a table of transitions is read: a row is `(action, states it may lead to)`, by state and stimulus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from enum import Enum

Core = TypeVar("Core")
State = TypeVar("State")


def advance(
    table: Mapping[Any, Mapping[Any, tuple[Any, Container[Any]]]], core: Core, stimulus: Enum, *event: Any
) -> tuple[Core, tuple[object, ...]]:
    """Advance a core, a value with a `state`, by its row; a stimulus without a row changes nothing.

    Args:
        table: Of the core.
        core: Where it is now.
        stimulus: What happened.
        event: What the action takes beside the core.

    Raises:
        AssertionError: The action led to a state that the row does not name.
    """
    before: Any = core
    row = table[before.state].get(stimulus)
    if row is None:
        return core, ()
    action, states = row
    after, outputs = action(core, *event)
    if after.state not in states:
        raise AssertionError(f"{stimulus.name} led from {before.state} to {after.state}")
    return after, outputs


def to(*states: State) -> frozenset[State]:
    """Return the states that a row may lead to."""
    return frozenset(states)
