"""An INVITE whose sender sends no PRACK gets 504 after 64*T1: RFC 3262 3."""

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.extended import SUPPORTS, ringing, timed
from tests.protocols.sip.usage.party import BACK
from tests.protocols.sip.usage.scenes import in_dialog

REQUIRES = ("Require", "100rel")
WHY = "no PRACK came for the provisional response"


def test_a_call_that_rings_is_refused():
    party = ringing(REQUIRES)
    party.fire("prack")
    assert party.statuses() == [180, 504]
    assert WHY in party.last.warning
    assert party.failure == ("local", 504, WHY)


def test_a_call_whose_streams_are_not_ready_yet_too():
    party = ringing(REQUIRES)
    party.do(events.Accept(("chat",)))
    party.fire("prack")
    assert party.statuses() == [180, 504]
    assert party.state is State.TERMINATED


def test_one_that_was_answered_is_not():
    party = ringing(REQUIRES, SUPPORTS)
    party.do(events.Accept(("chat",)))
    party.prepare()
    before = party.call
    for name in ("prack", "1xx"):
        party.fire(name)
    assert party.call == before
    party.receive(in_dialog(party, "ACK", 1))
    assert party.state is State.ESTABLISHED


def test_a_proposal_is_refused_and_the_session_goes_on():
    caller, callee, _wire = timed("chat")
    caller.do(events.AddStream("audio"))
    caller.prepare("audio")
    callee.receive(caller.last.replacing({"Require": "100rel"}), BACK)
    assert callee.state is State.PROPOSED
    callee.fire("1xx")
    callee.fire("prack")
    assert callee.statuses() == [180, 180, 504]
    assert callee.state is State.ESTABLISHED
    assert callee.told[-1].data == {"proposer": "remote", "reason": WHY}
