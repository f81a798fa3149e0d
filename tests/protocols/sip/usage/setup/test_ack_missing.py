"""A peer whose ACKs get lost: the end, or no matter."""

import pytest

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.policy import Policy
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import sdp
from tests.protocols.sip.usage.party import Party
from tests.protocols.sip.usage.scenes import in_dialog, invite, told_since

SDP = ("Content-Type", "application/sdp")


def answered(*, tolerant, body=None):
    """A call whose 200 waits for its ACK."""
    party = Party(policy=Policy(tolerates_missing_ack=tolerant))
    party.receive(invite(body=body))
    party.do(events.Accept(("chat",)))
    party.prepare()
    return party


def test_where_it_is_tolerated_the_session_begins_without_it():
    party = answered(tolerant=True)
    count = len(party.told)
    party.fire("ack")
    assert told_since(party, count) == ["ACCEPTING>ESTABLISHED", "DidStart"]
    assert party.notes[-1].event == "ack.missing"
    assert "2xx" not in party.running, "nobody is told the answer any more"
    assert not party.call.is_busy
    party.receive(in_dialog(party, "ACK", 1))
    assert told_since(party, count)[2:] == [], "one that comes late is nothing"
    party.do(events.Terminate())
    assert party.last.method == "BYE"


def test_where_it_is_not_the_session_has_failed():
    party = answered(tolerant=False)
    party.fire("ack")
    assert party.failure[:2] == ("local", 408)
    assert party.last.method == "BYE"


def test_a_change_whose_ack_is_missing_is_kept():
    party = answered(tolerant=True)
    party.fire("ack")
    count = len(party.told)
    party.receive(in_dialog(party, "INVITE", 2, SDP, body=sdp(version=2)))
    party.fire("ack")
    assert (party.state, told_since(party, count)) == (State.ESTABLISHED, [])
    assert not party.call.is_busy
    assert "2xx" not in party.running


@pytest.mark.parametrize("when", ["at first", "later"])
def test_one_that_would_bring_the_answer_is_never_done_without(when):
    party = answered(tolerant=True, body=b"" if when == "at first" else None)
    if when == "later":
        party.fire("ack")
        party.receive(in_dialog(party, "INVITE", 2))
    party.fire("ack")
    assert party.failure[:2] == ("local", 408)


def test_one_that_was_asked_to_end_meanwhile_ends():
    party = answered(tolerant=True)
    party.do(events.Terminate())
    party.fire("ack")
    assert party.last.method == "BYE"
    assert "SCSessionDidStart" not in party.names


@pytest.mark.parametrize("accepts", [False, True])
def test_a_timer_that_was_too_late_to_be_stopped_changes_nothing(accepts):
    """Neither before the 200 is out nor after its ACK has come."""
    party = Party(policy=Policy(tolerates_missing_ack=True))
    party.receive(invite())
    party.do(events.Accept(("chat",)))
    if accepts:
        party.prepare()
        party.receive(in_dialog(party, "ACK", 1))
    before = party.call
    party.fire("ack")
    assert party.call == before
