"""The options about extensions of SIP: what they take, and that every call is made with them."""

import pytest

from sipsimple.api.engine.options import EngineOptions
from sipsimple.protocols.sip.usage.policy import Policy
from tests.endpoints import established, hang_up, running


def test_by_default_a_timer_of_half_an_hour_is_asked_for():
    options = EngineOptions()
    assert (options.session_expires, options.min_session_expires, options.reliable_provisionals) == (1800, 90, False)


def test_none_and_0_ask_for_no_timer():
    assert EngineOptions(session_expires=None).session_expires == 0
    assert EngineOptions(session_expires=0).session_expires == 0


@pytest.mark.parametrize("name", ["session_expires", "min_session_expires"])
@pytest.mark.parametrize("value", [-1, 10**9, 1.5, "90", True])
def test_seconds_are_whole_numbers_within_limits(name, value):
    with pytest.raises((TypeError, ValueError), match=name):
        EngineOptions(**{name: value})


def test_a_minimum_is_never_nothing():
    with pytest.raises(ValueError, match="min_session_expires"):
        EngineOptions(min_session_expires=0)


def test_both_ends_of_a_call_are_made_with_them():
    with running(session_expires=300, min_session_expires=100, reliable_provisionals=True) as watch:
        call = established(watch)
        for session in (call.caller, call.callee):
            assert session.call.identity.policy == Policy(300, 100, reliable_provisionals=True)
            assert session.call.session_timer.interval == 300
        hang_up(watch, call)


def test_without_a_timer_there_is_none():
    with running(session_expires=0) as watch:
        call = established(watch)
        assert call.caller.call.session_timer is None
        hang_up(watch, call)
