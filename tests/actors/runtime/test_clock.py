"""Calls by the clock: in order, once, not after cancel, and cheap to take back."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.actors.runtime import FakeClock, HubClock
from sipsimple.actors.runtime.clock import Schedule, Scheduled


class Entry(Scheduled):
    """Says when it is its turn."""

    def __init__(self, calls, index):
        super().__init__()
        self.calls, self.index = calls, index

    def __call__(self):
        self.calls.append(self.index)


@pytest.fixture
def hub_clock():
    clock = HubClock()
    yield clock
    clock.close()


def test_calls_come_in_the_order_of_their_times_and_equal_times_in_the_order_of_scheduling():
    clock, calls = FakeClock(), []
    for name, seconds in (("c", 3.0), ("a1", 1.0), ("b", 2.0), ("a2", 1.0)):
        clock.call_later(seconds, lambda name=name: calls.append((name, clock.now() - 1000.0)))
    clock.advance(2.5)
    assert calls == [("a1", 1.0), ("a2", 1.0), ("b", 2.0)]
    assert clock.pending == 1


def test_a_call_scheduled_by_a_call_comes_within_the_same_advance():
    clock, calls = FakeClock(), []
    clock.call_later(1.0, lambda: clock.call_later(1.0, lambda: calls.append(clock.now())))
    clock.advance(5.0)
    assert calls == [1002.0]
    assert clock.now() == 1005.0


def test_cancelling_twice_or_after_the_call_changes_nothing():
    clock, calls = FakeClock(), []
    kept = clock.call_later(1.0, lambda: calls.append("kept"))
    gone = clock.call_later(1.0, lambda: calls.append("gone"))
    gone.cancel()
    gone.cancel()
    assert clock.pending == 1
    clock.advance(1.0)
    kept.cancel()
    assert calls == ["kept"]
    assert clock.pending == 0


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=300))
def test_exactly_the_calls_that_were_not_cancelled_come_in_order(plan):
    schedule, calls = Schedule(), []
    entries = [Entry(calls, index) for index in range(len(plan))]
    for entry, (when, _) in zip(entries, plan, strict=True):
        schedule.add(when, entry)
    for entry, (_, is_cancelled) in zip(entries, plan, strict=True):
        if is_cancelled:
            entry.cancel()
    while (entry := schedule.pop_due(100.0)) is not None:
        entry()
    expected = [index for index, (_, is_cancelled) in enumerate(plan) if not is_cancelled]
    assert calls == sorted(expected, key=lambda index: plan[index][0])
    assert schedule.live == 0


def test_cancelled_calls_do_not_fill_the_memory():
    schedule = Schedule()
    schedule.add(1.0, Scheduled())
    for _ in range(10_000):
        entry = Scheduled()
        schedule.add(32.0, entry)
        entry.cancel()
    assert len(schedule._heap) < 200
    assert schedule.next_due() == 1.0


def test_the_hub_clock_calls_in_order_and_gives_its_timer_back(hub_clock):
    calls, done = [], Event()
    hub_clock.call_later(0.004, lambda: (calls.append("late"), done.set()))
    hub_clock.call_later(0.0, lambda: calls.append("early"))
    hub_clock.call_later(0.001, lambda: calls.append("never")).cancel()
    assert done.wait(5)
    assert calls == ["early", "late"]
    assert hub_clock.pending == 0
    assert hub_clock._timer is None


def test_an_error_in_a_call_does_not_lose_the_others(hub_clock):
    done = Event()
    hub = gevent.get_hub()
    seen = []
    original, hub.handle_error = hub.handle_error, lambda *details: seen.append(details[1])
    try:
        hub_clock.call_later(0.0, lambda: [].pop())
        hub_clock.call_later(0.0, done.set)
        assert done.wait(5)
    finally:
        hub.handle_error = original
    assert seen == [IndexError]


def test_a_closed_hub_clock_calls_nothing(hub_clock):
    calls = []
    hub_clock.call_later(0.0, lambda: calls.append("never"))
    hub_clock.close()
    gevent.sleep(0.003)
    assert calls == []
    assert hub_clock.pending == 0
