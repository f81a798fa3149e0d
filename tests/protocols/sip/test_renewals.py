"""When to ask again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.renewals import LONGEST_PAUSE, LONGEST_WISH, refresh_after, retry_after

ENTROPY = st.binary(min_size=16, max_size=16).map(bytes.hex)


@given(st.floats(40, 100) | st.floats(0.1, 10**6), ENTROPY)
def test_a_refresh_comes_before_the_end_where_there_is_time(granted, entropy):
    after = refresh_after(granted, entropy)

    assert after >= 1.0
    if granted >= 40:
        assert 0.75 * granted <= after <= min(0.9 * granted, granted - 10) or after == granted - 10
    elif granted > 2:
        assert after < granted


@given(st.integers(1, 10**6), ENTROPY, st.none() | st.floats(0, 10**9))
def test_pauses_are_bounded_and_never_shorter_than_asked(failures, entropy, asked):
    pause = retry_after(failures, entropy, asked)

    assert pause >= min(asked or 0, LONGEST_WISH)
    assert 11 <= pause <= max(1.25 * LONGEST_PAUSE, min(asked or 0, LONGEST_WISH))


@given(ENTROPY)
def test_pauses_grow(entropy):
    assert retry_after(1, entropy) < retry_after(2, entropy) < retry_after(5, entropy)


def test_not_everybody_comes_back_at_once():
    assert len({refresh_after(600, f"{number:x}" * 16) for number in range(8)}) == 8
