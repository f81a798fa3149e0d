"""A call whose actor cannot go on ends in the ordinary way, from whatever state."""

import pytest

from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import ALICE, BOB, Party
from tests.protocols.sip.usage.scenes import answer_to, answered, answering, calling, established, in_dialog, ringing

ABANDONED = events.Abandoned("crashed too often")
FAILURE = ("local", 0, "crashed too often")


def test_a_call_that_was_not_sent_just_ends():
    party = Party()
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",)))
    party.do(ABANDONED)
    assert party.failure == FAILURE
    assert not party.sent


@pytest.mark.parametrize("provisional", [True, False])
def test_an_invite_that_is_out_is_cancelled_and_its_487_awaited(provisional):
    party = calling()
    if provisional:
        party.receive(answer_to(party, 180))
    party.do(ABANDONED)
    assert party.state is State.TERMINATING
    party.receive(answer_to(party, 183))
    assert party.last.method == "CANCEL"
    party.receive(answer_to(party, 487))
    assert party.failure == FAILURE


def test_an_abandoned_invite_that_is_answered_is_acknowledged_and_ended():
    party = calling()
    party.do(ABANDONED)
    party.receive(answer_to(party))
    assert [each.method for each in party.sent[-2:]] == ["ACK", "BYE"]
    party.refuse(party.last)
    assert party.failure == FAILURE


@pytest.mark.parametrize("accepted", [True, False])
def test_an_unanswered_invite_gets_500(accepted):
    party = ringing()
    if accepted:
        party.do(events.Accept(("chat",)))
    party.do(ABANDONED)
    assert party.statuses() == [180, 500]
    assert party.failure == FAILURE


def test_an_answered_invite_gets_bye_after_its_ack():
    party = answering()
    party.do(ABANDONED)
    assert not party.requests("BYE")
    party.receive(in_dialog(party, "ACK", 1))
    assert party.last.method == "BYE"


@pytest.mark.parametrize("make", [established, answered])
def test_an_established_call_gets_bye_and_ends_at_once(make):
    party = make()
    party.do(ABANDONED)
    assert party.last.method == "BYE"
    assert party.failure == FAILURE


@pytest.mark.parametrize("make", [calling, answering])
def test_a_successor_that_has_none_of_the_timers_still_comes_to_the_end(make):
    party = make()
    party.running.clear()
    party.do(ABANDONED)
    assert party.state is State.TERMINATING
    if make is answering:
        assert {"2xx", "ack"} <= party.running.keys()
        party.fire("ack")
        party.refuse(party.last)
    party.run_down()
    assert party.failure == FAILURE


def ending_calls():
    waiting = answering()
    cancelled = calling()
    cancelled.receive(answer_to(cancelled, 180))
    return {"BYE sent": established(), "ACK awaited": waiting, "CANCEL sent": cancelled, "CANCEL waits": calling()}


@pytest.mark.parametrize("name", ending_calls())
def test_a_call_that_is_ending_already_ends_at_once(name):
    party = ending_calls()[name]
    party.do(events.Terminate())
    party.do(ABANDONED)
    assert party.names[-1] == "SCSessionDidEnd"
    assert party.told[-1].data == {"originator": "local"}
    assert "SCSessionDidFail" not in party.names, "it ends as the application asked it to"
    assert len(party.requests("BYE")) == (name in {"BYE sent", "ACK awaited"})
    timers = {timer.name[0] for timer in layer.timers(party.handed)}
    assert timers == set(party.handed.entries), "a transaction without a timer would linger for ever"


def test_a_call_that_ends_because_it_failed_tells_that_failure_when_it_is_abandoned():
    party = answering()
    party.do(events.StreamFailed("chat", "connection reset"))
    assert party.state is State.TERMINATING
    party.do(ABANDONED)
    assert party.failure == ("local", 0, "chat stream: connection reset")


def test_nothing_that_is_told_twice():
    party = established()
    party.do(ABANDONED)
    assert party.do(ABANDONED) == []
