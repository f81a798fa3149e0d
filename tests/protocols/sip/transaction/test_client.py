"""The machine treats messages as opaque: here they are bytes."""

from __future__ import annotations

import pytest

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.transaction.client import Client, State, Stimulus, received, start, step, timers
from sipsimple.protocols.sip.transaction.outputs import Deliver, Send, Terminated
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING
from tests.protocols.sip.transaction.messages import TCP, UDP, request, response


def begin(flow):
    return start(Client(b"BYE", flow, DEFAULT_TIMING))


def run(txn, *stimuli):
    outputs = ()
    for stimulus in stimuli:
        txn, outputs = step(txn, stimulus, stimulus.encode())
    return txn, outputs


@pytest.fixture
def trying():
    return begin(UDP)[0]


def delays_of(txn, count):
    delays = []
    for _ in range(count):
        txn, (send, timer) = step(txn, Stimulus.TIMER_E)
        assert send == Send(b"BYE", UDP)
        delays.append(timer.seconds)
    return delays


def test_start_sends_and_starts_resending_over_udp():
    assert begin(UDP)[1] == (Send(b"BYE", UDP), StartTimer("E", 0.5), StartTimer("F", 32.0))


def test_nothing_is_resent_over_a_reliable_transport():
    assert begin(TCP)[1] == (Send(b"BYE", TCP), StartTimer("F", 32.0))


def test_resending_doubles_up_to_t2(trying):
    assert delays_of(trying, 5) == [1, 2, 4, 4, 4]


def test_after_a_provisional_it_is_resent_every_t2(trying):
    """RFC 3261 §17.1.2.2: unlike an INVITE, because the answer is not resent by itself."""
    txn, outputs = run(trying, Stimulus.PROVISIONAL)
    assert (txn.state, outputs) == (State.PROCEEDING, (Deliver(b"1xx"),))
    assert delays_of(txn, 2) == [4, 4]


@pytest.mark.parametrize("before", [(), (Stimulus.PROVISIONAL,)])
def test_one_final_response_is_delivered(trying, before):
    txn, outputs = run(trying, *before, Stimulus.FINAL)
    assert outputs == (StopTimer("E"), StopTimer("F"), Deliver(b"2xx-6xx"), StartTimer("K", 5.0))
    assert run(txn, Stimulus.FINAL) == (txn, ())
    assert txn.request is None


def test_timer_k_is_zero_over_a_reliable_transport():
    _, outputs = run(begin(TCP)[0], Stimulus.FINAL)
    assert outputs == (StopTimer("F"), Deliver(b"2xx-6xx"), StartTimer("K", 0.0))


def test_timer_k_ends_it(trying):
    txn, outputs = run(trying, Stimulus.FINAL, Stimulus.TIMER_K)
    assert (txn.state, outputs) == (State.TERMINATED, (Terminated("completed"),))


@pytest.mark.parametrize("before", [(), (Stimulus.PROVISIONAL,)])
@pytest.mark.parametrize(
    ("stimulus", "reason"), [(Stimulus.TIMER_F, "timeout"), (Stimulus.TRANSPORT_ERROR, "transport error")]
)
def test_an_unanswered_request_ends_with_its_reason(trying, before, stimulus, reason):
    txn, outputs = run(trying, *before, stimulus)
    assert txn.state is State.TERMINATED
    assert outputs == (StopTimer("E"), StopTimer("F"), Terminated(reason))


def test_an_answered_request_has_nothing_to_lose(trying):
    txn, _ = run(trying, Stimulus.FINAL)
    assert run(txn, Stimulus.TRANSPORT_ERROR) == (txn, ())


@pytest.mark.parametrize(("status", "stimulus"), [(199, Stimulus.PROVISIONAL), (200, Stimulus.FINAL)])
def test_a_response_is_the_stimulus_of_its_class(status, stimulus):
    assert received(response(request("BYE"), status)) is stimulus


def test_timers_of_a_state_are_those_that_entering_it_started(trying):
    completed, outputs = run(trying, Stimulus.FINAL)
    assert timers(trying) == begin(UDP)[1][1:]
    assert timers(completed) == outputs[-1:]
    assert timers(run(completed, Stimulus.TIMER_K)[0]) == ()
