"""Reliable provisional responses, sent: who gets them, and what PRACK does. RFC 3262 3, 5."""

import pytest

from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.policy import Policy
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import sdp
from tests.protocols.sip.usage.extended import SDP, calling, ringing, timed
from tests.protocols.sip.usage.party import BACK, TAG, TCP, UDP, Party, converse
from tests.protocols.sip.usage.scenes import TERMS, cancel_of, established, in_dialog, invite

REQUIRES = ("Require", "100rel")
SUPPORTS = ("Supported", "100rel")
EAGER = Policy(reliable_provisionals=True)


def provisionals(party):
    return [each for each in party.sent if getattr(each, "status", 999) < 200]


def prack(party, cseq=2, rack=None, **more):
    """Return the PRACK for the last provisional response."""
    rack = rack or f"{provisionals(party)[-1].get('rseq')} 1 INVITE"
    return in_dialog(party, "PRACK", cseq, ("RAck", rack), **more)


def is_waiting(party):
    return {"1xx", "prack"} <= party.running.keys()


# ------------------------------------------------------------- who gets them


@pytest.mark.parametrize(
    ("headers", "policy", "is_reliable"),
    [
        ((REQUIRES,), Policy(), True),
        ((SUPPORTS,), Policy(), False),
        ((SUPPORTS,), EAGER, True),
        ((), EAGER, False),
    ],
)
def test_who_requires_them_gets_them_and_who_supports_them_by_option(headers, policy, is_reliable):
    party = ringing(*headers, policy=policy)
    (response,) = provisionals(party)
    assert response.status == 180
    assert (response.rseq is not None, response.require == ("100rel",)) == (is_reliable, is_reliable)
    assert is_waiting(party) is is_reliable
    assert party.state is State.INCOMING


@pytest.mark.parametrize(("header", "status"), [(REQUIRES, 100), (SUPPORTS, 180)])
def test_an_invite_without_an_offer_gets_none_since_it_would_have_to_bring_ours(header, status):
    """RFC 3262 5: the first reliable response to it must have the offer."""
    party = ringing(header, body=b"", policy=EAGER)
    (response,) = provisionals(party)
    assert (response.status, response.rseq) == (status, None)
    assert not is_waiting(party)
    party.do(events.Accept(("chat",)))
    party.prepare()
    assert party.last.status == 200


# ------------------------------------------------------------- repeats


def test_it_is_sent_again_at_intervals_that_double_until_prack_comes():
    party = ringing(REQUIRES)
    waits = []
    for _ in range(5):
        waits.append(party.running["1xx"])
        party.fire("1xx")
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert party.running["prack"] == 32.0
    assert len({bytes(each) for each in provisionals(party)}) == 1
    assert len(provisionals(party)) == 6
    party.receive(prack(party))
    assert party.last.status == 200
    assert not party.running.keys() & {"1xx", "prack"}


def test_a_repeated_invite_fetches_it_too():
    party = ringing(REQUIRES)
    party.receive(invite(REQUIRES))
    assert bytes(provisionals(party)[0]) == bytes(provisionals(party)[1])


def test_the_next_one_after_a_minute_has_the_next_number():
    party = ringing(REQUIRES)
    party.receive(prack(party))
    first = provisionals(party)[-1].rseq
    party.fire("ringing")
    assert provisionals(party)[-1].rseq == first + 1
    party.receive(prack(party, 3))
    assert party.last.status == 200


def test_the_next_one_waits_for_the_prack_of_this_one():
    party = ringing(REQUIRES)
    party.fire("ringing")
    assert len(provisionals(party)) == 1
    assert party.running["ringing"] == 60.0


# ------------------------------------------------------------- PRACK


@pytest.mark.parametrize("rack", ["1 1 INVITE", "{} 2 INVITE", "{} 1 OPTIONS"])
def test_a_prack_for_something_else_gets_481_and_changes_nothing(rack):
    party = ringing(REQUIRES)
    party.receive(prack(party, 2, rack.format(provisionals(party)[-1].rseq)))
    assert party.last.status == 481
    assert is_waiting(party)


def test_a_second_prack_gets_481_but_a_repeated_one_its_answer():
    party = ringing(REQUIRES)
    first = prack(party)
    for request in (first, first, prack(party, 3)):
        party.receive(request)
    assert party.statuses("PRACK") == [200, 200, 481]


@pytest.mark.parametrize("headers", [(), (("RAck", "x"),), (("RAck", "0 1 INVITE"),)])
def test_a_prack_that_cannot_be_read_gets_400(headers):
    party = ringing(REQUIRES)
    party.receive(in_dialog(party, "PRACK", 2, *headers))
    assert party.last.status == 400
    assert is_waiting(party)


@pytest.mark.parametrize("make", [ringing, established, calling])
def test_a_prack_where_nothing_waits_gets_481(make):
    party = make()
    party.receive(in_dialog(party, "PRACK", 2, ("RAck", "1 1 INVITE")))
    assert party.last.status == 481


def test_an_offer_in_prack_comes_before_the_answer_to_the_first_one():
    party = ringing(REQUIRES)
    party.receive(in_dialog(party, "PRACK", 2, ("RAck", f"{party.last.rseq} 1 INVITE"), SDP, body=sdp()))
    assert party.last.status == 488
    assert not is_waiting(party), "it acknowledges all the same"
    party.do(events.Accept(("chat",)))
    party.prepare()
    assert party.last.status == 200


# ------------------------------------------------------------- final responses


def test_the_200_need_not_wait_and_ends_the_repeats_but_its_prack_may_still_come():
    """RFC 3262 3: it would have to wait if the 180 had a description."""
    party = ringing(REQUIRES)
    party.do(events.Accept(("chat",)))
    party.prepare()
    assert party.last.status == 200
    assert not party.running.keys() & {"1xx", "prack"}
    late = prack(party)
    party.receive(in_dialog(party, "ACK", 1))
    party.receive(late)
    assert party.last.status == 200
    assert party.state is State.ESTABLISHED
    party.receive(prack(party, 3))
    assert party.last.status == 481


@pytest.mark.parametrize("end", [events.Reject(486), events.Terminate(), events.Abandoned("gone")])
def test_a_refusal_ends_the_repeats(end):
    party = ringing(REQUIRES)
    party.do(end)
    assert party.state is State.TERMINATED
    assert not party.running.keys() & {"1xx", "prack"}


def test_a_cancel_ends_the_repeats():
    party = ringing(REQUIRES)
    party.receive(cancel_of(invite()))
    assert party.state is State.TERMINATED
    assert not party.running.keys() & {"1xx", "prack"}


# ------------------------------------------------------------- proposals


def test_a_proposal_that_requires_it_is_told_of_the_ringing_reliably():
    caller, callee, _wire = timed("chat")
    caller.do(events.AddStream("audio"))
    caller.prepare("audio")
    request = caller.last.replacing({"Require": "100rel"})
    callee.receive(request, BACK)
    assert callee.state is State.PROPOSED
    assert is_waiting(callee)
    via = "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKp1"
    changes = {"Via": via, "RAck": f"{callee.last.rseq} {request.cseq}", "CSeq": f"{request.cseq.number + 1} PRACK"}
    lines = [(name, value) for name, values in request.headers.items() for value in values]
    prack_of = Request("PRACK", request.uri, lines)
    callee.receive(prack_of.replacing(changes | {"Content-Type": None, "Require": None}, body=b""), BACK)
    assert callee.statuses("PRACK") == [200]
    callee.do(events.AcceptProposal())
    callee.prepare_all()
    assert callee.last.status == 200


# ------------------------------------------------------------- crashes


def test_after_a_crash_the_repeats_go_on():
    party = ringing(REQUIRES)
    party.running.clear()
    party.do(events.Resumed())
    assert is_waiting(party)
    party.receive(prack(party))
    assert party.last.status == 200


def test_over_a_connection_a_crash_may_have_cost_the_prack_which_is_then_not_waited_for():
    party = Party()
    party.receive(invite(REQUIRES), TCP)
    assert is_waiting(party)
    party.do(events.Resumed())
    assert not party.running.keys() & {"1xx", "prack"}
    party.receive(prack(party), TCP)
    assert party.last.status == 200


def test_after_a_crash_in_accepting_they_go_on_too():
    party = ringing(REQUIRES)
    party.do(events.Accept(("chat",)))
    party.running.clear()
    party.do(events.Resumed())
    assert is_waiting(party)


# ------------------------------------------------------------- two of us


def test_two_ends_acknowledge_and_go_on():
    caller, callee = Party(audio=TERMS), Party(TAG, audio=TERMS, policy=EAGER)
    caller.do(events.Connect("<sip:alice@example.org>", "<sip:bob@example.org>", "sip:bob@192.0.2.2", ("chat",)))
    caller.do(events.TargetResolved(UDP))
    caller.prepare()
    converse(caller, callee)
    assert [each.method for each in caller.sent] == ["INVITE", "PRACK"]
    assert callee.statuses("PRACK") == [200]
    assert not is_waiting(callee)
