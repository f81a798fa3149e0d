"""Ranges of bytes are sets of bytes, written shortly."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.msrp.ranges import beginning, covered, merged

RANGE = st.tuples(st.integers(1, 40), st.integers(0, 12)).map(lambda each: (each[0], each[0] + each[1]))


def filled(given_ranges):
    ranges = ()
    for start, end in given_ranges:
        ranges = merged(ranges, start, end)
    return ranges


def positions(ranges):
    return {each for start, end in ranges for each in range(start, end + 1)}


@given(st.lists(RANGE, max_size=12))
def test_ranges_hold_what_each_that_was_added_held_in_order_and_apart(given_ranges):
    ranges = filled(given_ranges)
    assert positions(ranges) == positions(given_ranges)
    assert all(one[1] + 1 < other[0] for one, other in pairwise(ranges))


@given(st.lists(RANGE, max_size=12))
def test_what_is_covered_is_counted_once(given_ranges):
    assert covered(filled(given_ranges)) == len(positions(given_ranges))


@given(st.lists(RANGE, max_size=12))
def test_the_beginning_reaches_to_the_first_byte_that_lacks(given_ranges):
    held = positions(given_ranges)
    assert beginning(filled(given_ranges)) == next(each for each in range(50) if each + 1 not in held)
