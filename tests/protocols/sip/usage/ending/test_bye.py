"""BYE, sent and received: RFC 3261 15."""

import pytest

from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import sdp
from tests.protocols.sip.usage.party import TAG, converse
from tests.protocols.sip.usage.scenes import answer_to, answered, both_established, calling, established, in_dialog

FAILED = events.Abandoned("crashed too often")
PARTIES = pytest.mark.parametrize("make", [established, answered])


@PARTIES
def test_terminate_sends_bye_and_the_end_is_told_with_its_answer(make):
    party = make()
    party.do(events.Terminate())
    bye = party.last
    assert (bye.method, bye.to.tag, bye.from_.tag) == ("BYE", TAG, party.call.identity.token)
    assert bye.cseq.number == (2 if make is established else 1)
    assert party.state is State.TERMINATING
    party.receive(response_to(bye, 200))
    assert party.names[-2:] == ["SCSessionWillEnd", "SCSessionDidEnd"]
    assert party.asked[-1] == outputs.StopStream("chat", linger=True)


@PARTIES
@pytest.mark.parametrize("status", [200, 401, 408, 481, 500])
def test_any_final_response_to_the_bye_ends_the_call(make, status):
    party = make()
    party.do(events.Terminate())
    party.receive(response_to(party.last, 100))
    assert party.state is State.TERMINATING
    party.receive(response_to(party.last, status))
    assert party.told[-1].data == {"originator": "local"}


def test_the_answer_to_the_bye_counts_whatever_tags_it_bears():
    party = established()
    party.do(events.Terminate())
    party.receive(response_to(party.last, 200).replacing({"To": "<sip:bob@example.org>;tag=mangled"}))
    assert party.state is State.TERMINATED


@pytest.mark.parametrize("how", ["timeout", "transport"])
def test_a_bye_that_nobody_answers_ends_the_call(how):
    party = established()
    party.do(events.Terminate())
    if how == "timeout":
        party.fire((party.call.bye, "F"))
    else:
        party.refuse(party.last)
    assert party.names[-1] == "SCSessionDidEnd"
    assert "SCSessionDidFail" not in party.names


@PARTIES
def test_the_peers_bye_is_answered_and_ends_the_call(make):
    party = make()
    party.receive(in_dialog(party, "BYE", 2))
    assert (party.last.status, party.last.cseq.method) == (200, "BYE")
    assert party.told[-1].data == {"originator": "remote"}
    assert party.states[-1] == "TERMINATED"
    assert "SCSessionWillEnd" not in party.names


def test_nobody_waits_for_the_streams_when_the_peer_is_gone_or_the_call_has_failed():
    for stimulus in (lambda party: party.receive(in_dialog(party, "BYE", 2)), lambda party: party.do(FAILED)):
        party = established()
        stimulus(party)
        assert party.asked[-1] == outputs.StopStream("chat", linger=False)


def test_two_byes_that_cross_are_both_answered_and_each_side_ended_itself():
    caller, callee = both_established()
    caller.do(events.Terminate())
    callee.do(events.Terminate())
    converse(caller, callee)
    for party in (caller, callee):
        assert party.statuses("BYE") == [200]
        assert party.told[-1].data == {"originator": "local"}
        assert party.names.count("SCSessionDidEnd") == 1
        assert party.call.bye in party.handed.entries


def test_a_bye_ends_the_repeats_of_a_2xx_that_waits_for_its_ack():
    party = established()
    party.receive(in_dialog(party, "INVITE", 2, ("Content-Type", "application/sdp"), body=sdp()))
    assert "2xx" in party.running
    party.do(events.Terminate())
    assert not {"2xx", "ack"} & party.running.keys()
    party.receive(in_dialog(party, "ACK", 2))
    assert len(party.requests("BYE")) == 1


def test_a_bye_before_there_is_a_dialog_gets_481():
    party = calling()
    party.receive(in_dialog(party, "BYE", 1))
    assert party.last.status == 481
    party.receive(answer_to(party, 180))
    party.do(events.Terminate())
    party.receive(in_dialog(party, "BYE", 2))
    assert party.last.status == 481
    assert party.state is State.TERMINATING, "the cancelled INVITE still has to end"


def test_what_comes_after_the_end_is_not_answered():
    party = established()
    party.receive(in_dialog(party, "BYE", 2))
    count = len(party.sent)
    for method in ("BYE", "OPTIONS", "INVITE", "ACK"):
        assert party.receive(in_dialog(party, method, 9)) == []
    assert party.receive(answer_to(party)) == []
    assert party.refuse(party.requests("INVITE")[0]) == []
    assert party.fire((next(iter(party.handed.entries)), "M")) == []
    assert len(party.sent) == count
