"""Each tail of notifications: DidFail right before DidEnd, HandOver last."""

import pytest

from sipsimple.protocols.sip.usage import outputs as wanted
from sipsimple.protocols.sip.usage.ending import ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.scenes import answering, calling, established, ringing


def test_an_end_stops_tells_and_hands_over_in_this_order():
    call = established().call
    after, outputs = ending.fail(call, Failure.local(0, "why"))
    kinds = [each.name if isinstance(each, wanted.Notify) else type(each).__name__ for each in outputs]
    assert kinds[-5:] == ["StopStream", "SCSessionChangedState", "SCSessionDidFail", "SCSessionDidEnd", "HandOver"]
    assert kinds[:-5] == ["StopTimers"]
    assert after.state is State.TERMINATED
    assert outputs[-1].transactions is call.transactions


def test_an_end_stops_every_timer_of_the_call():
    party = ringing()
    assert party.running
    party.feed(ending.finish, "local")
    assert not party.running


def test_a_proposed_stream_was_never_started_and_is_not_stopped():
    _, outputs = ending.finish(ringing().call, "local")
    assert not [each for each in outputs if isinstance(each, wanted.StopStream)]


def test_the_first_failure_is_the_one_that_is_told():
    call, told = ending.begin_to_fail(answering().call, Failure.remote(0, "first"))
    assert [each.name for each in told] == ["SCSessionChangedState"]
    _, outputs = ending.fail(call, Failure.local(0, "second"))
    data = [each.data for each in outputs if isinstance(each, wanted.Notify) and each.name != "SCSessionChangedState"]
    assert data == [{"originator": "remote", "code": 0, "reason": "first"}, {"originator": "remote"}]


@pytest.mark.parametrize("originator", ["local", "remote"])
def test_an_end_without_a_failure_tells_none(originator):
    _, outputs = ending.finish(calling().call, originator)
    told = [each for each in outputs if isinstance(each, wanted.Notify)]
    assert [each.name for each in told] == ["SCSessionChangedState", "SCSessionDidEnd"]
    assert told[-1].data == {"originator": originator}
