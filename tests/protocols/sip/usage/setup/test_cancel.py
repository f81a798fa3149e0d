"""CANCEL, sent and received: RFC 3261 9."""

import pytest

from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import ALICE, BOB, TOKEN, UDP, Party
from tests.protocols.sip.usage.scenes import answer_to, answered, calling, cancel_of, in_dialog, invite, ringing


def ringing_there() -> Party:
    party = calling()
    party.receive(answer_to(party, 180))
    return party


def test_cancel_follows_a_provisional_at_once():
    party = ringing_there()
    party.do(events.Terminate())
    cancel, invite_ = party.last, party.requests("INVITE")[0]
    assert (cancel.method, cancel.via, str(cancel.cseq)) == ("CANCEL", invite_.via, "1 CANCEL")
    assert (cancel.uri, cancel.call_id, cancel.to) == (invite_.uri, invite_.call_id, invite_.to)
    assert party.states[-1] == "TERMINATING"
    assert party.names[-1] == "SCSessionWillEnd"


def test_cancel_waits_for_a_provisional():
    party = calling()
    party.do(events.Terminate())
    assert not party.requests("CANCEL")
    for status in (100, 180):
        party.receive(answer_to(party, status))
    assert len(party.requests("CANCEL")) == 1


@pytest.mark.parametrize("sent", [True, False])
def test_487_ends_the_call_without_a_failure(sent):
    party = ringing_there() if sent else calling()
    party.do(events.Terminate())
    party.receive(answer_to(party, 487))
    assert party.last.method == "ACK"
    assert party.names[-2:] == ["SCSessionWillEnd", "SCSessionDidEnd"]
    assert party.told[-1].data == {"originator": "local"}


@pytest.mark.parametrize("status", [200, 481])
def test_the_answer_to_the_cancel_itself_ends_nothing(status):
    party = ringing_there()
    party.do(events.Terminate())
    party.receive(response_to(party.requests("CANCEL")[0], status))
    assert party.state is State.TERMINATING


def test_a_cancelled_invite_without_final_response_is_given_up_after_64_t1():
    """RFC 3261 9.1. Its transaction is handed over all the same: an answer that comes late gets its ACK."""
    party = ringing_there()
    party.do(events.Terminate())
    assert party.running["cancelled"] == 32.0
    party.fire("cancelled")
    assert party.names[-1] == "SCSessionDidEnd"
    assert {(key[-1], each.state) for key, each in party.handed.entries.items()} == {
        ("CANCEL", "trying"),
        ("INVITE", "withdrawn"),
    }


def test_a_cancel_that_waits_ends_with_the_timeout_of_the_invite():
    party = calling()
    party.do(events.Terminate())
    party.fire((next(iter(party.call.transactions.entries)), "B"))
    assert party.names == ["SCSessionNewOutgoing", "SCSessionWillEnd", "SCSessionDidEnd"]


def test_a_call_that_was_not_sent_ends_at_once_and_is_never_sent():
    party = Party()
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",)))
    party.do(events.Terminate())
    assert party.states == ["CALLING", "TERMINATING", "TERMINATED"]
    assert party.do(events.TargetResolved(UDP)) == []
    assert party.prepare() == []
    assert not party.sent


def test_a_cancel_that_cannot_be_sent_leaves_the_clock_to_end_the_call():
    party = ringing_there()
    party.do(events.Terminate())
    party.refuse(party.last)
    assert party.notes[-1].event == "transaction.failed"
    party.fire("cancelled")
    assert party.state is State.TERMINATED


def test_a_late_clock_of_the_cancel_does_not_end_the_bye():
    party = ringing_there()
    party.do(events.Terminate())
    party.receive(answer_to(party))
    assert party.fire("cancelled") == []


# ------------------------------------------------------------- the peer's


@pytest.mark.parametrize("accepted", [False, True])
def test_a_cancel_in_time_gets_200_and_the_invite_487(accepted):
    party = ringing()
    if accepted:
        party.do(events.Accept(("chat",)))
    party.receive(cancel_of(invite()))
    assert (party.statuses("CANCEL"), party.statuses()) == ([200], [180, 487])
    assert [each.to.tag for each in party.sent] == [TOKEN] * 3
    assert party.failure[:2] == ("remote", 487)
    assert party.failure[2]


def test_a_cancel_after_the_call_is_established_is_answered_and_changes_nothing():
    """RFC 3261 9.2: its transaction is still there, for 64*T1."""
    party = answered()
    party.receive(cancel_of(invite()))
    assert party.statuses("CANCEL") == [200]
    assert party.state is State.ESTABLISHED


@pytest.mark.parametrize("party", [calling, ringing, answered])
def test_a_cancel_of_no_invite_gets_481_and_changes_nothing(party):
    party = party()
    before = party.state
    party.receive(in_dialog(party, "CANCEL", 9))
    assert party.statuses("CANCEL") == [481]
    assert party.state is before
    assert party.notes[-1].data["reason"]


def test_a_repeated_cancel_gets_its_answer_again():
    party = answered()
    for _ in range(2):
        party.receive(cancel_of(invite()))
    assert party.statuses("CANCEL") == [200, 200]


def test_a_cancel_of_a_refused_reinvite_is_answered_and_changes_nothing():
    party = answered()
    again = in_dialog(party, "INVITE", 2, ("Content-Type", "application/sdp"), body=b"junk")
    party.receive(again)
    party.receive(cancel_of(again))
    assert (party.statuses(), party.statuses("CANCEL")) == ([180, 200, 488], [200])
    assert party.state is State.ESTABLISHED
