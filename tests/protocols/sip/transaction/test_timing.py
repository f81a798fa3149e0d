from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING, Timing


def test_defaults_are_those_of_the_rfc():
    """RFC 3261 appendix A."""
    assert (DEFAULT_TIMING.t1, DEFAULT_TIMING.t2, DEFAULT_TIMING.t4, DEFAULT_TIMING.wait_d) == (0.5, 4.0, 5.0, 32.0)


def test_timeout_is_64_t1():
    assert Timing().timeout == 32.0
    assert Timing(t1=0.1).timeout == pytest.approx(6.4)


def test_each_interval_may_be_as_short_as_a_network_allows():
    Timing(t1=0.01, t2=0.01, t4=0.01, wait_d=0.01, trying_after=0.01)


@pytest.mark.parametrize("wrong", [{"t1": 0.0}, {"t1": 5.0}, {"t4": 0.0}, {"wait_d": 0.0}, {"trying_after": -1.0}])
def test_intervals_that_would_spin_are_refused(wrong):
    with pytest.raises(LocalProtocolError, match="not usable"):
        Timing(**wrong)
