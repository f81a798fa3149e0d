"""The machine treats messages as opaque: here they are bytes."""

from __future__ import annotations

import pytest

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.transaction.invite_client import (
    InviteClient,
    State,
    Stimulus,
    received,
    start,
    step,
    timers,
)
from sipsimple.protocols.sip.transaction.outputs import Deliver, Send, Terminated
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING
from tests.protocols.sip.transaction.messages import TCP, UDP, request, response


def begin(flow):
    return start(InviteClient(b"INVITE", lambda *_: b"ACK", flow, DEFAULT_TIMING))


def run(txn, *stimuli):
    """Return the state after `stimuli` and the outputs of the last one."""
    outputs = ()
    for stimulus in stimuli:
        txn, outputs = step(txn, stimulus, stimulus.encode())
    return txn, outputs


@pytest.fixture
def calling():
    return begin(UDP)[0]


def test_start_sends_and_starts_resending_over_udp():
    _, outputs = begin(UDP)
    assert outputs == (Send(b"INVITE", UDP), StartTimer("A", 0.5), StartTimer("B", 32.0))


def test_nothing_is_resent_over_a_reliable_transport():
    _, outputs = begin(TCP)
    assert outputs == (Send(b"INVITE", TCP), StartTimer("B", 32.0))


def test_resending_doubles_without_a_ceiling(calling):
    txn, delays = calling, []
    for _ in range(6):
        txn, (send, timer) = step(txn, Stimulus.TIMER_A)
        assert send == Send(b"INVITE", UDP)
        delays.append(timer.seconds)

    assert delays == [1, 2, 4, 8, 16, 32]


def test_provisional_stops_resending_and_timeout(calling):
    txn, outputs = run(calling, Stimulus.PROVISIONAL)
    assert txn.state is State.PROCEEDING
    assert outputs == (StopTimer("A"), StopTimer("B"), Deliver(b"1xx"))
    assert timers(txn) == ()


def test_each_provisional_is_delivered(calling):
    txn, outputs = run(calling, Stimulus.PROVISIONAL, Stimulus.PROVISIONAL)
    assert txn.state is State.PROCEEDING
    assert outputs == (Deliver(b"1xx"),)


def test_failure_is_acknowledged_and_its_repeats_are_not_delivered(calling):
    """RFC 3261 §17.1.1.2: a repeated final response gets the ACK again, only."""
    txn, first = run(calling, Stimulus.PROVISIONAL, Stimulus.FAILURE)
    _, again = run(txn, Stimulus.FAILURE)

    assert first == (Send(b"ACK", UDP), Deliver(b"3xx-6xx"), StartTimer("D", 32.0))
    assert again == (Send(b"ACK", UDP),)


def test_failure_while_calling_stops_the_timers(calling):
    txn, outputs = run(calling, Stimulus.FAILURE)
    assert outputs[:2] == (StopTimer("A"), StopTimer("B"))
    assert txn.state is State.COMPLETED


def test_timer_d_is_zero_over_a_reliable_transport():
    _, outputs = run(begin(TCP)[0], Stimulus.FAILURE)
    assert outputs == (StopTimer("B"), Send(b"ACK", TCP), Deliver(b"3xx-6xx"), StartTimer("D", 0.0))


@pytest.mark.parametrize("flow", [UDP, TCP])
def test_after_timer_d_nobody_waits_for_repeats_of_the_failure(flow):
    txn, outputs = run(begin(flow)[0], Stimulus.FAILURE, Stimulus.TIMER_D)
    assert (txn.state, outputs) == (State.TERMINATED, (Terminated("completed"),))


def test_each_2xx_is_delivered_until_timer_m(calling):
    """RFC 6026 §7.2: forked 2xx reach the user, none is acknowledged here."""
    txn, first = run(calling, Stimulus.SUCCESS)
    assert first == (StopTimer("A"), StopTimer("B"), Deliver(b"2xx"), StartTimer("M", 32.0))

    txn, again = run(txn, Stimulus.SUCCESS)
    assert again == (Deliver(b"2xx"),)

    txn, last = run(txn, Stimulus.TIMER_M)
    assert (txn.state, last) == (State.TERMINATED, (Terminated("completed"),))


def test_silence_ends_in_timeout(calling):
    txn, outputs = run(calling, Stimulus.TIMER_B)
    assert txn.state is State.TERMINATED
    assert outputs == (StopTimer("A"), StopTimer("B"), Terminated("timeout"))


@pytest.mark.parametrize("before", [(), (Stimulus.PROVISIONAL,)])
def test_transport_error_ends_an_unanswered_call(calling, before):
    """Ringing included: nobody would hear the answer."""
    txn, outputs = run(calling, *before, Stimulus.TRANSPORT_ERROR)
    assert txn.state is State.TERMINATED
    assert outputs[-1] == Terminated("transport error")


def test_transport_error_of_the_ack_is_no_second_failure(calling):
    _, outputs = run(calling, Stimulus.FAILURE, Stimulus.TRANSPORT_ERROR)
    assert outputs == (StopTimer("D"), Terminated("completed"))


@pytest.mark.parametrize("final", [Stimulus.SUCCESS, Stimulus.FAILURE])
def test_an_answered_transaction_forgets_the_request(calling, final):
    txn, _ = run(calling, final)
    assert txn.request is None


def test_the_ack_is_kept_as_bytes():
    """A lingering transaction holds no message object."""
    invite = request()
    txn, _ = start(InviteClient(invite, lambda *_: invite, UDP, DEFAULT_TIMING))
    txn, _ = step(txn, Stimulus.FAILURE, response(invite, 486))
    assert txn.ack == bytes(invite)


@pytest.mark.parametrize(
    ("status", "stimulus"),
    [
        (100, Stimulus.PROVISIONAL),
        (199, Stimulus.PROVISIONAL),
        (200, Stimulus.SUCCESS),
        (299, Stimulus.SUCCESS),
        (300, Stimulus.FAILURE),
        (699, Stimulus.FAILURE),
    ],
)
def test_a_response_is_the_stimulus_of_its_class(status, stimulus):
    assert received(response(request(), status)) is stimulus


def test_timers_of_a_state_are_those_that_entering_it_started(calling):
    for stimulus in (Stimulus.SUCCESS, Stimulus.FAILURE):
        txn, outputs = run(calling, stimulus)
        assert timers(txn) == tuple(each for each in outputs if isinstance(each, StartTimer))
    assert timers(run(calling, Stimulus.TIMER_A)[0]) == (StartTimer("A", 1.0), StartTimer("B", 32.0))


@pytest.mark.parametrize("before", [(), (Stimulus.PROVISIONAL,)])
def test_a_withdrawn_invite_is_sent_no_more_and_ends_after_64_t1(calling, before):
    """RFC 3261 9.1."""
    txn, outputs = run(calling, *before, Stimulus.WITHDRAWAL)
    assert outputs == (*((StopTimer("A"), StopTimer("B")) if not before else ()), StartTimer("W", 32.0))
    assert timers(txn) == (StartTimer("W", 32.0),)
    assert run(txn, Stimulus.TIMER_A)[1] == run(txn, Stimulus.PROVISIONAL)[1] == ()
    txn, outputs = run(txn, Stimulus.TIMER_W)
    assert (txn.state, outputs[-1]) == (State.TERMINATED, Terminated("timeout"))


def test_a_final_response_to_a_withdrawn_invite_is_acknowledged_as_any_other(calling):
    withdrawn, _ = run(calling, Stimulus.WITHDRAWAL)
    txn, outputs = run(withdrawn, Stimulus.FAILURE)
    assert outputs == (StopTimer("W"), Send(b"ACK", UDP), Deliver(b"3xx-6xx"), StartTimer("D", 32.0))
    assert run(txn, Stimulus.FAILURE)[1] == (Send(b"ACK", UDP),)
    txn, outputs = run(withdrawn, Stimulus.SUCCESS)
    assert outputs == (StopTimer("W"), Deliver(b"2xx"), StartTimer("M", 32.0))


@pytest.mark.parametrize("answer", [Stimulus.SUCCESS, Stimulus.FAILURE])
def test_there_is_nothing_to_withdraw_after_the_answer(calling, answer):
    txn, _ = run(calling, answer)
    assert run(txn, Stimulus.WITHDRAWAL) == (txn, ())
