"""An INVITE that several user agents answer: RFC 3261 13.2.2.1, 13.2.2.4."""

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.setup.prack import MOST_FORKS
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.scenes import answer_to, calling, in_dialog


def test_each_early_dialog_rings_and_the_one_that_answers_is_the_call():
    party = calling()
    for tag in ("one", "two", "three"):
        party.receive(answer_to(party, 180, tag=tag))
    assert party.names.count("SCSessionGotRingIndication") == 3
    assert party.call.pending.tags == ("one", "two", "three")
    party.receive(answer_to(party, tag="two"))
    assert party.state is State.ESTABLISHED
    assert party.call.dialog.remote_tag == "two"


def test_every_2xx_is_acknowledged_in_its_own_dialog_and_all_but_the_first_are_ended():
    party = calling()
    party.receive(answer_to(party, 180, tag="one"))
    for tag in ("two", "one", "never-rang"):
        party.receive(answer_to(party, tag=tag))
    assert [each.to.tag for each in party.requests("ACK")] == ["two", "one", "never-rang"]
    assert [each.to.tag for each in party.requests("BYE")] == ["one", "never-rang"]
    assert {each.cseq.number for each in party.requests("ACK")} == {1}
    assert party.state is State.ESTABLISHED
    assert party.names.count("SCSessionDidStart") == 1


def test_a_bye_of_a_fork_that_was_not_taken_is_not_the_end_of_the_call():
    party = calling()
    party.receive(answer_to(party, tag="two"))
    party.receive(answer_to(party, tag="one"))
    party.receive(in_dialog(party, "BYE", 7, tag="one"))
    assert party.statuses("BYE") == [481]
    assert party.state is State.ESTABLISHED


def test_a_fork_that_answers_while_the_call_ends_is_ended_too():
    party = calling()
    party.receive(answer_to(party, tag="two"))
    party.do(events.Terminate())
    party.receive(answer_to(party, tag="one"))
    assert [each.to.tag for each in party.requests("BYE")] == ["two", "one"]


def test_a_provisional_response_whose_to_nobody_can_read_allows_cancel_all_the_same():
    party = calling()
    party.receive(answer_to(party, 180).replacing({"To": "<<"}))
    assert party.call.pending.provisional
    party.do(events.Terminate())
    assert party.last.method == "CANCEL"


def test_no_peer_makes_us_remember_any_number_of_early_dialogs():
    party = calling()
    for number in range(40):
        party.receive(answer_to(party, 180, tag=f"tag{number}"))
    assert len(party.call.pending.tags) == 16


def test_no_peer_makes_us_end_any_number_of_forks():
    """Each costs a transaction that repeats its BYE for half a minute."""
    party = calling()
    for number in range(MOST_FORKS + 10):
        party.receive(answer_to(party, tag=f"tag{number}"))
    assert len(party.requests("ACK")) == len(party.call.acks) == MOST_FORKS + 1
    assert len(party.requests("BYE")) == MOST_FORKS
    assert [each.data["why"] for each in party.notes if each.event == "response.dropped"] == ["too many forks"] * 9
    party.receive(answer_to(party, tag="tag7"))
    assert party.last.method == "ACK", "a repeat is one of those that are known"
