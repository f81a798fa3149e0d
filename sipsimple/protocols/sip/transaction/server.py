"""Non-INVITE server transaction: RFC 3261 §17.2.2, with the limits on its responses of RFC 4320."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.transaction.outputs import COMPLETED, Deliver, MachineOutput, Send, Terminated, Unsent
from sipsimple.protocols.values import Discreet

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
    """What can happen: the request's repeats, our responses; the value of a timer's stimulus is its name."""

    REQUEST = "request"
    PROVISIONAL = "1xx"
    FINAL = "2xx-6xx"
    TIMER_J = "J"
    TRANSPORT_ERROR = "transport error"


class Server(Discreet):
    """State of one non-INVITE server transaction; `response` is the last one, as bytes."""

    HIDDEN = ("response",)

    flow: Flow
    timing: Timing
    response: bytes = b""
    state: State = State.TRYING


Step: TypeAlias = tuple[Server, tuple[MachineOutput, ...]]
Action: TypeAlias = Callable[[Server, State, Any], Step]


def start(txn: Server, request: Request) -> Step:
    """Deliver the request of a new transaction."""
    return txn, (Deliver(request),)


def timers(txn: Server) -> tuple[StartTimer, ...]:
    """Name the timers that the present state needs running."""
    if txn.state is State.COMPLETED:
        return (StartTimer("J", 0.0 if txn.flow.reliable else txn.timing.timeout),)
    return ()


def responded(response: Response) -> Stimulus:
    """Tell which stimulus a response of ours is.

    Raises:
        LocalProtocolError: 408, or a provisional response that is not 100: RFC 4320 §4.
    """
    if response.status >= 200 and response.status != 408:
        return Stimulus.FINAL
    if response.status == 100:
        return Stimulus.PROVISIONAL
    raise LocalProtocolError(f"response {response.status} to a non-INVITE request")


def step(txn: Server, stimulus: Stimulus, message: Request | Response | None = None) -> Step:
    """Advance `txn`. A stimulus that the state has no row for changes nothing."""
    row = TRANSITIONS[txn.state].get(stimulus)
    if row is None:
        return txn, ()
    state, act = row
    return act(txn, state, message)


def respond(txn: Server, state: State, response: Response) -> Step:
    """Send a response and keep it for the request's repeats."""
    txn = Server(txn.flow, txn.timing, bytes(response), state)
    return txn, (Send(response, txn.flow), *timers(txn))


def respond_again(txn: Server, state: State, _: object) -> Step:
    """Send the last response to a repeat of the request."""
    return _moved(txn, state), (Send(txn.response, txn.flow),)


def report(txn: Server, state: State, _: object) -> Step:
    """Tell the user that the response was not sent; a repeat of the request may still fetch it."""
    return _moved(txn, state), (Unsent(),)


def finish(txn: Server, state: State, _: object) -> Step:
    """End the transaction: no repeat can come any more."""
    return _moved(txn, state), (Terminated(COMPLETED),)


def _moved(txn: Server, state: State) -> Server:
    return txn if txn.state is state else Server(txn.flow, txn.timing, txn.response, state)


TRANSITIONS: dict[State, dict[Stimulus, tuple[State, Action]]] = {
    State.TRYING: {
        Stimulus.PROVISIONAL: (State.PROCEEDING, respond),
        Stimulus.FINAL: (State.COMPLETED, respond),
    },
    State.PROCEEDING: {
        Stimulus.REQUEST: (State.PROCEEDING, respond_again),
        Stimulus.PROVISIONAL: (State.PROCEEDING, respond),
        Stimulus.FINAL: (State.COMPLETED, respond),
        Stimulus.TRANSPORT_ERROR: (State.PROCEEDING, report),
    },
    State.COMPLETED: {
        Stimulus.REQUEST: (State.COMPLETED, respond_again),
        Stimulus.TIMER_J: (State.TERMINATED, finish),
        Stimulus.TRANSPORT_ERROR: (State.COMPLETED, report),
    },
    State.TERMINATED: {},
}

_NOT_YET = "is not started before a later state"
_OVER = "the transaction is over"

IGNORED: dict[State, dict[Stimulus, str]] = {
    State.TRYING: {
        Stimulus.REQUEST: "there is no response to repeat yet",
        Stimulus.TRANSPORT_ERROR: "nothing was sent yet",
        Stimulus.TIMER_J: _NOT_YET,
    },
    State.PROCEEDING: {Stimulus.TIMER_J: _NOT_YET},
    State.COMPLETED: dict.fromkeys((Stimulus.PROVISIONAL, Stimulus.FINAL), "the final response was sent already"),
    State.TERMINATED: dict.fromkeys(Stimulus, _OVER),
}
"""Why a stimulus has no row."""
