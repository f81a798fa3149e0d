"""How a table of transitions is read, and that none of SIP has a gap."""

from __future__ import annotations

import importlib
import pkgutil
from enum import Enum
from typing import Any

import pytest

from sipsimple.protocols import sip
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


NAMES = [found.name for found in pkgutil.walk_packages(sip.__path__, f"{sip.__name__}.") if not found.ispkg]
TABLES = {
    name.removeprefix(f"{sip.__name__}."): each
    for name in NAMES
    if {"TRANSITIONS", "IGNORED"} <= vars(each := importlib.import_module(name)).keys()
}


def test_every_machine_of_sip_is_looked_at() -> None:
    kinds = ("notifier", "publication", "registration", "request", "single", "subscription", "transaction", "usage")
    assert {name.partition(".")[0] for name in TABLES} == set(kinds)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_each_stimulus_of_each_state_is_a_row_or_ignored_with_a_reason(table: Any) -> None:
    (states,) = {type(state) for state in table.TRANSITIONS}
    (stimuli,) = {type(stimulus) for rows in table.TRANSITIONS.values() for stimulus in rows}
    for state in states:
        rows, ignored = table.TRANSITIONS[state], table.IGNORED[state]
        assert rows.keys() | ignored.keys() == set(stimuli), state
        assert not rows.keys() & ignored.keys(), state
        assert all(ignored.values()), state
