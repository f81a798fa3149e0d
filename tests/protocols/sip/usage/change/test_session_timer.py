"""Session timers: who asks for what, who refreshes, and what is refused. RFC 4028."""

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.policy import DEFAULT, Policy
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.extended import SUPPORTS, TIMED, accepted, calling, reply, ringing, timed
from tests.protocols.sip.usage.scenes import answer_to, in_dialog


def expires(text):
    return ("Session-Expires", text)


def clocks(party):
    return {name: party.running[name] for name in ("refresh", "expiry") if name in party.running}


# ------------------------------------------------------------- asking


def test_an_invite_asks_for_what_the_policy_says_and_says_what_is_supported():
    request = calling(TIMED).last
    assert (request.get("session-expires"), request.get("min-se")) == ("1800", None)
    assert "timer" in request.supported


def test_who_wants_no_timer_asks_for_none_and_supports_it():
    request = calling().last
    assert (request.get("session-expires"), request.get("min-se")) == (None, None)
    assert "timer" in request.supported


def test_a_minimum_that_is_not_the_usual_one_is_told_and_is_the_least_that_is_asked_for():
    request = calling(Policy(100, 120)).last
    assert (request.get("session-expires"), request.get("min-se")) == ("120", "120")


@pytest.mark.parametrize(
    ("answer", "running"),
    [
        ("1800;refresher=uac", {"refresh": 900.0}),
        ("1800;refresher=uas", {"expiry": 1768.0}),
        ("90;refresher=uas", {"expiry": 60.0}),
        ("120", {"refresh": 60.0}),
        ("1;refresher=uac", {"refresh": 45.0}),
        ("0", {}),
        ("junk", {}),
        (None, {}),
    ],
)
def test_the_answer_says_who_refreshes_and_when(answer, running):
    """Without Session-Expires there is no timer; less than what was asked for at least is taken for that."""
    party = calling(TIMED)
    party.receive(answer_to(party, 200, *([expires(answer)] if answer else [])))
    assert party.state is State.ESTABLISHED
    assert clocks(party) == running


def test_nothing_changes_for_a_peer_that_knows_no_timers():
    party = accepted(policy=TIMED)
    answer = next(each for each in party.sent if getattr(each, "status", 0) == 200)
    assert (answer.get("session-expires"), answer.require) == (None, ())
    assert clocks(party) == {}


# ------------------------------------------------------------- 422


def test_a_422_is_followed_with_its_minimum_and_the_same_offer():
    party = calling(TIMED)
    first = party.last
    party.receive(answer_to(party, 422, ("Min-SE", "3600")))
    again = party.last
    assert (again.get("session-expires"), again.get("min-se")) == ("3600", "3600")
    assert (again.cseq.number, again.body, again.call_id) == (2, first.body, first.call_id)
    assert again.via.branch != first.via.branch
    party.receive(answer_to(party, 200, expires("3600;refresher=uac")))
    assert clocks(party) == {"refresh": 1800.0}


def test_answers_of_422_are_not_followed_for_ever():
    party = calling(TIMED)
    for minimum in range(2000, 9000, 1000):
        if party.state is State.CALLING:
            party.receive(answer_to(party, 422, ("Min-SE", str(minimum))))
    assert len(party.requests("INVITE")) == 4
    assert party.failure[:2] == ("remote", 422)


@pytest.mark.parametrize("header", [(), (("Min-SE", "x"),), (("Min-SE", "1800"),)])
def test_a_422_that_asks_for_no_more_is_a_failure(header):
    party = calling(TIMED)
    party.receive(answer_to(party, 422, *header))
    assert party.failure[:2] == ("remote", 422)


def test_a_422_for_who_did_not_ask_is_a_failure():
    party = calling()
    party.receive(answer_to(party, 422, ("Min-SE", "3600")))
    assert len(party.requests("INVITE")) == 1
    assert party.failure[:2] == ("remote", 422)


def test_an_interval_that_is_too_small_is_refused_with_the_minimum():
    with pytest.raises(RemoteProtocolError) as caught:
        ringing(SUPPORTS, expires("60"), policy=TIMED)
    assert (caught.value.status, caught.value.header) == (422, ("Min-SE", "90"))


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_one_that_is_too_small_is_refused_in_the_dialog_too(method):
    party = accepted(SUPPORTS, policy=TIMED)
    before = clocks(party)
    contact = ("Contact", "<sip:new@192.0.2.2>")
    party.receive(in_dialog(party, method, 2, SUPPORTS, contact, expires("60")))
    assert (party.last.status, party.last.get("min-se")) == (422, "90")
    assert clocks(party) == before
    assert party.call.dialog.remote_target == "sip:peer@192.0.2.2:5060"


@pytest.mark.parametrize("header", [expires("x"), ("Min-SE", "x"), expires("90;")])
def test_a_header_that_cannot_be_read_is_refused(header):
    with pytest.raises(RemoteProtocolError) as caught:
        ringing(SUPPORTS, header)
    assert caught.value.status == 400


# ------------------------------------------------------------- granting


def granted(party):
    answer = party.last
    assert answer.status == 200
    return answer.get("session-expires"), tuple(answer.require)


def answering(*headers, policy=TIMED):
    party = ringing(*headers, policy=policy)
    party.do(events.Accept(("chat",)))
    party.prepare()
    return party


@pytest.mark.parametrize(
    ("headers", "policy", "answer", "running"),
    [
        ((SUPPORTS, expires("1200")), TIMED, "1200;refresher=uac", {"expiry": 1168.0}),
        ((SUPPORTS, expires("1200;refresher=uas")), TIMED, "1200;refresher=uas", {"refresh": 600.0}),
        ((SUPPORTS, expires("7200")), TIMED, "1800;refresher=uac", {"expiry": 1768.0}),
        ((SUPPORTS, expires("7200"), ("Min-SE", "3600")), TIMED, "3600;refresher=uac", {"expiry": 3568.0}),
        ((SUPPORTS, expires("7200")), DEFAULT, "7200;refresher=uac", {"expiry": 7168.0}),
        ((SUPPORTS,), TIMED, "1800;refresher=uas", {"refresh": 900.0}),
        ((SUPPORTS, ("Min-SE", "2000")), TIMED, "2000;refresher=uas", {"refresh": 1000.0}),
        ((("Require", "timer"), expires("300")), DEFAULT, "300;refresher=uac", {"expiry": 268.0}),
    ],
)
def test_a_peer_that_knows_timers_gets_the_interval_and_the_refresher(headers, policy, answer, running):
    party = answering(*headers, policy=policy)
    assert granted(party) == (answer, ("timer",))
    assert clocks(party) == running


def test_what_a_proxy_asks_for_is_our_work_and_requires_nothing():
    """RFC 4028 table 2: the caller does not know what it is."""
    party = answering(expires("1200"))
    assert granted(party) == ("1200;refresher=uas", ())
    assert clocks(party) == {"refresh": 600.0}


def test_what_a_proxy_asks_for_is_not_done_at_any_pace():
    party = answering(expires("2"))
    assert granted(party) == (None, ())
    assert clocks(party) == {}


def test_without_asking_there_is_no_timer_for_who_wants_none():
    party = answering(SUPPORTS, policy=DEFAULT)
    assert granted(party) == (None, ())
    assert clocks(party) == {}


def test_the_refresher_stays_the_same_when_a_later_request_does_not_name_one():
    party = answering(SUPPORTS, expires("1200;refresher=uas"))
    party.receive(in_dialog(party, "ACK", 1))
    party.receive(in_dialog(party, "UPDATE", 2, SUPPORTS, expires("1200")))
    assert granted(party)[0] == "1200;refresher=uas"
    party.receive(in_dialog(party, "UPDATE", 3, SUPPORTS))
    assert granted(party)[0] == "1200;refresher=uas"
    party.receive(in_dialog(party, "UPDATE", 4, SUPPORTS, expires("1200;refresher=uac")))
    assert granted(party)[0] == "1200;refresher=uac"
    assert clocks(party) == {"expiry": 1168.0}


def test_a_later_request_may_end_the_timer():
    party = answering(SUPPORTS, expires("1200"), policy=DEFAULT)
    party.receive(in_dialog(party, "ACK", 1))
    party.receive(in_dialog(party, "UPDATE", 2, SUPPORTS))
    assert granted(party) == (None, ())
    assert clocks(party) == {}


# ------------------------------------------------------------- both


def test_each_change_of_the_session_refreshes_it():
    caller, callee, wire = timed()
    assert clocks(caller) == {"refresh": 900.0}
    caller.now = callee.now = 500.0
    callee.do(events.Hold())
    wire.carry()
    request = callee.requests("INVITE")[0]
    assert request.get("session-expires") == "1800;refresher=uas"
    assert (caller.due["refresh"], callee.due["expiry"]) == (1400.0, 2268.0)


def test_what_was_settled_is_logged_when_it_is_something_else_than_before():
    caller, callee, wire = timed()
    caller.fire("refresh")
    wire.carry()
    notes = [[each.data for each in party.notes if each.event == "session.timed"] for party in (caller, callee)]
    assert notes == [[{"seconds": 1800, "refresher": "local"}], [{"seconds": 1800, "refresher": "remote"}]]


def test_the_end_stops_the_clocks():
    for party in timed()[:2]:
        assert clocks(party)
        party.do(events.Terminate())
        if party.requests("BYE"):
            party.receive(reply(party.requests("BYE")[-1], 200))
        assert party.state is State.TERMINATED
        assert clocks(party) == {}


def test_an_invite_of_the_peer_is_told_what_is_supported():
    party = ringing(policy=TIMED)
    party.do(events.Accept(("chat",)))
    party.prepare()
    assert set(party.last.supported) >= {"timer", "100rel"}
