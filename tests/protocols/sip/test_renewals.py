"""When to ask again: refreshes and retries are spread, and never too late."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.renewals import (
    Backoff,
    keep_alive_every,
    lifetime,
    longer,
    lot,
    refresh_after,
    retry_after,
)

LOTS = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 2**32), LOTS, st.booleans())
def test_a_refresh_comes_before_the_end_with_time_to_spare(granted, drawn, is_first):
    after = refresh_after(granted, drawn, is_first=is_first)
    assert 0 < after <= 0.9 * granted
    if granted > 20:
        assert granted - after >= 10
        assert after >= 1
    if not is_first and granted > 100:
        assert after >= 0.75 * granted


def test_five_thousand_that_begin_together_do_not_stay_together():
    """No fiftieth of the period has twice its share, from the first refresh on."""
    places = [lot(f"seed {number}", 0) for number in range(5000)]
    first = Counter(int(refresh_after(3600, each, is_first=True) / 3600 * 50) for each in places)
    assert max(first.values()) <= 2 * 5000 / 50
    assert len(first) == 40


@given(st.integers(1, 100), LOTS, st.floats(0.1, 60), st.floats(0.1, 4000))
def test_a_pause_is_at_least_half_of_its_bound_and_never_beyond_the_longest(failures, drawn, base, longest):
    bound = min(longest, base * 2.0 ** min(failures, 30))
    assert bound / 2 <= retry_after(Backoff(base, longest), failures, drawn) <= bound


@given(LOTS)
def test_pauses_grow(drawn):
    pauses = [retry_after(Backoff(), failures, drawn) for failures in (1, 2, 5)]
    assert pauses == sorted(set(pauses))


@given(st.integers(1, 9), LOTS, st.floats(0, 2**32))
def test_what_the_server_asks_for_is_waited_for_up_to_a_day(failures, drawn, asked):
    pause = retry_after(Backoff(), failures, drawn, asked)
    assert min(asked, 86_400) <= pause <= 1.1 * min(asked, 86_400) + 30


@given(st.integers(1, 10_000), LOTS)
def test_a_flow_timer_is_kept(flow_timer, drawn):
    assert 0.8 * flow_timer <= keep_alive_every(flow_timer, drawn, is_reliable=True) <= flow_timer


@given(LOTS)
def test_a_flow_is_kept_open_as_its_transport_needs(drawn):
    """RFC 5626 4.4.1, 4.4.2: of no use to send more often, of no use to send later."""
    assert 95 <= keep_alive_every(None, drawn, is_reliable=True) <= 120
    assert 24 <= keep_alive_every(None, drawn, is_reliable=False) <= 29


@pytest.mark.parametrize(
    ("asked", "first", "least", "wanted"),
    [
        (600, 600, 601, 601),
        (600, 600, 1800, 1800),
        (600, 600, 7200, 7200),
        (600, 600, 7201, None),
        (600, 600, 600, None),
        (600, 600, 60, None),
        (600, 600, None, None),
        (601, 600, 602, 1202),
        (601, 600, 5000, 5000),
        (5000, 600, 5001, 7200),
        (7200, 600, 7201, None),
    ],
)
def test_a_server_gets_what_it_wants_once_and_then_twice_as_much_up_to_the_most(asked, first, least, wanted):
    """RFC 3261 10.2.8."""
    assert longer(asked, first, least, 7200) == wanted


def test_what_is_granted_for_ever_is_taken_for_gone_after_a_week():
    assert lifetime(2**32) == 7 * 86_400
    assert lifetime(60) == 60


def test_a_lot_follows_from_seed_and_number_only():
    assert lot("a", 1) == lot("a", 1)
    assert len({lot("a", 1), lot("a", 2), lot("b", 1)}) == 3
