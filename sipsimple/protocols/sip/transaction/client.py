"""Non-INVITE client transaction: RFC 3261 §17.1.2."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.transaction.outputs import (
    COMPLETED,
    TIMEOUT,
    TRANSPORT_ERROR,
    Deliver,
    MachineOutput,
    Send,
    Terminated,
)
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.timing import Timing
    from sipsimple.protocols.sip.transport import Flow


class State(StrEnum):
    """States in the RFC's words."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    TERMINATED = "terminated"


class Stimulus(StrEnum):
    """What can happen; the value of a timer's stimulus is the timer's name."""

    PROVISIONAL = "1xx"
    FINAL = "2xx-6xx"
    TIMER_E = "E"
    TIMER_F = "F"
    TIMER_K = "K"
    TRANSPORT_ERROR = "transport error"


class Client(Value):
    """State of one non-INVITE client transaction; the request is forgotten once it is answered."""

    request: Request | None
    flow: Flow
    timing: Timing
    resend_after: float = 0.0
    state: State = State.TRYING


Step: TypeAlias = tuple[Client, tuple[MachineOutput, ...]]
Action: TypeAlias = Callable[[Client, State, Any], Step]


def start(txn: Client) -> Step:
    """Send the request of a new transaction."""
    request = _request(txn)
    txn = Client(request, txn.flow, txn.timing, txn.timing.t1)
    return txn, (Send(request, txn.flow), *timers(txn))


def timers(txn: Client) -> tuple[StartTimer, ...]:
    """Name the timers that the present state needs running."""
    match txn.state:
        case State.TRYING | State.PROCEEDING if txn.flow.reliable:
            return (StartTimer("F", txn.timing.timeout),)
        case State.TRYING | State.PROCEEDING:
            return StartTimer("E", txn.resend_after), StartTimer("F", txn.timing.timeout)
        case State.COMPLETED:
            return (StartTimer("K", 0.0 if txn.flow.reliable else txn.timing.t4),)
        case _:
            return ()


def received(response: Response) -> Stimulus:
    """Tell which stimulus a response is."""
    return Stimulus.FINAL if response.status >= 200 else Stimulus.PROVISIONAL


def step(txn: Client, stimulus: Stimulus, message: Response | None = None) -> Step:
    """Advance `txn`. A stimulus that the state has no row for changes nothing."""
    row = TRANSITIONS[txn.state].get(stimulus)
    if row is None:
        return txn, ()
    state, act = row
    return act(txn, state, message)


def resend(txn: Client, state: State, _: object) -> Step:
    """Send the request again: in Trying after twice the time but at most T2, in Proceeding after T2."""
    request = _request(txn)
    longest = txn.timing.t2
    delay = longest if state is State.PROCEEDING else min(2 * txn.resend_after, longest)
    return Client(request, txn.flow, txn.timing, delay, state), (Send(request, txn.flow), StartTimer("E", delay))


def deliver(txn: Client, state: State, response: Response) -> Step:
    """Deliver a provisional response; the timers run on."""
    return Client(txn.request, txn.flow, txn.timing, txn.resend_after, state), (Deliver(response),)


def complete(txn: Client, state: State, response: Response) -> Step:
    """Deliver the final response and wait for its repeats."""
    txn = Client(None, txn.flow, txn.timing, state=state)
    return txn, (*_stopped(txn), Deliver(response), *timers(txn))


def fail(reason: str) -> Action:
    """Make the action that ends an unanswered transaction because of `reason`."""

    def fail_(txn: Client, state: State, _: object) -> Step:
        return Client(None, txn.flow, txn.timing, state=state), (*_stopped(txn), Terminated(reason))

    return fail_


def finish(txn: Client, state: State, _: object) -> Step:
    """End an answered transaction."""
    return Client(None, txn.flow, txn.timing, state=state), (Terminated(COMPLETED),)


def _request(txn: Client) -> Request:
    assert txn.request is not None, "an unanswered transaction has its request"
    return txn.request


def _stopped(txn: Client) -> tuple[StopTimer, ...]:
    return (StopTimer("F"),) if txn.flow.reliable else (StopTimer("E"), StopTimer("F"))


TRANSITIONS: dict[State, dict[Stimulus, tuple[State, Action]]] = {
    State.TRYING: {
        Stimulus.PROVISIONAL: (State.PROCEEDING, deliver),
        Stimulus.FINAL: (State.COMPLETED, complete),
        Stimulus.TIMER_E: (State.TRYING, resend),
        Stimulus.TIMER_F: (State.TERMINATED, fail(TIMEOUT)),
        Stimulus.TRANSPORT_ERROR: (State.TERMINATED, fail(TRANSPORT_ERROR)),
    },
    State.PROCEEDING: {
        Stimulus.PROVISIONAL: (State.PROCEEDING, deliver),
        Stimulus.FINAL: (State.COMPLETED, complete),
        Stimulus.TIMER_E: (State.PROCEEDING, resend),
        Stimulus.TIMER_F: (State.TERMINATED, fail(TIMEOUT)),
        Stimulus.TRANSPORT_ERROR: (State.TERMINATED, fail(TRANSPORT_ERROR)),
    },
    State.COMPLETED: {
        Stimulus.TIMER_K: (State.TERMINATED, finish),
    },
    State.TERMINATED: {},
}

_NOT_YET = "is not started before a later state"
_LATE = "was stopped before this state"
_OVER = "the transaction is over"

IGNORED: dict[State, dict[Stimulus, str]] = {
    State.TRYING: {Stimulus.TIMER_K: _NOT_YET},
    State.PROCEEDING: {Stimulus.TIMER_K: _NOT_YET},
    State.COMPLETED: {
        Stimulus.PROVISIONAL: "overtaken by the final response",
        Stimulus.FINAL: "a repeat; one final response is delivered",
        Stimulus.TRANSPORT_ERROR: "the transaction sends nothing any more",
        **dict.fromkeys((Stimulus.TIMER_E, Stimulus.TIMER_F), _LATE),
    },
    State.TERMINATED: dict.fromkeys(Stimulus, _OVER),
}
"""Why a stimulus has no row."""
