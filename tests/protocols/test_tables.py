"""How a table of transitions is read."""

from __future__ import annotations

from enum import Enum

import pytest

from sipsimple.protocols.tables import advance
from sipsimple.protocols.values import Value, replace


class _Door(Enum):
    OPEN = "open"
    SHUT = "shut"


class _Hand(Enum):
    PUSHED = "pushed"
    PULLED = "pulled"


class _Core(Value):
    state: _Door = _Door.OPEN
    pushed_by: str = ""


def _shut(core: _Core, who: str) -> tuple[_Core, tuple[object, ...]]:
    return replace(core, state=_Door.SHUT, pushed_by=who), ("slam",)


TABLE = {_Door.OPEN: {_Hand.PUSHED: (_shut, {_Door.SHUT})}, _Door.SHUT: {_Hand.PULLED: (_shut, {_Door.OPEN})}}


def test_a_row_moves_the_core_and_says_what_comes_of_it() -> None:
    core, outputs = advance(TABLE, _Core(), _Hand.PUSHED, "wind")

    assert core == _Core(state=_Door.SHUT, pushed_by="wind")
    assert outputs == ("slam",)


def test_a_stimulus_without_a_row_changes_nothing() -> None:
    core = _Core()

    assert advance(TABLE, core, _Hand.PULLED, "wind") == (core, ())


def test_a_state_that_the_row_does_not_name_is_a_defect_and_says_where_it_led() -> None:
    with pytest.raises(AssertionError, match=r"PULLED led from .*SHUT to .*SHUT"):
        advance(TABLE, _Core(state=_Door.SHUT), _Hand.PULLED, "wind")
