"""Token buckets, and what remembers in bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.admission.rates import FULL, Rate, every_second
from sipsimple.protocols.sip.admission.recent import Recent
from sipsimple.protocols.sip.admission.sources import SWEEP_SECONDS, Source, Sources


def granted(rate: Rate, times: list[float]) -> list[float]:
    """Return when a token was taken by one who asks at these times."""
    bucket, got = FULL, []
    for now in times:
        bucket, wait = rate.take(bucket, now)
        if not wait:
            got.append(now)
    return got


def test_a_full_bucket_gives_its_burst_at_once_and_then_one_token_per_interval():
    asked = [0.0] * 5 + [0.1, 0.25, 0.5, 0.75, 10.0, 10.0, 10.0, 10.0]

    assert granted(Rate(4, 3), asked) == [0.0] * 3 + [0.25, 0.5, 0.75] + [10.0] * 3


def test_the_wait_says_when_there_is_a_token_again():
    rate = Rate(2, 1)
    bucket, _ = rate.take(FULL, 7.0)
    bucket, wait = rate.take(bucket, 7.1)

    assert wait == pytest.approx(0.4)
    assert rate.take(bucket, 7.1 + wait)[1] == 0.0


@given(
    st.floats(0.1, 1e4),
    st.integers(1, 50),
    st.lists(st.floats(0, 2), max_size=80).map(lambda gaps: [sum(gaps[: n + 1]) for n in range(len(gaps))]),
)
def test_no_span_gives_more_than_its_time_is_worth_and_the_burst(per_second, burst, times):
    got = granted(Rate(per_second, burst), times)

    for first, start in enumerate(got):
        for count, end in enumerate(got[first:], 1):
            assert count <= burst + (end - start) * per_second + 1e-3


def test_who_asks_no_faster_than_the_rate_is_never_refused():
    times = [number / 3 for number in range(1000)]

    assert granted(Rate(3, 1), times) == times


@pytest.mark.parametrize("arguments", [(0, 1), (-1, 1), (1, 0.5)])
def test_a_rate_that_gives_nothing_is_refused(arguments):
    with pytest.raises(LocalProtocolError):
        Rate(*arguments)
    assert every_second(0.1).burst == 1


def test_what_is_remembered_is_known_for_its_time_and_then_forgotten():
    recent = Recent(room=100, seconds=32)
    recent.add(("branch", "INVITE"), 0.0)
    assert recent.has(("branch", "INVITE"))
    assert not recent.has(("branch", "BYE"))
    recent.add("later", 33.0)
    assert recent.has(("branch", "INVITE"))
    recent.add("last", 66.0)
    assert not recent.has(("branch", "INVITE"))
    assert recent.has("later")


def test_what_is_remembered_takes_bounded_memory():
    recent = Recent(room=100, seconds=32)
    for number in range(10_000):
        recent.add(number, 0.0)
        assert recent.has(max(0, number - 99))

    assert len(recent) <= 200


def test_sources_beyond_the_bound_share_one_entry_until_others_are_quiet():
    sources = Sources(limit=3)
    for name in "abc":
        sources.of(name, 0.0).invites = 10.0
    sources.of("a", 0.0).calls = 1
    assert sources.of("b", 0.0) is sources.of("b", 0.0)
    assert sources.of("d", 0.0) is sources.of("e", 0.0)
    assert len(sources) == 3
    assert sources.of("d", 5.0) is sources.of("e", 5.0)  # nobody is quiet yet
    assert sources.of("d", 10.0 + SWEEP_SECONDS) is not sources.of("e", 10.0 + SWEEP_SECONDS)
    assert sources.of("a", 12.0).calls == 1
    assert len(sources) == 3


def test_a_sweep_takes_place_now_and_then_only():
    sources = Sources(limit=1)
    sources.of("a", 0.0).requests = 0.5
    rest = sources.of("b", 0.1)
    assert sources.of("b", 0.9) is rest
    assert sources.of("b", 1.2) is not rest


def test_a_source_is_quiet_when_its_buckets_are_full_and_it_has_no_call():
    assert Source().is_quiet(0.0)
    assert not Source(calls=1).is_quiet(0.0)
    assert not Source(malformed=2.0).is_quiet(1.0)
