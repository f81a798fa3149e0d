"""INVITE server transaction: RFC 3261 §17.2.1 as amended by RFC 6026 (state Accepted, timer L)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.transaction.outputs import (
    COMPLETED,
    TIMEOUT,
    Deliver,
    MachineOutput,
    Send,
    Terminated,
    Unsent,
)
from sipsimple.protocols.values import Discreet, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.timing import Timing
    from sipsimple.protocols.sip.transport import Flow


class State(StrEnum):
    """States in the RFC's words."""

    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class Stimulus(StrEnum):
    """What can happen: requests, our responses; the value of a timer's stimulus is the timer's name."""

    INVITE = "INVITE"
    ACK = "ACK"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "3xx-6xx"
    TIMER_100 = "100"
    TIMER_G = "G"
    TIMER_H = "H"
    TIMER_I = "I"
    TIMER_L = "L"
    TRANSPORT_ERROR = "transport error"


class InviteServer(Discreet):
    """State of one INVITE server transaction; a value, replaced on each step.

    The request is forgotten with the first response; `response` is the last one
    that a repeated INVITE fetches, as bytes.
    """

    HIDDEN = ("response",)

    request: Request | None
    make_trying: Callable[[Request], Response]
    flow: Flow
    timing: Timing
    response: bytes = b""
    resend_after: float = 0.0
    state: State = State.PROCEEDING


Step: TypeAlias = tuple[InviteServer, tuple[MachineOutput, ...]]
Action: TypeAlias = Callable[[InviteServer, State, Any], Step]


def start(txn: InviteServer) -> Step:
    """Deliver the INVITE of a new transaction; a user that stays silent for 200 ms is spoken for with 100."""
    assert txn.request is not None
    return txn, (*timers(txn), Deliver(txn.request))


def timers(txn: InviteServer) -> tuple[StartTimer, ...]:
    """Name the timers that the present state needs running."""
    timing = txn.timing
    match txn.state:
        case State.PROCEEDING if txn.request is not None:
            return (StartTimer("100", timing.trying_after),)
        case State.COMPLETED if txn.flow.reliable:
            return (StartTimer("H", timing.timeout),)
        case State.COMPLETED:
            return StartTimer("G", txn.resend_after), StartTimer("H", timing.timeout)
        case State.CONFIRMED:
            return (StartTimer("I", 0.0 if txn.flow.reliable else timing.t4),)
        case State.ACCEPTED:
            return (StartTimer("L", timing.timeout),)
        case _:
            return ()


def responded(response: Response) -> Stimulus:
    """Tell which stimulus a response of ours is."""
    if response.status >= 300:
        return Stimulus.FAILURE
    return Stimulus.SUCCESS if response.status >= 200 else Stimulus.PROVISIONAL


def step(txn: InviteServer, stimulus: Stimulus, message: Request | Response | None = None) -> Step:
    """Advance `txn`. A stimulus that the state has no row for changes nothing."""
    row = TRANSITIONS[txn.state].get(stimulus)
    if row is None:
        return txn, ()
    state, act = row
    return act(txn, state, message)


def try_(txn: InviteServer, state: State, _: object) -> Step:
    """Send 100 in place of a user that has not responded; one that has makes the timer late."""
    if txn.request is None:
        return txn, ()
    trying = txn.make_trying(txn.request)
    return _responded(txn, state, bytes(trying)), (Send(trying, txn.flow),)


def respond(txn: InviteServer, state: State, response: Response) -> Step:
    """Send a provisional response and keep it for repeats of the INVITE."""
    return _responded(txn, state, bytes(response)), (*_stopped(txn), Send(response, txn.flow))


def respond_again(txn: InviteServer, state: State, _: object) -> Step:
    """Send the last response, if there is one, to a repeat of the INVITE."""
    return _moved(txn, state), (Send(txn.response, txn.flow),) if txn.response else ()


def accept(txn: InviteServer, state: State, response: Response) -> Step:
    """Send the 2xx once; its repeats are the transaction user's, who gives them here, §13.3.1.4."""
    stopped = _stopped(txn)
    txn = _responded(txn, state, b"")
    return txn, (*stopped, Send(response, txn.flow), *timers(txn))


def accept_again(txn: InviteServer, state: State, response: Response) -> Step:
    """Send the user's repeat of its 2xx."""
    return _moved(txn, state), (Send(response, txn.flow),)


def refuse(txn: InviteServer, state: State, response: Response) -> Step:
    """Send a failure and keep it until its ACK comes."""
    stopped = _stopped(txn)
    txn = _responded(txn, state, bytes(response), txn.timing.t1)
    return txn, (*stopped, Send(response, txn.flow), *timers(txn))


def resend(txn: InviteServer, state: State, _: object) -> Step:
    """Send the failure again, and again after twice the time but at most T2."""
    delay = min(2 * txn.resend_after, txn.timing.t2)
    return _responded(txn, state, txn.response, delay), (Send(txn.response, txn.flow), StartTimer("G", delay))


def confirm(txn: InviteServer, state: State, _: object) -> Step:
    """Take the ACK of the failure and absorb its repeats for a while."""
    stopped = (StopTimer("H"),) if txn.flow.reliable else (StopTimer("G"), StopTimer("H"))
    txn = _responded(txn, state, b"")
    return txn, (*stopped, *timers(txn))


def deliver(txn: InviteServer, state: State, ack: Request) -> Step:
    """Deliver an ACK of the 2xx that bears the INVITE's branch: RFC 6026 §7.1."""
    return _moved(txn, state), (Deliver(ack),)


def report(txn: InviteServer, state: State, _: object) -> Step:
    """Tell the user that a response was not sent; repeats of it may still arrive."""
    return _moved(txn, state), (Unsent(),)


def fail(txn: InviteServer, state: State, _: object) -> Step:
    """End a transaction whose failure was never acknowledged."""
    stopped = () if txn.flow.reliable else (StopTimer("G"),)
    return _responded(txn, state, b""), (*stopped, Terminated(TIMEOUT))


def finish(txn: InviteServer, state: State, _: object) -> Step:
    """End an acknowledged or accepted transaction."""
    return _moved(txn, state), (Terminated(COMPLETED),)


def _responded(txn: InviteServer, state: State, response: bytes, resend_after: float = 0.0) -> InviteServer:
    return InviteServer(None, txn.make_trying, txn.flow, txn.timing, response, resend_after, state)


def _moved(txn: InviteServer, state: State) -> InviteServer:
    return txn if txn.state is state else replace(txn, state=state)


def _stopped(txn: InviteServer) -> tuple[StopTimer, ...]:
    return () if txn.request is None else (StopTimer("100"),)


TRANSITIONS: dict[State, dict[Stimulus, tuple[State, Action]]] = {
    State.PROCEEDING: {
        Stimulus.INVITE: (State.PROCEEDING, respond_again),
        Stimulus.PROVISIONAL: (State.PROCEEDING, respond),
        Stimulus.SUCCESS: (State.ACCEPTED, accept),
        Stimulus.FAILURE: (State.COMPLETED, refuse),
        Stimulus.TIMER_100: (State.PROCEEDING, try_),
        Stimulus.TRANSPORT_ERROR: (State.PROCEEDING, report),
    },
    State.COMPLETED: {
        Stimulus.INVITE: (State.COMPLETED, respond_again),
        Stimulus.ACK: (State.CONFIRMED, confirm),
        Stimulus.TIMER_G: (State.COMPLETED, resend),
        Stimulus.TIMER_H: (State.TERMINATED, fail),
        Stimulus.TRANSPORT_ERROR: (State.COMPLETED, report),
    },
    State.CONFIRMED: {
        Stimulus.TIMER_I: (State.TERMINATED, finish),
    },
    State.ACCEPTED: {
        Stimulus.ACK: (State.ACCEPTED, deliver),
        Stimulus.SUCCESS: (State.ACCEPTED, accept_again),
        Stimulus.TIMER_L: (State.TERMINATED, finish),
        Stimulus.TRANSPORT_ERROR: (State.ACCEPTED, report),
    },
    State.TERMINATED: {},
}

_NOT_YET = "is not started before a later state"
_LATE = "was stopped, or never started, before this state"
_SENT = "a final response was sent already"
_OURS = (Stimulus.PROVISIONAL, Stimulus.SUCCESS, Stimulus.FAILURE)

IGNORED: dict[State, dict[Stimulus, str]] = {
    State.PROCEEDING: {
        Stimulus.ACK: "nothing was sent that an ACK acknowledges",
        **dict.fromkeys((Stimulus.TIMER_G, Stimulus.TIMER_H, Stimulus.TIMER_I, Stimulus.TIMER_L), _NOT_YET),
    },
    State.COMPLETED: {
        **dict.fromkeys(_OURS, _SENT),
        **dict.fromkeys((Stimulus.TIMER_100, Stimulus.TIMER_L), _LATE),
        Stimulus.TIMER_I: _NOT_YET,
    },
    State.CONFIRMED: {
        Stimulus.INVITE: "a late repeat, overtaken by the ACK",
        Stimulus.ACK: "a repeat",
        Stimulus.TRANSPORT_ERROR: "the transaction sends nothing any more",
        **dict.fromkeys(_OURS, _SENT),
        **dict.fromkeys((Stimulus.TIMER_100, Stimulus.TIMER_G, Stimulus.TIMER_H, Stimulus.TIMER_L), _LATE),
    },
    State.ACCEPTED: {
        Stimulus.INVITE: "a repeat; the user sends the 2xx again without being asked",
        **dict.fromkeys((Stimulus.PROVISIONAL, Stimulus.FAILURE), _SENT),
        **dict.fromkeys((Stimulus.TIMER_100, Stimulus.TIMER_G, Stimulus.TIMER_H, Stimulus.TIMER_I), _LATE),
    },
    State.TERMINATED: dict.fromkeys(Stimulus, "the transaction is over"),
}
"""Why a stimulus has no row."""
