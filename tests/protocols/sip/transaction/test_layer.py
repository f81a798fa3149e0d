from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.derived import make_cancel
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.matching import client_key, server_key
from sipsimple.protocols.sip.transaction.outputs import (
    RequestReceived,
    ResponseNotSent,
    ResponseReceived,
    Send,
    StrayResponse,
    TransactionEnded,
)
from sipsimple.protocols.sip.transaction.timing import Timing
from tests.protocols.sip.transaction.messages import TCP, UDP, request, response

NONE = Transactions()
INVITE = request()
BYE = request("BYE", "z9hG4bKbye", cseq=2)
CALL, HANGUP = client_key(INVITE), client_key(BYE)
INCOMING_CALL, INCOMING_HANGUP = server_key(INVITE), server_key(BYE)


def run(txns, *calls):
    """Return the transactions after `calls` and the outputs of the last one."""
    outputs = ()
    for function, *arguments in calls:
        txns, outputs = function(txns, *arguments)
    return txns, outputs


def sent(outputs):
    return [each.message for each in outputs if isinstance(each, Send)]


def test_a_sent_request_gets_its_response_under_its_key():
    txns, outputs = layer.send_request(NONE, BYE, UDP)
    assert outputs == (Send(BYE, UDP), StartTimer((HANGUP, "E"), 0.5), StartTimer((HANGUP, "F"), 32.0))

    ok = response(BYE, 200)
    txns, outputs = layer.receive_response(txns, ok)
    assert outputs == (
        StopTimer((HANGUP, "E")),
        StopTimer((HANGUP, "F")),
        ResponseReceived(HANGUP, ok),
        StartTimer((HANGUP, "K"), 5.0),
    )
    assert layer.receive_response(txns, ok) == (txns, ())


def test_over_a_reliable_transport_an_answered_request_is_over_at_once():
    """Timers of zero seconds are not asked for."""
    ok = response(BYE, 200)
    txns, outputs = run(NONE, (layer.send_request, BYE, TCP), (layer.receive_response, ok))
    assert outputs == (
        StopTimer((HANGUP, "F")),
        ResponseReceived(HANGUP, ok),
        TransactionEnded(HANGUP, "completed"),
    )
    assert txns == NONE


def test_the_failure_of_an_invite_is_acknowledged_by_the_layer():
    busy = response(INVITE, 486)
    txns, outputs = run(NONE, (layer.send_request, INVITE, UDP), (layer.receive_response, busy))
    (ack,) = sent(outputs)
    assert (ack.method, ack.to.tag, ack.get("Via")) == ("ACK", "b-tag", INVITE.get("Via"))
    assert ResponseReceived(CALL, busy) in outputs
    assert sent(layer.receive_response(txns, busy)[1]) == [bytes(ack)]


def test_every_2xx_of_an_invite_is_received():
    txns, _ = run(NONE, (layer.send_request, INVITE, UDP), (layer.receive_response, response(INVITE, 200)))
    fork = response(INVITE, 200, tag="other")
    assert layer.receive_response(txns, fork) == (txns, (ResponseReceived(CALL, fork),))


def test_a_response_without_transaction_is_a_stray():
    """RFC 3261 §17.1.1.2: the user decides, it may be a late 2xx."""
    late = response(INVITE, 200)
    assert layer.receive_response(NONE, late) == (NONE, (StrayResponse(late),))


@pytest.mark.parametrize("sent_request", [INVITE, BYE])
@pytest.mark.parametrize(
    ("via", "why"),
    [
        (["SIP/2.0/UDP 10.9.9.9:5060;branch={}"], "names '10.9.9.9:5060'"),
        (["SIP/2.0/UDP 192.0.2.2:5061;branch={}"], "names '192.0.2.2:5061'"),
        (["SIP/2.0/UDP 192.0.2.2:5060;branch={}", "SIP/2.0/UDP p;branch=z9hG4bKp"], "more than one Via"),
        (["SIP/2.0/UDP 192.0.2.2:5060;branch={}, SIP/2.0/UDP p;branch=z9hG4bKp"], "more than one Via"),
    ],
)
def test_a_response_that_was_led_astray_is_taken_by_no_transaction(sent_request, via, why):
    """RFC 3261 §8.1.3.3, §18.1.2."""
    txns, _ = layer.send_request(NONE, sent_request, UDP)
    lines = [each.format(sent_request.via.branch) for each in via]
    for status in (180, 200, 486):
        astray = response(sent_request, status).replacing({"Via": lines})
        after, (stray,) = layer.receive_response(txns, astray)
        assert (after, stray.response) == (txns, astray)
        assert why in stray.why


@pytest.mark.parametrize("again", [INVITE, request("ACK")])
def test_a_branch_is_used_once_and_never_for_an_ack(again):
    txns, _ = layer.send_request(NONE, INVITE, UDP)
    with pytest.raises(LocalProtocolError, match="no new client transaction"):
        layer.send_request(txns, again, UDP)


def test_a_request_is_received_once_and_its_repeat_gets_the_response():
    ok = response(BYE, 200)
    txns, outputs = layer.receive_request(NONE, BYE, UDP)
    assert outputs == (RequestReceived(INCOMING_HANGUP, BYE, UDP),)
    assert layer.receive_request(txns, BYE, UDP) == (txns, ())

    txns, outputs = layer.respond(txns, INCOMING_HANGUP, ok)
    assert outputs == (Send(ok, UDP), StartTimer((INCOMING_HANGUP, "J"), 32.0))
    assert layer.receive_request(txns, BYE, UDP) == (txns, (Send(bytes(ok), UDP),))


def test_the_response_goes_where_the_request_came_from():
    """RFC 3261 §18.2.2: a repeat by another way does not lead it astray."""
    elsewhere = TCP
    txns, _ = run(NONE, (layer.receive_request, BYE, UDP), (layer.receive_request, BYE, elsewhere))
    assert layer.respond(txns, INCOMING_HANGUP, response(BYE, 200))[1][0].flow == UDP


def test_a_call_is_answered_and_its_ack_is_received():
    """RFC 3261 §13.3.1.4: the user repeats the 2xx; the ACK is a transaction of its own and of nobody."""
    ok = response(INVITE, 200)
    txns, outputs = layer.receive_request(NONE, INVITE, UDP)
    assert outputs == (StartTimer((INCOMING_CALL, "100"), 0.2), RequestReceived(INCOMING_CALL, INVITE, UDP))
    txns, outputs = layer.respond(txns, INCOMING_CALL, ok)
    assert outputs[:2] == (StopTimer((INCOMING_CALL, "100")), Send(ok, UDP))
    assert layer.respond(txns, INCOMING_CALL, ok) == (txns, (Send(ok, UDP),))

    ack = request("ACK", "z9hG4bKack", to="<sip:bob@example.org>;tag=b-tag")
    assert layer.receive_request(txns, ack, UDP) == (txns, (RequestReceived(server_key(ack), ack, UDP),))


def test_an_ack_of_the_2xx_with_the_invites_branch_is_received_too():
    """RFC 6026 §7.1."""
    txns, _ = run(NONE, (layer.receive_request, INVITE, UDP), (layer.respond, INCOMING_CALL, response(INVITE, 200)))
    ack = request("ACK")
    assert layer.receive_request(txns, ack, UDP) == (txns, (RequestReceived(INCOMING_CALL, ack, UDP),))


def test_a_refused_call_ends_with_its_ack_which_is_not_received():
    txns, _ = run(NONE, (layer.receive_request, INVITE, TCP), (layer.respond, INCOMING_CALL, response(INVITE, 486)))
    txns, outputs = layer.receive_request(txns, request("ACK"), TCP)
    assert outputs == (StopTimer((INCOMING_CALL, "H")), TransactionEnded(INCOMING_CALL, "completed"))
    assert txns == NONE


def test_a_user_that_is_silent_for_200_ms_is_spoken_for():
    txns, _ = layer.receive_request(NONE, INVITE, UDP)
    _, outputs = layer.timer_fired(txns, (INCOMING_CALL, "100"))
    (trying,) = sent(outputs)
    assert (trying.status, trying.to.tag, trying.get("Via")) == (100, None, INVITE.get("Via"))


def test_a_cancel_finds_its_invite_and_is_answered_by_itself():
    """RFC 3261 §9.2."""
    cancel = make_cancel(INVITE)
    assert layer.find_invite(NONE, cancel) is None

    txns, _ = layer.receive_request(NONE, INVITE, UDP)
    txns, outputs = layer.receive_request(txns, cancel, UDP)
    assert outputs == (RequestReceived(server_key(cancel), cancel, UDP),)
    assert layer.find_invite(txns, cancel) == INCOMING_CALL
    txns, outputs = layer.respond(txns, server_key(cancel), response(cancel, 200))
    assert [each.cseq.method for each in sent(outputs)] == ["CANCEL"]
    _, outputs = layer.respond(txns, INCOMING_CALL, response(INVITE, 487))
    assert [each.status for each in sent(outputs)] == [487]


def test_our_cancel_and_its_invite_end_independently():
    txns, _ = run(NONE, (layer.send_request, INVITE, UDP), (layer.receive_response, response(INVITE, 180)))
    cancel = make_cancel(INVITE)
    txns, _ = layer.send_request(txns, cancel, UDP)
    txns, outputs = layer.receive_response(txns, response(cancel, 200))
    assert [each.key for each in outputs if isinstance(each, ResponseReceived)] == [client_key(cancel)]
    assert layer.live(txns)


@pytest.mark.parametrize("before", [(), ((layer.receive_response, response(INVITE, 180)),)])
def test_an_abandoned_transaction_leaves_no_timer_and_no_word(before):
    """RFC 3261 §9.1: the peer never answers the cancelled INVITE."""
    txns, _ = run(NONE, (layer.send_request, INVITE, UDP), *before)
    running = layer.timers(txns)
    txns, outputs = layer.abandon(txns, CALL)
    assert txns == NONE
    assert outputs == tuple(StopTimer(each.name) for each in running)
    assert layer.abandon(txns, CALL) == (txns, ())


def test_a_timer_reaches_its_transaction_only():
    txns, _ = run(NONE, (layer.send_request, INVITE, UDP), (layer.send_request, BYE, UDP))
    txns, outputs = layer.timer_fired(txns, (HANGUP, "E"))
    assert outputs == (Send(BYE, UDP), StartTimer((HANGUP, "E"), 1.0))
    txns, outputs = layer.timer_fired(txns, (HANGUP, "F"))
    assert outputs[-1] == TransactionEnded(HANGUP, "timeout")
    assert set(txns.entries) == {CALL}


@pytest.mark.parametrize("timer", [(HANGUP, "E"), (CALL, "M"), (CALL, "Z"), ((), "A")])
def test_late_and_unknown_timers_change_nothing(timer):
    txns, _ = layer.send_request(NONE, INVITE, UDP)
    assert layer.timer_fired(txns, timer) == (txns, ())


def test_a_transport_error_ends_what_we_asked_and_is_reported_of_what_we_answered():
    txns, _ = run(
        NONE,
        (layer.send_request, INVITE, UDP),
        (layer.receive_request, BYE, UDP),
        (layer.respond, INCOMING_HANGUP, response(BYE, 200)),
    )
    txns, outputs = layer.transport_failed(txns, INCOMING_HANGUP)
    assert outputs == (ResponseNotSent(INCOMING_HANGUP),)
    txns, outputs = layer.transport_failed(txns, CALL)
    assert outputs[-1] == TransactionEnded(CALL, "transport error")
    assert layer.transport_failed(txns, CALL) == (txns, ())


def test_a_lost_connection_ends_its_transactions_only():
    other = request("OPTIONS", "z9hG4bKopt")
    txns, _ = run(
        NONE,
        (layer.send_request, INVITE, TCP),
        (layer.send_request, BYE, TCP),
        (layer.send_request, other, UDP),
    )
    txns, outputs = layer.flow_failed(txns, TCP)
    ends = {each for each in outputs if isinstance(each, TransactionEnded)}
    assert ends == {TransactionEnded(CALL, "transport error"), TransactionEnded(HANGUP, "transport error")}
    assert set(txns.entries) == {client_key(other)}


def test_responding_to_what_has_ended_does_nothing():
    assert layer.respond(NONE, INCOMING_CALL, response(INVITE, 200)) == (NONE, ())


def test_responding_as_rfc_4320_forbids_is_misuse():
    txns, _ = layer.receive_request(NONE, BYE, UDP)
    with pytest.raises(LocalProtocolError, match="408"):
        layer.respond(txns, INCOMING_HANGUP, response(BYE, 408))


def test_finished_transactions_linger_and_another_actor_can_adopt_them():
    ok = response(BYE, 200)
    txns, _ = run(
        NONE,
        (layer.send_request, INVITE, UDP),
        (layer.receive_request, BYE, UDP),
        (layer.respond, INCOMING_HANGUP, ok),
    )
    assert layer.live(txns)
    assert not layer.live(layer.lingering(txns))
    assert set(layer.lingering(txns).entries) == {INCOMING_HANGUP}

    other, _ = layer.send_request(NONE, request("OPTIONS", "z9hG4bKopt"), UDP)
    adopter, timers = layer.adopt(other, txns)
    assert timers == (StartTimer((INCOMING_HANGUP, "J"), 32.0),)
    assert sent(layer.receive_request(adopter, BYE, UDP)[1]) == [bytes(ok)]
    assert layer.timer_fired(adopter, timers[0].name) == (other, (TransactionEnded(INCOMING_HANGUP, "completed"),))


def test_the_timers_named_are_those_that_run():
    txns, outputs = layer.send_request(NONE, INVITE, UDP)
    assert layer.timers(txns) == tuple(each for each in outputs if isinstance(each, StartTimer))
    assert layer.timers(NONE) == ()
    assert not layer.live(NONE)


def test_the_timing_of_an_actor_is_that_of_its_transactions():
    txns, outputs = layer.send_request(Transactions(Timing(t1=0.1)), INVITE, UDP)
    assert StartTimer((CALL, "A"), 0.1) in outputs
    assert txns.timing.t1 == 0.1


def test_a_step_leaves_the_transactions_before_it_as_they_were():
    """State is a value: a crash after a step resumes from before it."""
    txns, _ = layer.send_request(NONE, BYE, UDP)
    layer.receive_response(txns, response(BYE, 200))
    assert layer.live(txns)
    assert Transactions() == NONE
