"""Budgets and strategies, as computation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.actors.runtime.restarts import (
    AutoShutdown,
    Budget,
    Restart,
    Strategy,
    affected,
    is_restart_due,
    is_shutdown_due,
)

ORDER = ("a", "b", "c", "d")


def test_one_more_restart_than_the_intensity_within_the_period_is_too_much():
    budget, verdicts = Budget(), []
    for now in (0.0, 1.0, 2.0, 3.0):
        budget, is_allowed = budget.spend(now, intensity=3, period=10.0)
        verdicts.append(is_allowed)
    assert verdicts == [True, True, True, False]


def test_restarts_older_than_the_period_are_forgotten():
    budget, _ = Budget((0.0, 1.0, 2.0)).spend(11.5, intensity=3, period=10.0)
    assert budget == Budget((2.0, 11.5))


def test_an_intensity_of_zero_allows_no_restart():
    assert Budget().spend(0.0, intensity=0, period=1.0)[1] is False


@given(st.lists(st.floats(0, 1000), max_size=60).map(sorted), st.integers(0, 5), st.floats(0.1, 100))
def test_a_restart_is_allowed_exactly_when_the_window_before_it_has_room(times, intensity, period):
    budget = Budget()
    for index, now in enumerate(times):
        budget, is_allowed = budget.spend(now, intensity, period)
        assert is_allowed == (sum(now - each <= period for each in times[: index + 1]) <= intensity)


def test_each_strategy_names_its_children_in_start_order():
    assert affected(Strategy.ONE_FOR_ONE, ORDER, "b") == ("b",)
    assert affected(Strategy.ONE_FOR_ALL, ORDER, "b") == ORDER
    assert affected(Strategy.REST_FOR_ONE, ORDER, "b") == ("b", "c", "d")


def test_which_ends_are_followed_by_a_restart():
    due = {(restart, crashed): is_restart_due(restart, crashed) for restart in Restart for crashed in (True, False)}
    assert {each for each, is_due in due.items() if is_due} == {
        (Restart.PERMANENT, True),
        (Restart.PERMANENT, False),
        (Restart.TRANSIENT, True),
    }


def test_when_significant_children_end_the_supervisor():
    assert not is_shutdown_due(AutoShutdown.NEVER, significant=True, significant_left=0)
    assert not is_shutdown_due(AutoShutdown.ANY_SIGNIFICANT, significant=False, significant_left=0)
    assert is_shutdown_due(AutoShutdown.ANY_SIGNIFICANT, significant=True, significant_left=2)
    assert not is_shutdown_due(AutoShutdown.ALL_SIGNIFICANT, significant=True, significant_left=1)
    assert is_shutdown_due(AutoShutdown.ALL_SIGNIFICANT, significant=True, significant_left=0)
