"""The machine treats messages as opaque: here they are bytes."""

from __future__ import annotations

import pytest

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.transaction.invite_server import (
    InviteServer,
    State,
    Stimulus,
    responded,
    start,
    step,
    timers,
)
from sipsimple.protocols.sip.transaction.outputs import Deliver, Send, Terminated, Unsent
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING
from tests.protocols.sip.transaction.messages import TCP, UDP, request, response


def begin(flow):
    return start(InviteServer(b"INVITE", lambda _: b"100", flow, DEFAULT_TIMING))


def run(txn, *stimuli):
    outputs = ()
    for stimulus in stimuli:
        txn, outputs = step(txn, stimulus, stimulus.encode())
    return txn, outputs


@pytest.fixture
def proceeding():
    return begin(UDP)[0]


def test_the_invite_is_delivered_once(proceeding):
    assert begin(UDP)[1] == (StartTimer("100", 0.2), Deliver(b"INVITE"))
    assert run(proceeding, Stimulus.INVITE) == (proceeding, ())


def test_a_silent_user_is_spoken_for_with_100(proceeding):
    """RFC 3261 §17.2.1."""
    txn, outputs = run(proceeding, Stimulus.TIMER_100)
    assert outputs == (Send(b"100", UDP),)
    assert run(txn, Stimulus.INVITE)[1] == (Send(b"100", UDP),)


def test_the_users_first_response_takes_the_place_of_100(proceeding):
    txn, outputs = run(proceeding, Stimulus.PROVISIONAL)
    assert outputs == (StopTimer("100"), Send(b"1xx", UDP))
    assert run(txn, Stimulus.TIMER_100) == (txn, ())


def test_a_repeated_invite_gets_the_last_provisional(proceeding):
    txn, _ = run(proceeding, Stimulus.PROVISIONAL)
    txn, _ = step(txn, Stimulus.PROVISIONAL, b"183")
    assert run(txn, Stimulus.INVITE) == (txn, (Send(b"183", UDP),))


def test_a_failure_is_resent_up_to_t2_until_its_ack(proceeding):
    txn, outputs = run(proceeding, Stimulus.FAILURE)
    assert outputs == (StopTimer("100"), Send(b"3xx-6xx", UDP), StartTimer("G", 0.5), StartTimer("H", 32.0))

    delays = []
    for _ in range(5):
        txn, (send, timer) = step(txn, Stimulus.TIMER_G)
        assert send == Send(b"3xx-6xx", UDP)
        delays.append(timer.seconds)
    assert delays == [1, 2, 4, 4, 4]

    txn, outputs = run(txn, Stimulus.ACK)
    assert txn.state is State.CONFIRMED
    assert outputs == (StopTimer("G"), StopTimer("H"), StartTimer("I", 5.0))


def test_a_repeated_invite_gets_the_failure_again(proceeding):
    txn, _ = run(proceeding, Stimulus.FAILURE)
    assert run(txn, Stimulus.INVITE) == (txn, (Send(b"3xx-6xx", UDP),))


def test_over_a_reliable_transport_a_failure_waits_for_its_ack_only():
    txn, outputs = run(begin(TCP)[0], Stimulus.FAILURE)
    assert outputs == (StopTimer("100"), Send(b"3xx-6xx", TCP), StartTimer("H", 32.0))
    assert run(txn, Stimulus.ACK)[1] == (StopTimer("H"), StartTimer("I", 0.0))


def test_acks_of_a_failure_are_absorbed(proceeding):
    txn, _ = run(proceeding, Stimulus.FAILURE, Stimulus.ACK)
    assert run(txn, Stimulus.ACK) == (txn, ())
    assert run(txn, Stimulus.INVITE) == (txn, ())
    assert run(txn, Stimulus.TIMER_I)[1] == (Terminated("completed"),)


@pytest.mark.parametrize(("flow", "stops"), [(UDP, (StopTimer("G"),)), (TCP, ())])
def test_a_failure_that_is_never_acknowledged_ends_in_timeout(flow, stops):
    txn, outputs = run(begin(flow)[0], Stimulus.FAILURE, Stimulus.TIMER_H)
    assert txn.state is State.TERMINATED
    assert outputs == (*stops, Terminated("timeout"))


def test_repeats_of_an_accepted_invite_are_absorbed_and_the_user_resends_the_2xx(proceeding):
    """RFC 6026 §7.1, RFC 3261 §13.3.1.4."""
    txn, outputs = run(proceeding, Stimulus.SUCCESS)
    assert outputs == (StopTimer("100"), Send(b"2xx", UDP), StartTimer("L", 32.0))
    assert run(txn, Stimulus.INVITE) == (txn, ())
    assert run(txn, Stimulus.SUCCESS) == (txn, (Send(b"2xx", UDP),))
    assert run(txn, Stimulus.TIMER_L)[1] == (Terminated("completed"),)


def test_acks_with_the_branch_of_an_accepted_invite_are_delivered(proceeding):
    txn, _ = run(proceeding, Stimulus.SUCCESS)
    assert run(txn, Stimulus.ACK) == (txn, (Deliver(b"ACK"),))


@pytest.mark.parametrize("final", [Stimulus.SUCCESS, Stimulus.FAILURE])
def test_a_second_final_response_of_another_kind_is_not_sent(proceeding, final):
    txn, _ = run(proceeding, final)
    other = Stimulus.FAILURE if final is Stimulus.SUCCESS else Stimulus.SUCCESS
    assert run(txn, other) == (txn, ())
    assert run(txn, Stimulus.PROVISIONAL) == (txn, ())


@pytest.mark.parametrize("before", [(), (Stimulus.FAILURE,), (Stimulus.SUCCESS,)])
def test_a_transport_error_is_reported_and_changes_nothing(proceeding, before):
    """RFC 6026 §8: a repeat of the request may still fetch the response."""
    txn, _ = run(proceeding, *before)
    assert run(txn, Stimulus.TRANSPORT_ERROR) == (txn, (Unsent(),))


@pytest.mark.parametrize("ours", [Stimulus.PROVISIONAL, Stimulus.FAILURE, Stimulus.SUCCESS, Stimulus.TIMER_100])
def test_a_responded_transaction_forgets_the_request(proceeding, ours):
    assert run(proceeding, ours)[0].request is None


@pytest.mark.parametrize(
    ("stimuli", "kept"),
    [((Stimulus.FAILURE,), b"3xx-6xx"), ((Stimulus.FAILURE, Stimulus.ACK), b""), ((Stimulus.SUCCESS,), b"")],
)
def test_only_what_a_repeat_can_fetch_is_kept(proceeding, stimuli, kept):
    assert run(proceeding, *stimuli)[0].response == kept


@pytest.mark.parametrize(
    ("status", "stimulus"), [(199, Stimulus.PROVISIONAL), (200, Stimulus.SUCCESS), (300, Stimulus.FAILURE)]
)
def test_a_response_is_the_stimulus_of_its_class(status, stimulus):
    assert responded(response(request(), status)) is stimulus


def test_timers_of_a_state_are_those_that_entering_it_started(proceeding):
    assert timers(proceeding) == begin(UDP)[1][:1]
    for stimuli in ((Stimulus.SUCCESS,), (Stimulus.FAILURE,), (Stimulus.FAILURE, Stimulus.ACK)):
        txn, outputs = run(proceeding, *stimuli)
        assert timers(txn) == tuple(each for each in outputs if isinstance(each, StartTimer))
    assert timers(run(proceeding, Stimulus.PROVISIONAL)[0]) == ()
