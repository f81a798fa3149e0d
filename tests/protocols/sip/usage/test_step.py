"""The one way into a call: what is checked before the table is asked. RFC 3261 8.2, 12.2.2, 17."""

import pytest

from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.usage import events, step
from sipsimple.protocols.sip.usage import outputs as wanted
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.scenes import (
    answer_to,
    answered,
    answering,
    both_established,
    calling,
    established,
    in_dialog,
    invite,
    ringing,
)

MAKERS = pytest.mark.parametrize("make", [ringing, answering, established, answered])


@MAKERS
@pytest.mark.parametrize("wrong", [{"tag": "other"}, {"tag": None}, {"call_id": "other"}, {"to_tag": "other"}])
@pytest.mark.parametrize("method", ["BYE", "INVITE", "OPTIONS", "INFO"])
def test_a_request_of_another_dialog_gets_481_and_changes_nothing(make, wrong, method):
    party = make()
    before = party.call
    party.receive(in_dialog(party, method, 5, **wrong))
    assert party.last.status == 481
    assert (party.call.dialog, party.state) == (before.dialog, before.state)


@pytest.mark.parametrize("method", ["BYE", "INVITE", "OPTIONS", "INFO"])
def test_a_request_with_another_call_id_gets_481_before_there_is_a_dialog(method):
    party = calling()
    party.receive(in_dialog(party, method, 5, call_id="other"))
    assert party.last.status == 481


@MAKERS
def test_a_request_that_was_overtaken_gets_500(make):
    party = make()
    party.receive(in_dialog(party, "OPTIONS", 9))
    party.receive(in_dialog(party, "BYE", 8))
    assert party.last.status == 500
    assert party.names[-1] != "SCSessionDidEnd"
    party.receive(in_dialog(party, "BYE", 10))
    assert party.state is State.TERMINATED


def test_a_number_is_noted_even_when_its_request_is_refused():
    party = established()
    party.receive(in_dialog(party, "INVITE", 9, body=b"junk"))
    party.receive(in_dialog(party, "BYE", 8))
    assert party.last.status == 500


def test_an_extension_that_is_required_gets_420():
    party = established()
    party.receive(in_dialog(party, "BYE", 2, ("Require", "timer, foo")))
    assert (party.last.status, party.last.get("unsupported")) == (420, "foo")
    assert party.state is State.ESTABLISHED


@pytest.mark.parametrize(
    "changes",
    [
        {"From": None},
        {"From": "<<"},
        {"Call-ID": None},
        {"CSeq": "x"},
        {"CSeq": None},
        {"CSeq": "2 INFO"},
        {"To": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["BYE", "ACK", "INVITE", "CANCEL", "OPTIONS"])
def test_a_malformed_request_is_refused_or_dropped_and_changes_nothing(changes, method):
    """It must not reach the actor as an exception: two of them would end the call."""
    for make in (established, answering):
        party = make()
        before, count = (party.state, party.names), len(party.sent)
        party.receive(in_dialog(party, method, 1 if method == "ACK" else 2).replacing(changes))
        assert (party.state, party.names) == before
        answers = party.sent[count:]
        assert all(each.status in {400, 481, 482} for each in answers)
        assert bool(answers) == (method != "ACK")


def test_a_request_of_rfc_2543_without_cseq_is_dropped_with_a_note():
    party = established()
    old = in_dialog(party, "BYE", 2, branch="1").replacing({"CSeq": None})
    assert [each.event for each in party.receive(old)] == ["request.dropped"]


def test_a_repeated_request_gets_its_answer_again_and_is_not_told_again():
    party = established()
    for _ in range(3):
        party.receive(in_dialog(party, "OPTIONS", 5))
    assert party.statuses("OPTIONS") == [200, 200, 200]
    assert len(party.call.transactions.entries) == 2


def test_a_response_nobody_waits_for_is_dropped_with_a_note():
    party = established()
    stray = answer_to(party).replacing({"Via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKother"})
    assert [each.event for each in party.receive(stray)] == ["response.dropped"]


def test_what_was_not_sent_is_left_to_the_repeats_when_it_is_a_response():
    party = answering()
    assert party.refuse(party.last) == []
    assert party.feed(step.send_refused, events.SendRefused(b"bytes", "why")) == []


def test_a_transaction_that_fails_beside_the_call_is_noted():
    party = ringing()
    party.do(events.Accept(("chat",)))
    party.receive(in_dialog(party, "INVITE", 5))
    key = next(each for each in party.call.transactions.entries if "INVITE5" in each[0])
    outputs = party.fire((key, "H"))
    assert outputs[-1] == wanted.Note("transaction.failed", {"method": "INVITE", "why": "timeout"})


def test_an_action_that_leads_elsewhere_than_its_row_says_is_a_fault(monkeypatch):
    party = established()
    row = (lambda call, _: (party.call, ()), (State.TERMINATED,))
    monkeypatch.setitem(step.TRANSITIONS[State.ESTABLISHED], step.Stimulus.TERMINATE, row)
    with pytest.raises(AssertionError, match="TERMINATE led"):
        party.do(events.Terminate())


def test_a_whole_call_takes_six_messages_and_hands_over_what_may_be_repeated():
    caller, callee = both_established()
    caller.do(events.Terminate())
    (bye,) = caller.sent
    assert isinstance(bye, Request)
    callee.receive(bye)
    caller.receive(callee.last)
    assert caller.names[-1] == callee.names[-1] == "SCSessionDidEnd"
    assert {key[-1] for key in caller.handed.entries} == {"INVITE", "BYE"}
    assert {key[-1] for key in callee.handed.entries} == {"INVITE", "BYE"}
    assert not callee.requests("BYE")


def test_an_invite_that_is_merged_into_the_call_by_its_key_is_absorbed():
    party = answered()
    count = len(party.sent)
    party.receive(invite())
    assert len(party.sent) == count
