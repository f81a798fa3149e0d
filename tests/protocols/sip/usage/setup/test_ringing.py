"""How long an incoming call rings: RFC 3261 13.3.1 step 1."""

import pytest

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.policy import Policy
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import Party
from tests.protocols.sip.usage.scenes import answering, invite, ringing, talking


def test_an_invite_that_expires_before_it_is_answered_is_refused_with_487():
    party = ringing(("Expires", "90"))
    assert party.running == {"ringing": 60.0}
    party.fire("ringing")
    assert (party.statuses(), party.running) == ([180, 180], {"ringing": 30.0})
    party.fire("ringing")
    assert (party.statuses(), party.state) == ([180, 180, 487], State.TERMINATED)
    assert party.names[-2:] == ["SCSessionDidFail", "SCSessionDidEnd"]
    failed = next(each for each in party.told if each.name == "SCSessionDidFail").data
    assert (failed["originator"], failed["code"]) == ("remote", 487)
    assert "not answered in 90 s" in failed["reason"]


@pytest.mark.parametrize("expires", ["", "4294967295", "99999999999999999999", "Thu, 01 Dec 1994 16:00:00 GMT"])
def test_nobody_rings_longer_than_is_let(expires):
    party = ringing(("Expires", expires))
    party.run_down()
    assert (party.statuses(), party.now) == ([180, 180, 180, 408], 180.0)
    failed = next(each for each in party.told if each.name == "SCSessionDidFail").data
    assert (failed["originator"], failed["code"]) == ("local", 408)
    assert "180 s, the longest" in failed["reason"]
    assert "180 s, the longest" in party.last.warning


def test_the_application_says_how_long_that_is():
    party = Party(policy=Policy(ringing_seconds=1.5))
    party.receive(invite(("Expires", "2")))
    assert party.running == {"ringing": 1.5}
    party.fire("ringing")
    assert party.last.status == 408


def test_an_invite_that_says_it_has_expired_rings_for_a_moment():
    assert ringing(("Expires", "0")).running == {"ringing": 1.0}


def test_an_invite_may_expire_while_the_streams_are_prepared_but_not_when_its_200_is_out():
    party = ringing(("Expires", "1"))
    party.do(events.Accept(("chat",)))
    party.fire("ringing")
    assert (party.last.status, party.state) == (487, State.TERMINATED)

    party = answering(("Expires", "1"))
    party.fire("ringing")
    assert (party.last.status, party.state) == (200, State.ACCEPTING)


def test_after_a_crash_it_rings_no_longer_than_was_left():
    party = ringing(("Expires", "70"))
    party.fire("ringing")
    party.running.clear()
    party.do(events.Resumed())
    assert party.running == {"ringing": 10.0}


def test_a_proposal_within_a_session_waits_for_its_answer_without_an_end():
    caller, callee, wire = talking("chat")
    caller.do(events.AddStream("audio"))
    wire.carry()
    for _ in range(5):
        callee.fire("ringing")
    assert (callee.state, callee.statuses()) == (State.PROPOSED, [180] * 6)
