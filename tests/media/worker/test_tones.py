"""Tones in portions that the generator can take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.media.worker.tones import LONGEST_MS, MOST, Tone, batches

tones = st.tuples(st.integers(0, 4000), st.integers(0, 4000), st.integers(0, 200_000), st.integers(0, 200_000))


def timeline(pieces: list[Tone]) -> list[tuple[frozenset[int], int]]:
    """What is heard, and how long, one after the other."""
    heard: list[tuple[frozenset[int], int]] = []
    for first, second, on, off in pieces:
        for pitches, length in ((frozenset({first, second}) - {0}, on), (frozenset[int](), off)):
            if length and heard and heard[-1][0] == pitches:
                heard[-1] = pitches, heard[-1][1] + length
            elif length:
                heard.append((pitches, length))
    return heard


@given(st.lists(tones, max_size=40).map(tuple))
def test_the_same_is_heard_as_long(wanted: tuple[Tone, ...]) -> None:
    portions = batches(wanted, 4000)
    assert timeline([piece for portion in portions for piece in portion]) == timeline(list(wanted))


@given(st.lists(tones, max_size=80).map(tuple))
def test_no_portion_is_more_than_the_generator_takes(wanted: tuple[Tone, ...]) -> None:
    for portion in batches(wanted, 4000):
        assert 0 < len(portion) <= MOST
        for first, second, on, off in portion:
            assert max(on, off) <= LONGEST_MS
            assert first or not second


@pytest.mark.parametrize("tone", [(-1, 0, 1, 1), (440, 0, -1, 1), (4001, 0, 1, 1), (1, 4001, 1, 1)])
def test_what_is_no_tone_is_refused(tone: Tone) -> None:
    with pytest.raises(ValueError, match="not a tone"):
        batches((tone,), 4000)
