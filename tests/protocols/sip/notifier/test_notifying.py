"""A subscription that was made here (RFC 6665 4.2)."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.message import parse
from sipsimple.protocols.sip.notifier.admission import admit
from sipsimple.protocols.sip.notifier.notifier import Accept, Reject, Terminate
from sipsimple.protocols.sip.notifier.state import EXPIRY, PATIENCE
from sipsimple.protocols.sip.notifier.step import Again
from sipsimple.protocols.sip.notifier.telling import MOST_WAITING
from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import RequestArrived, Resumed
from sipsimple.protocols.values import replace
from tests.protocols.sip.asker import FLOW, TOKEN, client
from tests.protocols.sip.notifier.notifying import Notifying, accepted, subscribe


def own_timers(party):
    return {name for name in party.timers if isinstance(name, str)}


def test_what_is_accepted_is_granted_and_told_at_once():
    party = Notifying()
    assert own_timers(party) == {PATIENCE}
    party.take(Accept(120, party.document("green")))
    (response,), (request,) = party.responses, party.requests

    assert (response.status, response.get("expires"), response.to.tag) == (200, "120", TOKEN)
    assert response.get("contact") == "<sip:bob@192.0.2.1:5060>"
    assert (request.method, request.uri, request.to.tag, request.from_.tag) == (
        "NOTIFY",
        "sip:carol@192.0.2.9",
        "theirs",
        TOKEN,
    )
    assert (request.get("event"), request.get("call-id")) == ("x-tea;id=7", "call-1")
    assert party.last() == ("active;expires=120", b"green")
    assert own_timers(party) == {EXPIRY}
    assert party.told[0].data == {"prev_state": "incoming", "state": "active", "code": None, "reason": None}


@pytest.mark.parametrize(("asked", "granted"), [(60, 60), (None, 3600), (10**9, 7200)])
def test_no_more_is_granted_than_was_asked_for(asked, granted):
    party = Notifying(asked)
    party.take(Accept(7200))
    assert party.responses[0].get("expires") == str(granted)


def test_each_notify_waits_for_the_answer_to_the_one_before_and_says_what_is_left():
    party = accepted()
    party.notify("one")
    party.notify("two")
    assert party.last() == ("active;expires=600", b"one")
    party.wait(100)
    party.answer(200)
    assert party.last() == ("active;expires=500", b"two")
    party.answer(200)
    assert [each.cseq.number for each in party.requests] == [1, 2, 3]


def test_of_too_many_that_wait_the_oldest_are_left_out():
    party = accepted()
    for number in range(MOST_WAITING + 3):
        party.notify(str(number))
    assert len(party.core.waiting) == MOST_WAITING
    assert "notifier.left_out" in party.notes


def test_a_refresh_is_answered_with_the_whole_state():
    party = accepted(document=None)
    party.notify("green")
    party.answer(200)
    party.wait(400)
    assert party.receive(subscribe(2, 300)) == 200
    assert party.last() == ("active;expires=300", b"green")
    assert party.timers[EXPIRY] == 300
    assert party.data("GotRefresh") == {"expires": 300}


def test_a_refresh_moves_the_target():
    party = accepted()
    party.receive(subscribe(2, Contact="<sip:carol@198.51.100.7>"))
    assert party.requests[-1].uri == "sip:carol@198.51.100.7"
    assert party.resolved[-1] == "sip:carol@198.51.100.7"


"""A connection that the subscriber opened, who listens at port 5060."""


def test_who_unsubscribes_gets_the_state_once_more():
    party = accepted()
    party.notify("green")
    assert party.receive(subscribe(2, 0)) == 200
    party.answer(200)
    assert party.last() == ("terminated;reason=timeout", b"green")
    party.answer(200)
    assert party.told[-1].data == {"code": None, "reason": "timeout", "expired": False}
    assert (len(party.handed_over), own_timers(party)) == (1, set())


def test_a_fetch_is_told_the_state_once():
    party = Notifying(0)
    party.take(Accept(600, party.document("green")))
    assert party.last() == ("terminated;reason=timeout", b"green")
    party.answer(200)
    assert party.core.is_over


def test_what_has_run_out_is_told_so():
    party = accepted()
    party.fire(EXPIRY)
    assert party.last() == ("terminated;reason=timeout", b"")
    party.answer(200)
    assert party.data("DidEnd")["expired"]


def test_what_waits_is_told_before_the_end():
    party = accepted()
    party.notify("one")
    party.notify("two")
    party.take(Terminate("giveup", 40))
    party.answer(200)
    assert party.last() == ("terminated;reason=giveup;retry-after=40", b"two")


def test_a_pending_subscriber_sees_nothing():
    party = Notifying()
    party.take(Accept(600, party.document("secret"), is_pending=True))
    assert party.last() == ("pending;expires=600", b"")
    party.answer(200)
    party.notify("open")
    assert party.last() == ("active;expires=600", b"open")


@pytest.mark.parametrize("state", ["pending", "active"])
def test_a_subscriber_who_was_never_let_see_anything_sees_nothing_at_the_end(state):
    party = Notifying()
    party.take(Accept(600, party.document("secret"), is_pending=state == "pending"))
    party.answer(200)
    party.take(Terminate("rejected"))
    assert party.last() == ("terminated;reason=rejected", b"" if state == "pending" else b"secret")


def test_a_pending_subscriber_is_refreshed_as_an_active_one_is():
    party = Notifying()
    party.take(Accept(600, is_pending=True))
    party.answer(200)
    assert party.receive(subscribe(2, 300)) == 200
    assert party.last() == ("pending;expires=300", b"")


def test_who_does_not_take_the_last_notify_is_the_reason_of_the_end():
    party = accepted()
    party.take(Terminate("giveup"))
    party.answer(481)
    assert party.data("DidEnd") == {"code": 481, "reason": "Call/Transaction Does Not Exist", "expired": False}


def test_after_the_end_a_subscribe_is_left_to_whoever_keeps_the_transactions():
    party = Notifying()
    party.take(Reject(489))
    over, answered = party.core, len(party.responses)
    party.do(party.request_arrived, RequestArrived(subscribe(2), FLOW))
    assert (party.core, len(party.responses)) == (over, answered)


def test_a_rejection_is_the_end():
    party = Notifying()
    party.take(Reject(489))
    assert (party.responses[0].status, party.requests) == (489, [])
    assert party.data("DidEnd") == {"code": 489, "reason": "Bad Event", "expired": False}


def test_what_nobody_decides_about_is_refused_before_the_subscriber_gives_up():
    party = Notifying()
    assert party.fire(PATIENCE) == 16
    assert party.responses[0].status == 480
    assert party.core.is_over


@pytest.mark.parametrize("fail", [lambda party: party.answer(481), lambda party: party.time_out()])
def test_a_subscriber_who_does_not_take_it_is_told_no_more(fail):
    party = accepted()
    party.notify("green")
    fail(party)
    assert party.names()[-1].endswith("DidEnd")
    assert party.core.is_over


def test_a_subscriber_in_trouble_is_told_later():
    party = accepted()
    party.notify("one")
    party.answer(500, (("Retry-After", "5"),))
    assert party.data("NotifyDidFail") == {"code": 500, "reason": "Server Internal Error", "originator": "remote"}
    assert party.names() == ["NotifyDidFail"]
    party.notify("two")
    assert party.last() == ("active;expires=600", b"two")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (subscribe(2, Event="x-tea"), 489),
        (subscribe(2, Event=None), 400),
        (subscribe(2, Expires="soon"), 400),
        (subscribe(0), 500),
        (subscribe(2, From="<sip:carol@example.net>;tag=other"), 481),
        (subscribe(2, tag=None), 482),
        (subscribe(2, CSeq="2 NOTIFY"), 400),
        (subscribe(2, Require="x-cup"), 420),
    ],
)
def test_what_does_not_belong_to_it_is_refused_and_changes_nothing(request_, status):
    party = accepted()
    before = party.core
    assert party.receive(request_) == status
    assert replace(party.core, client=before.client) == before


@pytest.mark.parametrize("lines", [{"Contact": None}, {"Event": "a b"}, {"Expires": "x"}])
def test_a_malformed_subscribe_makes_nothing(lines):
    with pytest.raises(RemoteProtocolError):
        Notifying(**lines)


def test_who_subscribes_to_nobody_in_particular_reaches_us_all_the_same():
    first = parse(bytes(subscribe(1, tag=None)).replace(b"sip:bob@192.0.2.1", b"sip:192.0.2.1"))
    assert admit(first, FLOW, client()).contact.uri(FLOW) == f"sip:{TOKEN}@192.0.2.1:5060"


def test_a_repeated_subscribe_is_answered_again():
    party = Notifying()
    party.take(Accept(600))
    assert party.receive(party.first) == 200
    assert len(party.requests) == 1


def test_a_crash_costs_no_timer_and_no_document():
    party = accepted()
    party.wait(100)
    party.core = replace(party.core, waiting=(party.document("green"),))
    party.timers.clear()
    party.take(Resumed())
    assert party.timers[EXPIRY] == 500
    assert party.last() == ("active;expires=500", b"green")

    waiting = Notifying()
    waiting.timers.clear()
    waiting.take(Resumed())
    assert own_timers(waiting) == {PATIENCE}


def test_a_document_that_is_given_twice_is_told_once():
    party = accepted()
    document = party.document("green")
    party.take(document)
    party.answer(200)
    party.take(document)
    assert len(party.requests) == 2


def test_a_decision_that_a_crash_has_cost_is_carried_out_again_and_once():
    party = Notifying()
    again = Again((Accept(600, party.document("one")), party.document("two")))
    party.take(again)
    party.answer(200)
    party.answer(200)
    party.take(again)
    assert [each.body for each in party.requests] == [b"one", b"two"]
    assert len(party.responses) == 1


def test_another_network_is_told_to_the_subscriber():
    party = accepted()
    party.finds = Flow("udp", ("198.51.100.1", 5060), FLOW.remote)
    party.take(NetworkChanged())
    assert party.requests[-1].get("contact") == "<sip:bob@198.51.100.1:5060>"


def test_neither_seed_nor_body_is_shown():
    party = accepted(document=None)
    party.notify("secret tea")
    party.notify("secret too")
    assert "secret t" not in repr(party.core)


def test_it_needs_no_password():
    assert Notifying().core.client.token == client().token
