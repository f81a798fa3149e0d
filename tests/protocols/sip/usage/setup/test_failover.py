"""RFC 3263 4.3: an INVITE whose server does not serve goes to the next one, each is tried once, the last one counts."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.authorization import Account
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage import outputs as wanted
from sipsimple.protocols.sip.usage.setup.failover import MOST_TARGETS
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import UDP, A
from tests.protocols.sip.usage.scenes import answer_to, calling

SECOND = Flow("udp", A, ("192.0.2.3", 5060))
THIRD = Flow("udp", A, ("192.0.2.4", 5060))


def looked_up(party):
    return [each for each in party.asked if isinstance(each, wanted.Resolve)]


def data(party, name):
    [told] = [each.data for each in party.told if each.name == name]
    return dict(told)


def time_out(party):
    """Let the INVITE that is out be answered by nobody."""
    [timer] = [name for name in party.running if name[1] == "B"]
    party.fire(timer)


def unavailable(party):
    party.receive(answer_to(party, 503, ("Server", "full house")))


def break_down(party):
    party.refuse(party.requests("INVITE")[-1])


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), ("4000000000", 600.0), ("soon", 30.0), ("", 30.0)])
def test_a_server_is_avoided_for_as_long_as_it_says_within_reason(said, seconds):
    party = calling()
    party.receive(answer_to(party, 503, *((("Retry-After", said),) if said else ())))
    assert party.avoided == [wanted.Avoid(UDP, seconds)]


@pytest.mark.parametrize("failing", [time_out, unavailable, break_down])
def test_the_next_server_gets_the_same_call_in_a_new_transaction(failing):
    party = calling()
    party.others = [SECOND]
    failing(party)
    first, second = party.requests("INVITE")
    assert party.state is State.CALLING
    assert party.flows[-1] == SECOND
    assert second.via.branch != first.via.branch
    assert second.cseq.number == first.cseq.number + 1
    for name in ("From", "To", "Call-ID", "Contact"):
        assert second.get(name) == first.get(name)
    assert (second.uri, second.body) == (first.uri, first.body)
    assert looked_up(party)[-1] == wanted.Resolve("sip:bob@192.0.2.2", None, (UDP,))
    party.receive(answer_to(party, 200))
    assert party.state is State.ESTABLISHED
    assert party.call.flow.remote == SECOND.remote or party.call.dialog.remote_target.startswith("sip:peer@192.0.2.2")


def test_a_challenge_is_answered_by_the_way_that_brought_it_and_the_rest_of_the_servers_stay_in_reserve():
    """RFC 3263 4.3: what goes on to the next server is a request, and the one with credentials is another."""
    party = calling(accounts=(Account("alice", "secret"),))
    party.others = [SECOND, THIRD]
    unavailable(party)
    party.receive(answer_to(party, 401, ("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')))
    assert party.flows[-1] == SECOND
    assert party.last.get("authorization")
    unavailable(party)
    assert party.flows[-1] == THIRD
    assert party.last.get("authorization")
    assert looked_up(party)[-1].tried == (UDP, SECOND)
    assert [each.cseq.number for each in party.requests("INVITE")] == [1, 2, 3, 4]


def test_a_503_is_acknowledged_where_it_came_from():
    party = calling()
    party.others = [SECOND]
    unavailable(party)
    [ack] = party.requests("ACK")
    assert party.flows[party.sent.index(ack)] == UDP


@pytest.mark.parametrize(
    ("failing", "originator", "code", "reason"),
    [
        (time_out, "local", 408, "Request Timeout"),
        (unavailable, "remote", 503, "Service Unavailable"),
        (break_down, "local", 503, "transport error: connection refused"),
    ],
)
def test_when_all_were_tried_the_call_fails_as_the_last_one_did(failing, originator, code, reason):
    party = calling()
    party.others = [SECOND, THIRD]
    unavailable(party)
    time_out(party)
    failing(party)
    assert party.flows[-1].remote == THIRD.remote
    assert len(party.requests("INVITE")) == 3
    assert looked_up(party)[-1].tried == (UDP, SECOND, THIRD)
    assert data(party, "SCSessionDidFail") == {"originator": originator, "code": code, "reason": reason}
    assert data(party, "SCSessionDidEnd") == {"originator": originator}


def test_a_failure_of_the_last_server_has_the_reason_that_it_gave():
    party = calling()
    party.receive(answer_to(party, 503, ("Reason", 'Q.850;cause=34;text="no circuit"')))
    assert data(party, "SCSessionDidFail")["cause"] == 34
    assert data(party, "SCSessionDidFail")["protocol"] == "Q.850"


def test_a_server_that_says_when_it_serves_again_is_avoided_until_then():
    """RFC 3261 21.5.4."""
    party = calling()
    party.others = [SECOND]
    party.receive(answer_to(party, 503, ("Retry-After", "7")))
    assert party.avoided == [wanted.Avoid(UDP, 7.0)]
    party.receive(answer_to(party, 503, ("Retry-After", "soon")))
    assert party.avoided[-1] == wanted.Avoid(SECOND, 30.0)


@pytest.mark.parametrize("status", [404, 408, 486, 500, 504, 603])
def test_any_other_failure_is_the_callees_and_nobody_else_is_asked(status):
    party = calling()
    party.others = [SECOND]
    party.receive(answer_to(party, status))
    assert party.state is State.TERMINATED
    assert data(party, "SCSessionDidFail")["code"] == status


def test_a_server_that_has_answered_before_its_connection_broke_is_not_replaced():
    """It may have passed the call on: that would ring twice."""
    party = calling()
    party.others = [SECOND]
    party.receive(answer_to(party, 180))
    break_down(party)
    assert party.state is State.TERMINATED
    assert len(party.requests("INVITE")) == 1


def test_a_large_invite_falls_back_to_udp_before_another_server_is_asked():
    """RFC 3261 18.1.1: what TCP does not carry goes by UDP; only then the server has failed."""
    party = calling(routes=tuple(["<sip:192.0.2.2;lr;x=yyyyyyyyyyyyyyyyyyyyyyyyy>"] * 30))
    party.others = [SECOND]
    tcp = Flow("tcp", A, UDP.remote, 9)
    assert looked_up(party)[-1].transport == "tcp"
    party.do(events.TargetResolved(tcp))
    break_down(party)
    assert party.flows[-1] == UDP
    time_out(party)
    assert looked_up(party)[-2].tried == (UDP,)
    assert looked_up(party)[-1] == wanted.Resolve(party.call.routes[0], "tcp", (UDP,))
    party.do(events.TargetFailed("no TCP there"))
    assert party.flows[-1] == SECOND


def test_a_large_invite_that_tcp_carries_to_a_503_has_tried_both_ways():
    party = calling(routes=tuple(["<sip:192.0.2.2;lr;x=yyyyyyyyyyyyyyyyyyyyyyyyy>"] * 30))
    tcp = Flow("tcp", A, UDP.remote, 9)
    party.do(events.TargetResolved(tcp))
    unavailable(party)
    assert looked_up(party)[-1].tried == (tcp, UDP)
    assert {each.flow for each in party.avoided} == {tcp, UDP}
    assert data(party, "SCSessionDidFail")["code"] == 503


def test_a_call_that_is_given_up_while_the_next_server_is_looked_for_sends_nothing():
    party = calling()
    party._look_further = lambda outputs: []
    unavailable(party)
    assert "preparing" in party.running
    party.do(events.Terminate())
    assert party.state is State.TERMINATED
    assert len(party.requests("INVITE")) == 1
    assert "SCSessionDidFail" not in party.names


def test_a_look_up_of_the_next_server_that_takes_too_long_fails_as_the_last_one_did():
    party = calling()
    party._look_further = lambda outputs: []
    unavailable(party)
    party.fire("preparing")
    assert data(party, "SCSessionDidFail")["originator"] == "remote"


def test_a_crash_while_the_next_server_is_looked_for_asks_again_for_those_that_are_left():
    party = calling()
    party._look_further = lambda outputs: []
    unavailable(party)
    party.do(events.Resumed())
    assert looked_up(party)[-1].tried == (UDP,)


def test_no_more_than_so_many_servers_are_asked_whatever_the_names_say():
    party = calling()
    party.others = [Flow("udp", A, (f"192.0.2.{number}", 5060)) for number in range(10, 40)]
    while party.state is State.CALLING:
        unavailable(party)
    assert len(party.requests("INVITE")) == MOST_TARGETS
