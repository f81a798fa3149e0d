"""INVITE client transaction: RFC 3261 §17.1.1 as amended by RFC 6026 (state Accepted, timer M)."""

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
from sipsimple.protocols.values import Discreet, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.timing import Timing
    from sipsimple.protocols.sip.transport import Flow


class State(StrEnum):
    """States in the RFC's words."""

    CALLING = "calling"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    TERMINATED = "terminated"


class Stimulus(StrEnum):
    """What can happen; the value of a timer's stimulus is the timer's name."""

    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "3xx-6xx"
    TIMER_A = "A"
    TIMER_B = "B"
    TIMER_D = "D"
    TIMER_M = "M"
    TIMER_W = "W"
    WITHDRAWAL = "withdrawal"
    TRANSPORT_ERROR = "transport error"


class InviteClient(Discreet):
    """State of one INVITE client transaction; a value, replaced on each step.

    The request is forgotten once it is answered; of a failure the ACK's bytes are kept.
    """

    HIDDEN = ("ack",)

    request: Request | None
    make_ack: Callable[[Request, Response], Request]
    flow: Flow
    timing: Timing
    resend_after: float = 0.0
    ack: bytes = b""
    state: State = State.CALLING


Step: TypeAlias = tuple[InviteClient, tuple[MachineOutput, ...]]
Action: TypeAlias = Callable[[InviteClient, State, Any], Step]


def start(txn: InviteClient) -> Step:
    """Send the request of a new transaction."""
    request = _request(txn)
    txn = InviteClient(request, txn.make_ack, txn.flow, txn.timing, txn.timing.t1)
    return txn, (Send(request, txn.flow), *timers(txn))


def timers(txn: InviteClient) -> tuple[StartTimer, ...]:
    """Name the timers that the present state needs running."""
    timing = txn.timing
    match txn.state:
        case State.CALLING if txn.flow.reliable:
            return (StartTimer("B", timing.timeout),)
        case State.CALLING:
            return StartTimer("A", txn.resend_after), StartTimer("B", timing.timeout)
        case State.COMPLETED:
            return (StartTimer("D", 0.0 if txn.flow.reliable else timing.wait_d),)
        case State.ACCEPTED:
            return (StartTimer("M", timing.timeout),)
        case State.WITHDRAWN:
            return (StartTimer("W", timing.timeout),)
        case _:
            return ()


def received(response: Response) -> Stimulus:
    """Tell which stimulus a response is."""
    if response.status >= 300:
        return Stimulus.FAILURE
    return Stimulus.SUCCESS if response.status >= 200 else Stimulus.PROVISIONAL


def step(txn: InviteClient, stimulus: Stimulus, message: Response | None = None) -> Step:
    """Advance `txn`. A stimulus that the state has no row for changes nothing."""
    row = TRANSITIONS[txn.state].get(stimulus)
    if row is None:
        return txn, ()
    state, act = row
    return act(txn, state, message)


def resend(txn: InviteClient, state: State, _: object) -> Step:
    """Send the request again, and again after twice the time, without a ceiling: §17.1.1.2."""
    delay = 2 * txn.resend_after
    return replace(txn, state=state, resend_after=delay), (Send(_request(txn), txn.flow), StartTimer("A", delay))


def proceed(txn: InviteClient, state: State, response: Response) -> Step:
    """Deliver the first provisional response: no more resending, no more timeout."""
    return _moved(txn, state), (*_stopped(txn), Deliver(response))


def deliver(txn: InviteClient, state: State, response: Response) -> Step:
    """Deliver one more response of the same kind."""
    return _moved(txn, state), (Deliver(response),)


def accept(txn: InviteClient, state: State, response: Response) -> Step:
    """Deliver the first 2xx; its ACK is the transaction user's, §13.2.2.4."""
    stopped = _stopped(txn)  # in Withdrawn, too: it asks for the time that an answer may still take
    txn = InviteClient(None, txn.make_ack, txn.flow, txn.timing, state=state)
    return txn, (*stopped, Deliver(response), *timers(txn))


def acknowledge(txn: InviteClient, state: State, response: Response) -> Step:
    """Send the ACK of a failure first: an observer of the delivery may take its time."""
    ack = txn.make_ack(_request(txn), response)
    stopped = _stopped(txn)
    txn = InviteClient(None, txn.make_ack, txn.flow, txn.timing, ack=bytes(ack), state=state)
    return txn, (*stopped, Send(ack, txn.flow), Deliver(response), *timers(txn))


def acknowledge_again(txn: InviteClient, state: State, _: object) -> Step:
    """Send the same ACK for a repeated failure, which is not delivered."""
    return _moved(txn, state), (Send(txn.ack, txn.flow),)


def withdraw(txn: InviteClient, state: State, _: object) -> Step:
    """Ask no more, and wait for nothing: but should a final response come all the same, it gets its ACK, §9.1."""
    stopped = _stopped(txn)
    txn = _moved(txn, state)
    return txn, (*stopped, *timers(txn))


def lose_ack(txn: InviteClient, state: State, _: object) -> Step:
    """End early: the user has its final response, and the ACK cannot be sent."""
    return _moved(txn, state), (StopTimer("D"), Terminated(COMPLETED))


def finish(reason: str) -> Action:
    """Make the action that ends the transaction because of `reason`."""

    def finish_(txn: InviteClient, state: State, _: object) -> Step:
        return _moved(txn, state), (*_stopped(txn), Terminated(reason))

    return finish_


def _request(txn: InviteClient) -> Request:
    assert txn.request is not None, "an unanswered transaction has its request"
    return txn.request


def _moved(txn: InviteClient, state: State) -> InviteClient:
    return txn if txn.state is state else replace(txn, state=state)


def _stopped(txn: InviteClient) -> tuple[StopTimer, ...]:
    """Stop what runs until there is an answer; a timer that has just fired is stopped too, which does nothing."""
    if txn.state is State.WITHDRAWN:
        return (StopTimer("W"),)
    if txn.state is not State.CALLING:
        return ()
    return (StopTimer("B"),) if txn.flow.reliable else (StopTimer("A"), StopTimer("B"))


TRANSITIONS: dict[State, dict[Stimulus, tuple[State, Action]]] = {
    State.CALLING: {
        Stimulus.PROVISIONAL: (State.PROCEEDING, proceed),
        Stimulus.SUCCESS: (State.ACCEPTED, accept),
        Stimulus.FAILURE: (State.COMPLETED, acknowledge),
        Stimulus.TIMER_A: (State.CALLING, resend),
        Stimulus.TIMER_B: (State.TERMINATED, finish(TIMEOUT)),
        Stimulus.WITHDRAWAL: (State.WITHDRAWN, withdraw),
        Stimulus.TRANSPORT_ERROR: (State.TERMINATED, finish(TRANSPORT_ERROR)),
    },
    State.PROCEEDING: {
        Stimulus.PROVISIONAL: (State.PROCEEDING, deliver),
        Stimulus.SUCCESS: (State.ACCEPTED, accept),
        Stimulus.FAILURE: (State.COMPLETED, acknowledge),
        Stimulus.WITHDRAWAL: (State.WITHDRAWN, withdraw),
        # nothing is being sent, but a call must not ring for ever on a lost connection: §8.1.3.1
        Stimulus.TRANSPORT_ERROR: (State.TERMINATED, finish(TRANSPORT_ERROR)),
    },
    State.COMPLETED: {
        Stimulus.FAILURE: (State.COMPLETED, acknowledge_again),
        Stimulus.TIMER_D: (State.TERMINATED, finish(COMPLETED)),
        Stimulus.TRANSPORT_ERROR: (State.TERMINATED, lose_ack),
    },
    State.ACCEPTED: {
        Stimulus.SUCCESS: (State.ACCEPTED, deliver),
        Stimulus.TIMER_M: (State.TERMINATED, finish(COMPLETED)),
    },
    State.WITHDRAWN: {
        Stimulus.SUCCESS: (State.ACCEPTED, accept),
        Stimulus.FAILURE: (State.COMPLETED, acknowledge),
        Stimulus.TIMER_W: (State.TERMINATED, finish(TIMEOUT)),
    },
    State.TERMINATED: {},
}

_NOT_YET = "is not started before a later state"
_LATE = "was stopped, or had fired, before this state"
_OVER = "the transaction is over"
_ANSWERED = "there is nothing to withdraw: the final response has come"
_ASKED = "is started only when the request is withdrawn"

IGNORED: dict[State, dict[Stimulus, str]] = {
    State.CALLING: {**dict.fromkeys((Stimulus.TIMER_D, Stimulus.TIMER_M), _NOT_YET), Stimulus.TIMER_W: _ASKED},
    State.PROCEEDING: {
        Stimulus.TIMER_W: _ASKED,
        **dict.fromkeys((Stimulus.TIMER_A, Stimulus.TIMER_B), _LATE),
        **dict.fromkeys((Stimulus.TIMER_D, Stimulus.TIMER_M), _NOT_YET),
    },
    State.COMPLETED: {
        Stimulus.PROVISIONAL: "overtaken by the failure",
        Stimulus.SUCCESS: "a forking proxy sends one kind of final response only",
        Stimulus.WITHDRAWAL: _ANSWERED,
        Stimulus.TIMER_W: _LATE,
        **dict.fromkeys((Stimulus.TIMER_A, Stimulus.TIMER_B, Stimulus.TIMER_M), _LATE),
    },
    State.ACCEPTED: {
        Stimulus.PROVISIONAL: "overtaken by the 2xx",
        Stimulus.FAILURE: "a forking proxy sends no failure after a 2xx",
        Stimulus.WITHDRAWAL: _ANSWERED,
        Stimulus.TIMER_W: _LATE,
        Stimulus.TRANSPORT_ERROR: "the transaction sends nothing any more, the ACK is the user's",
        **dict.fromkeys((Stimulus.TIMER_A, Stimulus.TIMER_B, Stimulus.TIMER_D), _LATE),
    },
    State.WITHDRAWN: {
        Stimulus.PROVISIONAL: "nobody waits for the answer any more",
        Stimulus.WITHDRAWAL: "it was withdrawn before",
        Stimulus.TRANSPORT_ERROR: "nothing is sent any more, and an answer may come by another connection",
        **dict.fromkeys((Stimulus.TIMER_A, Stimulus.TIMER_B), _LATE),
        **dict.fromkeys((Stimulus.TIMER_D, Stimulus.TIMER_M), _NOT_YET),
    },
    State.TERMINATED: dict.fromkeys(Stimulus, _OVER),
}
"""Why a stimulus has no row."""
