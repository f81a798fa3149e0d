"""When the actor of a registration crashes, or has no time left."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.registration.events import Abandoned, Crashed, Register, Resumed, Unregister
from tests.protocols.sip.registration.registrar import Registering, registered, registering
from tests.protocols.sip.request.sending import CHALLENGE


def test_a_crash_costs_one_register_more():
    party = registered()
    party.timers.clear()
    party.take(Resumed())
    assert (party.state, len(party.requests)) == ("refreshing", 2)
    assert party.timers["expiry"] == 600


def test_a_crash_while_it_asks_makes_it_ask_again_with_the_next_number():
    party = registering()
    party.take(Resumed())
    assert [each.cseq.number for each in party.requests] == [1, 2]
    party.answer(200, number=0)
    assert party.state == "registering"


def test_a_crash_while_it_waits_costs_no_try():
    party = registering()
    party.lose()
    party.timers.clear()
    party.take(Resumed())
    assert party.state == "registering"


@pytest.mark.parametrize("wish", [(), (Unregister(),)])
def test_a_crash_while_it_ends_does_not_keep_it_from_ending(wish):
    party = registered()
    party.fire("refresh")
    party.take(Unregister())
    party.take(Resumed())
    assert party.asked_for[-1] == 0
    party.answer(200)
    assert party.ended == 1


def test_one_crash_too_many_is_a_failure_that_may_pass():
    party = registered()
    party.take(Crashed("crashed too often"))
    assert (party.state, party.data("DidFail")["reason"]) == ("fading", "crashed too often")
    party.fire("retry")
    party.grant()
    assert party.state == "registered"


def test_one_crash_too_many_ends_what_is_ending():
    party = registered()
    party.take(Unregister())
    party.take(Crashed("crashed too often"))
    assert (party.state, party.ended) == ("unregistered", 1)


def test_an_answer_that_comes_after_one_crash_too_many_is_not_followed():
    party = registering()
    party.take(Crashed("crashed too often"))
    party.answer(401, (CHALLENGE,))
    assert (party.state, len(party.requests)) == ("waiting", 1)


@pytest.mark.parametrize("begin", [registering, registered])
def test_without_time_it_ends_without_an_answer(begin):
    party = begin()
    party.take(Abandoned("the engine is stopping"))
    assert party.data("DidEnd") == {"code": None, "reason": "the engine is stopping", "expired": False}
    assert party.names().count("DidEnd") == 1
    left = {each for each in party.timers if isinstance(each, str)}
    assert (party.state, party.ended, left) == ("unregistered", 1, set())


def test_nothing_is_asked_for_before_it_is_wanted():
    party = Registering()
    party.take(Unregister())
    assert (party.requests, party.told) == ([], [])
    party.take(Register())
    assert len(party.requests) == 1


@pytest.mark.parametrize("event", [Resumed(), Crashed("why not"), Abandoned("the engine is stopping")])
def test_what_is_over_stays_over_and_tells_nothing_more(event):
    party = registering()
    party.answer(403)
    party.told.clear()
    party.take(event)
    assert (party.told, party.state, party.ended) == ([], "unregistered", 2)
