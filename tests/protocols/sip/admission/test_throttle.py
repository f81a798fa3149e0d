"""Overload: when calls are held back, and that what is taken goes on at the rate that can be carried."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.admission.throttle import CALM, LEAST, WINDOW, Patience, Throttle


def simulate(offered: float, carried: float, seconds: float, *, start: float = 0.0, throttle: Throttle | None = None):
    """Offer calls at an even rate to one who begins so many a second; return throttle, waits and refusals by time."""
    throttle = throttle or Throttle(Patience())
    queue: deque[float] = deque()
    waits, refused = [], []
    free = start
    last_wait = 0.0
    for number in range(int(offered * seconds)):
        now = start + number / offered
        while queue and max(free, queue[0]) <= now:
            came = queue.popleft()
            free = max(free, came)
            last_wait = free - came
            waits.append((came, last_wait))
            free += 1 / carried
            throttle.begun()
        if throttle.admits(now, last_wait):
            queue.append(now)
        else:
            refused.append(now)
    return throttle, waits, refused


def test_who_can_carry_what_comes_refuses_nothing():
    throttle, waits, refused = simulate(900, 1000, 5)

    assert (throttle.rate, refused) == (None, [])
    assert len(waits) > 4400


def test_a_burst_that_would_wait_too_long_is_cut_at_once():
    throttle = Throttle(Patience(burst=0.1))

    assert sum(throttle.admits(1.0, 0.0, 0.001 * number) for number in range(500)) == 102


def test_a_burst_that_is_carried_in_time_is_taken_whole():
    throttle = Throttle(Patience(burst=0.1))

    assert all(throttle.admits(1.0, 0.0) for _ in range(500))
    assert throttle.admits(1.09, 0.09)
    assert throttle.rate is None


def test_five_times_too_much_is_taken_as_far_as_it_can_be_carried_and_waits_no_longer_than_it_may():
    _, waits, refused = simulate(5000, 1000, 20)

    late = sorted(wait for came, wait in waits if came > 2)
    assert late[int(0.99 * len(late))] < 4 * Patience().standing
    assert 0.7 * 1000 < len(late) / 18 <= 1000
    assert len(refused) > 0.7 * 5000 * 18


def test_after_an_overload_everything_is_taken_again_within_its_calm():
    throttle, _, _ = simulate(5000, 1000, 3)
    assert throttle.rate is not None
    throttle, _, refused = simulate(300, 1000, 3, start=3.0, throttle=throttle)

    assert throttle.rate is None
    assert max(refused, default=3.0) < 3.0 + 2.0


def test_an_overload_is_over_after_a_second_without_refusal():
    throttle = Throttle(Patience())
    assert not all(throttle.admits(1.0, 5.0) for _ in range(10))
    for later in (0.1, 0.2, CALM - WINDOW):
        assert throttle.admits(1.0 + later, 0.0)
        assert throttle.rate is not None
    assert throttle.admits(1.0 + CALM + WINDOW, 0.0)
    assert throttle.rate is None


@given(st.lists(st.tuples(st.floats(0, 0.2), st.floats(0, 3)), max_size=200))
def test_whatever_the_waits_some_calls_are_taken_so_that_the_end_is_noticed(arrivals):
    throttle, now = Throttle(Patience()), 0.0
    for gap, wait in arrivals:
        now += gap
        throttle.admits(now, wait)
        assert throttle.rate is None or throttle.rate >= LEAST
    assert throttle.admits(now + 1 / LEAST, 9.0)


@pytest.mark.parametrize("arguments", [(0.1, 0.0), (0.1, 0.2), (-1, -1)])
def test_patience_is_in_order(arguments):
    with pytest.raises(LocalProtocolError):
        Patience(*arguments)
