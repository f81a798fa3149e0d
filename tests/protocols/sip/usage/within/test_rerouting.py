"""Requests inside the dialog whose way is not known: RFC 3261 8.1.2, 12.2.1.1, 3263 4."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.outputs import Resolve
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import TCP, UDP, Party
from tests.protocols.sip.usage.scenes import answer_to, answered, calling, in_dialog, invite

NAME = ("Contact", "<sip:peer@peer.example>")
ELSEWHERE = Flow("udp", UDP.local, ("192.0.2.80", 5070))
THEIRS = Flow("tcp", TCP.local, ("192.0.2.2", 49152), 7, ("192.0.2.2", 5060))
OURS = Flow("tcp", TCP.local, ("192.0.2.2", 5060))


def looked_up(party: Party) -> list[str]:
    return [each.uri for each in party.asked if isinstance(each, Resolve)]


def called(*headers: tuple[str, str]) -> Party:
    """Return an outgoing call just answered."""
    party = calling()
    party.asked, party.sent, party.flows = [], party.sent[:1], party.flows[:1]
    party.receive(answer_to(party, 200, *headers))
    return party


def by_connection(*headers: tuple[str, str]) -> Party:
    """Return an incoming call, established over a connection that the peer opened."""
    party = Party()
    party.receive(invite(("Contact", "<sip:peer@192.0.2.2:5060;transport=tcp>"), *headers), THEIRS)
    party.do(events.Accept(("chat",)))
    party.prepare()
    party.receive(in_dialog(party, "ACK", 1), THEIRS)
    assert party.state is State.ESTABLISHED
    return party


# ------------------------------------------------------------- a name


@pytest.mark.parametrize("header", [NAME, ("Record-Route", "<sip:peer.example:5070;lr>")])
def test_the_ack_waits_until_the_name_is_looked_up(header):
    party = called(header)
    assert [each.method for each in party.sent] == ["INVITE"]
    assert looked_up(party) == [header[1] if header is not NAME else "sip:peer@peer.example"]
    party.do(events.TargetResolved(ELSEWHERE))
    assert (party.last.method, party.flows[-1]) == ("ACK", ELSEWHERE)
    party.do(events.Terminate())
    assert (party.last.method, party.flows[-1]) == ("BYE", ELSEWHERE)
    assert len(looked_up(party)) == 1


def test_what_waits_goes_out_in_its_order_and_says_by_which_way():
    party = called(NAME)
    party.do(events.Terminate())
    assert [each.method for each in party.sent] == ["INVITE"]
    party.do(events.TargetResolved(Flow("tcp", ("192.0.2.1", 5062), ("192.0.2.80", 5070))))
    assert [each.method for each in party.sent] == ["INVITE", "ACK", "BYE"]
    assert {each.get("via").partition(";")[0] for each in party.sent[1:]} == {"SIP/2.0/TCP 192.0.2.1:5062"}
    assert len({each.via.branch for each in party.sent}) == 3
    party.receive(answer_to(party).replacing({"Via": party.last.get("via"), "CSeq": party.last.get("cseq")}))
    assert party.state is State.TERMINATED


def test_a_name_that_is_not_found_costs_nothing():
    party = called(NAME)
    party.do(events.TargetFailed("no such name"))
    assert (party.last.method, party.flows[-1]) == ("ACK", UDP)
    assert party.notes[-1].data == {"next_hop": "sip:peer@peer.example", "reason": "no such name"}
    party.do(events.Terminate())
    assert (party.last.method, party.flows[-1]) == ("BYE", UDP)


def test_the_name_that_the_invite_went_to_is_not_looked_up_again():
    """Who answered it goes on to serve."""
    party = Party()
    party.do(events.Connect("<sip:a@h>", "<sip:b@h>", "sip:bob@peer.example", ("chat",)))
    party.do(events.TargetResolved(ELSEWHERE))
    party.prepare()
    party.receive(answer_to(party, 200, NAME))
    assert (party.last.method, party.flows[-1]) == ("ACK", ELSEWHERE)
    assert looked_up(party) == ["sip:bob@peer.example"]


def test_a_callee_looks_a_name_up_when_it_has_something_to_say():
    party = answered(NAME)
    assert looked_up(party) == []
    party.do(events.Terminate())
    assert looked_up(party) == ["sip:peer@peer.example"]
    party.do(events.TargetResolved(ELSEWHERE))
    assert (party.last.method, party.flows[-1]) == ("BYE", ELSEWHERE)


def test_another_target_meanwhile_is_the_one_that_counts():
    party = called(NAME)
    party.receive(in_dialog(party, "UPDATE", 2, ("Contact", "<sip:peer@192.0.2.90>")))
    party.do(events.TargetResolved(ELSEWHERE))
    assert looked_up(party) == ["sip:peer@peer.example", "sip:peer@192.0.2.90"]
    other = Flow("udp", UDP.local, ("192.0.2.90", 5060))
    party.do(events.TargetResolved(other))
    assert (party.last.method, party.flows[-1]) == ("ACK", other)


def test_a_failure_of_the_look_up_for_a_target_that_is_old_means_nothing():
    party = called(NAME)
    party.receive(in_dialog(party, "UPDATE", 2, ("Contact", "<sip:peer@192.0.2.90>")))
    party.do(events.TargetFailed("no such name"))
    assert looked_up(party)[-1] == "sip:peer@192.0.2.90"
    assert "ACK" not in [each.method for each in party.sent if hasattr(each, "method")]


def test_a_repeat_of_the_2xx_waits_too():
    party = called(NAME)
    party.receive(answer_to(party, 200, NAME))
    assert [each.method for each in party.sent] == ["INVITE"]
    party.do(events.TargetResolved(ELSEWHERE))
    party.receive(answer_to(party, 200, NAME))
    assert [each.method for each in party.sent] == ["INVITE", "ACK", "ACK"]
    assert bytes(party.sent[1]) == bytes(party.sent[2])
    assert party.flows[-1] == ELSEWHERE


def test_what_waits_when_the_call_fails_is_sent_all_the_same():
    party = called(NAME)
    party.do(events.Abandoned("its actor crashed"))
    assert [each.method for each in party.sent] == ["INVITE", "ACK", "BYE"]
    assert party.flows[1:] == [UDP, UDP]
    assert [key[-1] for key in party.handed.entries if key[0] == party.last.via.branch] == ["BYE"]


def test_a_crash_that_costs_the_answer_asks_again():
    party = called(NAME)
    party.do(events.Resumed())
    party.do(events.Terminate())
    party.do(events.Resumed())
    assert looked_up(party) == ["sip:peer@peer.example"] * 3
    party.do(events.TargetResolved(ELSEWHERE))
    party.do(events.TargetResolved(UDP))
    assert [each.method for each in party.sent] == ["INVITE", "ACK", "BYE"]
    assert party.flows[1:] == [ELSEWHERE] * 2


def test_an_answer_that_nobody_waits_for_changes_nothing():
    party = called()
    before = party.call
    party.do(events.TargetResolved(ELSEWHERE))
    party.do(events.TargetFailed("late"))
    assert party.call == before


def test_another_transport_is_looked_up_as_we_are_reached_elsewhere_by_it():
    """A re-INVITE that waits says so in its Contact, too."""
    party = called(("Contact", "<sip:peer@192.0.2.2;transport=tcp>"))
    party.do(events.TargetResolved(OURS))
    assert (party.last.method, party.flows[-1]) == ("ACK", OURS)
    party.receive(in_dialog(party, "UPDATE", 2, ("Contact", "<sip:peer@192.0.2.90:5080>")))
    party.do(events.Hold())
    party.do(events.TargetResolved(ELSEWHERE))
    assert (party.last.method, party.flows[-1]) == ("INVITE", ELSEWHERE)
    assert party.last.get("contact") == f"<sip:{party.call.identity.token}@192.0.2.1:5060>"
    assert party.call.pending.request.get("via") == party.last.get("via")


# ------------------------------------------------------------- a connection that is lost


def test_a_request_that_the_lost_connection_of_the_peer_did_not_carry_goes_to_its_contact():
    party = by_connection()
    party.do(events.Terminate())
    bye = party.last
    assert party.flows[-1] == THEIRS
    party.refuse(bye)
    assert looked_up(party) == ["sip:peer@192.0.2.2:5060;transport=tcp"]
    party.do(events.TargetResolved(OURS))
    assert (party.last.method, party.last.via.branch, party.flows[-1]) == ("BYE", bye.via.branch, OURS)
    assert party.state is State.TERMINATING


def test_a_route_comes_before_the_contact_then_too():
    party = by_connection(("Record-Route", "<sip:192.0.2.2;transport=tcp;lr>"))
    party.do(events.Terminate())
    assert party.flows[-1] == THEIRS
    party.refuse(party.last)
    assert looked_up(party) == ["<sip:192.0.2.2;transport=tcp;lr>"]


def test_where_that_fails_too_the_request_has_failed():
    party = by_connection()
    party.do(events.Terminate())
    party.refuse(party.last)
    party.do(events.TargetFailed("no route"))
    assert party.flows[-1].back is None
    party.refuse(party.last)
    assert party.state is State.TERMINATED


def test_all_that_it_did_not_carry_goes_by_the_other_way():
    party = by_connection()
    party.do(events.Hold())
    hold = party.last
    party.do(events.Terminate())
    bye = party.last
    for each in (hold, bye):
        party.refuse(each)
    party.do(events.TargetResolved(OURS))
    assert [each.method for each in party.sent[-2:]] == ["INVITE", "BYE"]
    assert party.flows[-2:] == [OURS, OURS]


@pytest.mark.parametrize("is_repeat", [False, True])
def test_an_ack_goes_by_the_other_way_too(is_repeat):
    party = by_connection()
    party.do(events.Hold())
    answer = answer_to(party, 200, ("Contact", "<sip:peer@192.0.2.2:5060;transport=tcp>"))
    party.receive(answer)
    ack = party.last
    assert (ack.method, party.flows[-1]) == ("ACK", THEIRS)
    if is_repeat:
        party.receive(answer)
    party.refuse(bytes(ack) if is_repeat else ack)
    party.do(events.TargetResolved(OURS))
    assert (party.last.method, party.flows[-1]) == ("ACK", OURS)
    party.receive(answer)
    assert (party.last.method, party.flows[-1]) == ("ACK", OURS)


def test_a_peer_that_has_connected_again_gets_it_by_its_new_connection():
    party = by_connection()
    party.do(events.Hold())
    hold = party.last
    again = Flow("tcp", TCP.local, ("192.0.2.2", 50000), 8, THEIRS.back)
    party.receive(in_dialog(party, "UPDATE", 2, ("Contact", "<sip:peer@192.0.2.2:5060;transport=tcp>")), again)
    party.refuse(hold)
    assert (party.last.method, party.flows[-1], looked_up(party)) == ("INVITE", again, [])


@pytest.mark.parametrize(
    ("outcome", "method"),
    [
        (events.TargetResolved(OURS), "INVITE"),
        (events.TargetFailed("no route"), "INVITE"),
        (events.Abandoned("its actor crashed"), "BYE"),
    ],
)
def test_a_peer_that_connects_again_during_the_look_up_gets_what_waits_there(outcome, method):
    party = by_connection()
    party.do(events.Hold())
    party.refuse(party.last)
    again = Flow("tcp", TCP.local, ("192.0.2.2", 50000), 8, THEIRS.back)
    party.receive(in_dialog(party, "UPDATE", 2, ("Contact", "<sip:peer@192.0.2.2:5060;transport=tcp>")), again)
    party.do(outcome)
    assert (party.last.method, party.flows[-1]) == (method, again)


def test_a_call_that_ends_meanwhile_says_goodbye_where_the_contact_says():
    party = by_connection()
    party.do(events.Hold())
    party.refuse(party.last)
    party.do(events.Abandoned("its actor crashed"))
    assert (party.last.method, party.flows[-1].remote, party.flows[-1].back) == ("BYE", OURS.remote, None)


def test_what_is_answered_is_not_sent_again_however_late_its_connection_is_lost():
    """The answer has come by another connection."""
    party = by_connection()
    party.do(events.Hold())
    hold = party.last
    party.receive(answer_to(party, 200, ("Contact", "<sip:peer@192.0.2.2:5060;transport=tcp>")))
    party.refuse(hold)
    assert (party.last.method, looked_up(party)) == ("ACK", [])


def test_a_response_or_a_request_of_another_dialog_is_not_sent_again():
    party = by_connection()
    before = party.call
    party.refuse(in_dialog(party, "BYE", 7))
    party.refuse(answer_to(called(), 200))
    assert party.call == before
