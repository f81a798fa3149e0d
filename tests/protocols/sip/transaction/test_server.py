"""The machine treats messages as opaque: here they are bytes."""

from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.transaction.outputs import Deliver, Send, Terminated, Unsent
from sipsimple.protocols.sip.transaction.server import Server, State, Stimulus, responded, start, step, timers
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING
from tests.protocols.sip.transaction.messages import TCP, UDP, request, response


def begin(flow):
    return start(Server(flow, DEFAULT_TIMING), b"BYE")


def run(txn, *stimuli):
    outputs = ()
    for stimulus in stimuli:
        txn, outputs = step(txn, stimulus, stimulus.encode())
    return txn, outputs


@pytest.fixture
def trying():
    return begin(UDP)[0]


def test_the_request_is_delivered_once(trying):
    assert begin(UDP)[1] == (Deliver(b"BYE"),)
    assert run(trying, Stimulus.REQUEST) == (trying, ())


def test_repeats_get_the_last_response(trying):
    txn, outputs = run(trying, Stimulus.PROVISIONAL)
    assert outputs == (Send(b"1xx", UDP),)
    assert run(txn, Stimulus.REQUEST) == (txn, (Send(b"1xx", UDP),))

    txn, outputs = run(txn, Stimulus.FINAL)
    assert outputs == (Send(b"2xx-6xx", UDP), StartTimer("J", 32.0))
    assert run(txn, Stimulus.REQUEST) == (txn, (Send(b"2xx-6xx", UDP),))


def test_timer_j_is_zero_over_a_reliable_transport():
    assert run(begin(TCP)[0], Stimulus.FINAL)[1] == (Send(b"2xx-6xx", TCP), StartTimer("J", 0.0))


def test_timer_j_ends_it(trying):
    txn, outputs = run(trying, Stimulus.FINAL, Stimulus.TIMER_J)
    assert (txn.state, outputs) == (State.TERMINATED, (Terminated("completed"),))


def test_a_second_final_response_is_not_sent(trying):
    """RFC 3261 §17.2.2."""
    txn, _ = run(trying, Stimulus.FINAL)
    assert run(txn, Stimulus.FINAL) == (txn, ())


@pytest.mark.parametrize("ours", [Stimulus.PROVISIONAL, Stimulus.FINAL])
def test_a_transport_error_is_reported_and_changes_nothing(trying, ours):
    txn, _ = run(trying, ours)
    assert run(txn, Stimulus.TRANSPORT_ERROR) == (txn, (Unsent(),))


def test_before_a_response_there_is_no_transport_error(trying):
    assert run(trying, Stimulus.TRANSPORT_ERROR) == (trying, ())


def test_the_response_is_kept_as_bytes(trying):
    """A lingering transaction holds no message object."""
    answer = response(request("BYE"), 200)
    txn, outputs = step(trying, Stimulus.FINAL, answer)
    assert outputs[0] == Send(answer, UDP)
    assert txn.response == bytes(answer)


@pytest.mark.parametrize(("status", "stimulus"), [(100, Stimulus.PROVISIONAL), (200, Stimulus.FINAL)])
def test_a_response_is_the_stimulus_of_its_class(status, stimulus):
    assert responded(response(request("BYE"), status)) is stimulus


@pytest.mark.parametrize("status", [180, 183, 408])
def test_responses_that_a_non_invite_request_must_not_get_are_misuse(status):
    """RFC 4320 §4."""
    with pytest.raises(LocalProtocolError, match=str(status)):
        responded(response(request("BYE"), status))


def test_timers_of_a_state_are_those_that_entering_it_started(trying):
    txn, outputs = run(trying, Stimulus.FINAL)
    assert timers(trying) == ()
    assert timers(txn) == outputs[-1:]
