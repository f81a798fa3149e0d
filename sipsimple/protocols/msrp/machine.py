"""The machine of an MSRP session: its states, what they meet, and what is done then. RFC 4975 sections 5.4 and 7.

`TRANSITIONS` is the whole of it, `IGNORED` says why the other cells are empty. Whatever happens, `Ended` comes once.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sipsimple.protocols.msrp import chunk, incoming, outgoing
from sipsimple.protocols.msrp.outputs import Ended, Failed, Send, Started
from sipsimple.protocols.msrp.state import Session, State, Step
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.msrp.message import MSRPData

CONNECT_TIMEOUT = 30.0
BIND_TIMEOUT = 30.0
LINGER = 2.0  # what was sent last may still be reported


class Stimulus(StrEnum):
    """What a session can meet."""

    START = "START"
    CONNECTED = "CONNECTED"
    SEND_RECEIVED = "SEND_RECEIVED"
    REPORT_RECEIVED = "REPORT_RECEIVED"
    REQUEST_REFUSED = "REQUEST_REFUSED"
    RESPONSE_RECEIVED = "RESPONSE_RECEIVED"
    BIND_ACCEPTED = "BIND_ACCEPTED"
    BIND_REFUSED = "BIND_REFUSED"
    CONNECT_TIMEOUT = "CONNECT_TIMEOUT"
    BIND_TIMEOUT = "BIND_TIMEOUT"
    CLOSE_TIMEOUT = "CLOSE_TIMEOUT"
    RESPONSE_TIMEOUT = "RESPONSE_TIMEOUT"
    CONNECTION_CLOSED = "CONNECTION_CLOSED"
    CONNECTION_BROKEN = "CONNECTION_BROKEN"
    END = "END"
    DRAINED = "DRAINED"


Action = Callable[[Session, Any], Step]


def _wait_for_connection(session: Session, _: object) -> Step:
    return session, (StartTimer("connect", CONNECT_TIMEOUT),)


def _bind(session: Session, _: object) -> Step:
    """The active side sends an empty SEND at once, section 5.4: data in it would end the session of some peers."""
    timers = (StopTimer("connect"), StartTimer("bind", BIND_TIMEOUT))
    terms = session.terms
    if not terms.active:
        return session, timers
    first = chunk.transaction_id(terms.seed, 0)
    return session, (*timers, Send(chunk.send(first, terms.to_path, terms.own, first)))


def _begin(session: Session, _: object) -> Step:
    return session, (StopTimer("bind"), Started())


def _begin_with(session: Session, request: MSRPData) -> Step:
    """A request with our paths binds the session, whichever side sent it."""
    session, outputs = incoming.take_send(session, request)
    return session, (StopTimer("bind"), Started(), *outputs)


def _refuse(session: Session, request: MSRPData) -> Step:
    return session, incoming.answer(request, incoming.refusal(session.terms, request) or 481)


def _fail_response(session: Session, response: MSRPData) -> Step:
    return _fail("start", session, f"{response.code} {response.comment or ''}".rstrip(), "bind")


def _fail_timeout(timer: str, reason: str) -> Action:
    return lambda session, _: _fail("start", session, reason, timer)


def _fail_start(session: Session, reason: str) -> Step:
    return _fail("start", session, reason, "connect", "bind")


def _fail_reading(session: Session, reason: str) -> Step:
    return _fail("reading", session, reason)


def _fail(context: str, session: Session, reason: str, *timers: str) -> Step:
    session, outputs = _finish(session, reason, *timers)
    return session, (Failed(context, reason), *outputs)


def _finish(session: Session, reason: object, *timers: str) -> Step:
    session, outputs = outgoing.abandon(session, str(reason or "session ended"))
    return session, (*(StopTimer(each) for each in timers), *outputs, Ended())


def _finish_start(session: Session, _: object) -> Step:
    return _finish(session, None, "connect", "bind")


def _finish_closing(session: Session, _: object) -> Step:
    return _finish(session, None, "close")


def _linger(session: Session, _: object) -> Step:
    return session, (StartTimer("close", LINGER),) if session.messages else ()


TRANSITIONS: dict[State, dict[Stimulus, tuple[State, Action]]] = {
    State.IDLE: {
        Stimulus.START: (State.CONNECTING, _wait_for_connection),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, _fail_start),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, _fail_start),
        Stimulus.END: (State.CLOSED, _finish_start),
    },
    State.CONNECTING: {
        Stimulus.CONNECTED: (State.BINDING, _bind),
        Stimulus.CONNECT_TIMEOUT: (State.CLOSED, _fail_timeout("connect", "connection timed out")),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, _fail_start),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, _fail_start),
        Stimulus.END: (State.CLOSED, _finish_start),
    },
    State.BINDING: {
        Stimulus.SEND_RECEIVED: (State.STARTED, _begin_with),
        Stimulus.REQUEST_REFUSED: (State.BINDING, _refuse),
        Stimulus.BIND_ACCEPTED: (State.STARTED, _begin),
        Stimulus.BIND_REFUSED: (State.CLOSED, _fail_response),
        Stimulus.BIND_TIMEOUT: (State.CLOSED, _fail_timeout("bind", "peer did not bind the session in time")),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, _fail_start),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, _fail_start),
        Stimulus.END: (State.CLOSED, _finish_start),
    },
    State.STARTED: {
        Stimulus.SEND_RECEIVED: (State.STARTED, incoming.take_send),
        Stimulus.REPORT_RECEIVED: (State.STARTED, outgoing.take_report),
        Stimulus.REQUEST_REFUSED: (State.STARTED, _refuse),
        Stimulus.RESPONSE_RECEIVED: (State.STARTED, outgoing.take_response),
        Stimulus.RESPONSE_TIMEOUT: (State.STARTED, outgoing.miss_response),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, _finish),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, _fail_reading),
        Stimulus.END: (State.CLOSING, _linger),
    },
    State.CLOSING: {
        Stimulus.SEND_RECEIVED: (State.CLOSING, _refuse),
        Stimulus.REPORT_RECEIVED: (State.CLOSING, outgoing.take_report),
        Stimulus.REQUEST_REFUSED: (State.CLOSING, _refuse),
        Stimulus.RESPONSE_RECEIVED: (State.CLOSING, outgoing.take_response),
        Stimulus.RESPONSE_TIMEOUT: (State.CLOSING, outgoing.miss_response),
        Stimulus.CLOSE_TIMEOUT: (State.CLOSED, _finish_closing),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, _finish_closing),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, _finish_closing),
        Stimulus.DRAINED: (State.CLOSED, _finish_closing),
    },
    State.CLOSED: {},
}

IGNORED: dict[Stimulus, str] = {
    Stimulus.START: "the public function refuses a second start",
    Stimulus.CONNECTED: "a session has one connection",
    Stimulus.SEND_RECEIVED: "nothing is read before the connection is reported or after it is over",
    Stimulus.REPORT_RECEIVED: "there is nothing to report on before the session is bound",
    Stimulus.REQUEST_REFUSED: "nothing is read before the connection is reported or after it is over",
    Stimulus.RESPONSE_RECEIVED: "there is nothing to respond to before the session is bound",
    Stimulus.BIND_ACCEPTED: "only a binding session awaits this response",
    Stimulus.BIND_REFUSED: "only a binding session awaits this response",
    Stimulus.CONNECT_TIMEOUT: "a late timer",
    Stimulus.BIND_TIMEOUT: "a late timer",
    Stimulus.CLOSE_TIMEOUT: "a late timer",
    Stimulus.RESPONSE_TIMEOUT: "a late timer",
    Stimulus.CONNECTION_CLOSED: "the session is over",
    Stimulus.CONNECTION_BROKEN: "the session is over",
    Stimulus.END: "the session is ending or over",
    Stimulus.DRAINED: "only an ending session waits for its messages",
}


def step(session: Session, stimulus: Stimulus, detail: object = None) -> Step:
    """Advance `session`. A stimulus that the state has no row for changes nothing."""
    row = TRANSITIONS[session.state].get(stimulus)
    if row is None:
        return session, ()
    state, act = row
    session, outputs = act(session, detail)
    if session.state is not state:
        session = replace(session, state=state)
    if state is State.CLOSING and not session.messages:
        session, more = step(session, Stimulus.DRAINED)
        outputs = (*outputs, *more)
    return session, outputs
