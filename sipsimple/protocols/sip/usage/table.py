"""What a call does, state by state: the documentation, the guard and the oracle in one.

A row is `stimulus: (action, states it may lead to)`. A pair that has no row is
in `IGNORED` with the reason; together they are complete. The guards of the
public methods are read off this table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipsimple.protocols.sip.usage import (
    abandon,
    answer,
    bye,
    cancel,
    invite,
    options,
    reinvite,
    resume,
    streams,
    success,
)
from sipsimple.protocols.sip.usage.call import Call
from sipsimple.protocols.sip.usage.exchange import Outputs
from sipsimple.protocols.sip.usage.state import State, Stimulus

Action = Callable[[Call, Any], tuple[Call, Outputs]]
Row = tuple[Action, tuple[State, ...]]

_NULL, _CALLING, _INCOMING, _ACCEPTING = State.NULL, State.CALLING, State.INCOMING, State.ACCEPTING
_ESTABLISHED, _TERMINATING, _TERMINATED = State.ESTABLISHED, State.TERMINATING, State.TERMINATED

TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    _NULL: {
        Stimulus.CONNECT: (invite.connect, (_CALLING,)),
        Stimulus.INVITE_RECEIVED: (answer.ring, (_INCOMING,)),
    },
    _CALLING: {
        Stimulus.TARGET_RESOLVED: (invite.target_resolved, (_CALLING,)),
        Stimulus.TARGET_FAILED: (invite.target_failed, (_CALLING, _TERMINATED)),
        Stimulus.STREAM_PREPARED: (invite.stream_prepared, (_CALLING,)),
        Stimulus.STREAM_FAILED: (invite.stream_failed, (_CALLING, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_ENDED: (invite.stream_failed, (_CALLING, _TERMINATING, _TERMINATED)),
        Stimulus.PROVISIONAL: (invite.provisional, (_CALLING,)),
        Stimulus.SUCCESS: (success.first, (_ESTABLISHED, _TERMINATED)),
        Stimulus.FAILURE: (invite.failure, (_TERMINATED,)),
        Stimulus.INVITE_LOST: (invite.lost, (_CALLING, _TERMINATED)),
        Stimulus.TERMINATE: (cancel.terminate, (_TERMINATING, _TERMINATED)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_CALLING,)),
        Stimulus.INVITE_RECEIVED: (reinvite.glare, (_CALLING,)),
        Stimulus.BYE_RECEIVED: (reinvite.gone, (_CALLING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_CALLING,)),
        Stimulus.PREPARING_TOO_LONG: (invite.overdue, (_CALLING, _TERMINATED)),
        Stimulus.RESUMED: (resume.calling, (_CALLING,)),
        Stimulus.ABANDONED: (abandon.calling, (_TERMINATING, _TERMINATED)),
    },
    _INCOMING: {
        Stimulus.ACCEPT: (answer.accept, (_ACCEPTING,)),
        Stimulus.REJECT: (answer.reject, (_TERMINATED,)),
        Stimulus.TERMINATE: (answer.terminate, (_TERMINATED,)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_INCOMING, _TERMINATED)),
        Stimulus.BYE_RECEIVED: (answer.bye_received, (_TERMINATED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.busy, (_INCOMING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_INCOMING,)),
        Stimulus.STILL_RINGING: (answer.ring_again, (_INCOMING,)),
        Stimulus.ABANDONED: (abandon.unanswered, (_TERMINATED,)),
    },
    _ACCEPTING: {
        Stimulus.STREAM_PREPARED: (answer.stream_prepared, (_ACCEPTING,)),
        Stimulus.STREAM_FAILED: (answer.stream_failed, (_ACCEPTING, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_ENDED: (answer.stream_ended, (_ACCEPTING, _TERMINATED)),
        Stimulus.ACK_RECEIVED: (answer.acknowledged, (_ACCEPTING, _ESTABLISHED)),
        Stimulus.STILL_RINGING: (answer.ring_again, (_ACCEPTING,)),
        Stimulus.RESEND_DUE: (answer.resend, (_ACCEPTING,)),
        Stimulus.ACK_MISSING: (answer.ack_missing, (_ACCEPTING, _TERMINATED)),
        Stimulus.TERMINATE: (answer.terminate, (_TERMINATING, _TERMINATED)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_ACCEPTING, _TERMINATED)),
        Stimulus.BYE_RECEIVED: (answer.bye_received, (_TERMINATED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.busy, (_ACCEPTING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_ACCEPTING,)),
        Stimulus.GRACE_OVER: (answer.grace_over, (_ACCEPTING, _TERMINATING)),
        Stimulus.PREPARING_TOO_LONG: (answer.overdue, (_ACCEPTING, _TERMINATED)),
        Stimulus.RESUMED: (resume.accepting, (_ACCEPTING,)),
        Stimulus.ABANDONED: (abandon.unanswered, (_TERMINATING, _TERMINATED)),
    },
    _ESTABLISHED: {
        Stimulus.TERMINATE: (bye.terminate, (_TERMINATING,)),
        Stimulus.BYE_RECEIVED: (bye.received, (_TERMINATED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.received, (_ESTABLISHED,)),
        Stimulus.ACK_RECEIVED: (reinvite.acknowledged, (_ESTABLISHED,)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_ESTABLISHED,)),
        Stimulus.RESEND_DUE: (answer.resend, (_ESTABLISHED,)),
        Stimulus.ACK_MISSING: (answer.ack_missing, (_ESTABLISHED, _TERMINATED)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_ESTABLISHED,)),
        Stimulus.SUCCESS: (success.again, (_ESTABLISHED,)),
        Stimulus.STREAM_ENDED: (streams.ended, (_ESTABLISHED,)),
        Stimulus.STREAM_FAILED: (streams.lost, (_ESTABLISHED, _TERMINATED)),
        Stimulus.GRACE_OVER: (streams.grace_over, (_ESTABLISHED, _TERMINATED)),
        Stimulus.ABANDONED: (abandon.established, (_TERMINATED,)),
    },
    _TERMINATING: {
        Stimulus.PROVISIONAL: (cancel.provisional, (_TERMINATING,)),
        Stimulus.SUCCESS: (success.while_ending, (_TERMINATING, _TERMINATED)),
        Stimulus.FAILURE: (cancel.final, (_TERMINATED,)),
        Stimulus.INVITE_LOST: (cancel.final, (_TERMINATED,)),
        Stimulus.CANCEL_UNANSWERED: (cancel.unanswered, (_TERMINATING, _TERMINATED)),
        Stimulus.BYE_DONE: (bye.done, (_TERMINATED,)),
        Stimulus.BYE_RECEIVED: (bye.received, (_TERMINATING, _TERMINATED)),
        Stimulus.ACK_RECEIVED: (answer.acknowledged_too_late, (_TERMINATING,)),
        Stimulus.RESEND_DUE: (answer.resend, (_TERMINATING,)),
        Stimulus.ACK_MISSING: (answer.never_acknowledged, (_TERMINATING,)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_TERMINATING,)),
        Stimulus.INVITE_RECEIVED: (reinvite.gone, (_TERMINATING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_TERMINATING,)),
        Stimulus.ABANDONED: (abandon.ending_already, (_TERMINATED,)),
    },
    _TERMINATED: {},
}

_COMMANDS = (Stimulus.CONNECT, Stimulus.ACCEPT, Stimulus.REJECT)
_TARGET = (Stimulus.TARGET_RESOLVED, Stimulus.TARGET_FAILED)
_REQUESTS = (
    Stimulus.CANCEL_RECEIVED,
    Stimulus.ACK_RECEIVED,
    Stimulus.BYE_RECEIVED,
    Stimulus.REQUEST_RECEIVED,
)
_RESPONSES = (
    Stimulus.PROVISIONAL,
    Stimulus.SUCCESS,
    Stimulus.FAILURE,
    Stimulus.INVITE_LOST,
    Stimulus.BYE_DONE,
)
_STREAMS = (Stimulus.STREAM_PREPARED, Stimulus.STREAM_FAILED, Stimulus.STREAM_ENDED)
_TIMERS = (
    Stimulus.STILL_RINGING,
    Stimulus.RESEND_DUE,
    Stimulus.ACK_MISSING,
    Stimulus.CANCEL_UNANSWERED,
    Stimulus.GRACE_OVER,
    Stimulus.PREPARING_TOO_LONG,
)

_UNKNOWN = "nobody has heard of this call yet"
_RACE = "the command lost a race against the network; its outcome is told by notification"
_UNASKED = "we sent no such request"
_LATE = "a late timer or answer of something that is over"
_NO_STREAM = "no stream is prepared before accept()"
_NOT_STARTED = "the timer is not started in this state, nor before it"
_NOTHING_LOST = "whatever it waits for has a clock, is repeated by the peer, or is the application's to say"
_ENDING = "the streams are stopped with the call"

IGNORED: dict[State, dict[Stimulus, str]] = {
    _NULL: {
        **dict.fromkeys((Stimulus.ACCEPT, Stimulus.REJECT, Stimulus.TERMINATE, Stimulus.ABANDONED), _UNKNOWN),
        **dict.fromkeys((*_TARGET, *_REQUESTS, *_RESPONSES, *_STREAMS, *_TIMERS, Stimulus.RESUMED), _UNKNOWN),
    },
    _CALLING: {
        **dict.fromkeys(_COMMANDS, _RACE),
        **dict.fromkeys([each for each in _TIMERS if each is not Stimulus.PREPARING_TOO_LONG], _NOT_STARTED),
        Stimulus.ACK_RECEIVED: "we sent no 2xx",
        Stimulus.BYE_DONE: _UNASKED,
    },
    _INCOMING: {
        Stimulus.CONNECT: _RACE,
        **dict.fromkeys((*_TARGET, *_RESPONSES), _UNASKED),
        **dict.fromkeys(_STREAMS, _NO_STREAM),
        **dict.fromkeys([each for each in _TIMERS if each is not Stimulus.STILL_RINGING], _NOT_STARTED),
        Stimulus.ACK_RECEIVED: "we sent no 2xx",
        Stimulus.RESUMED: _NOTHING_LOST,
    },
    _ACCEPTING: {
        **dict.fromkeys(_COMMANDS, _RACE),
        **dict.fromkeys((*_TARGET, *_RESPONSES), _UNASKED),
        Stimulus.CANCEL_UNANSWERED: _NOT_STARTED,
    },
    _ESTABLISHED: {
        **dict.fromkeys(_COMMANDS, _RACE),
        **dict.fromkeys([each for each in _RESPONSES if each is not Stimulus.SUCCESS], _LATE),
        **dict.fromkeys((*_TARGET, Stimulus.STREAM_PREPARED), _LATE),
        **dict.fromkeys((Stimulus.STILL_RINGING, Stimulus.PREPARING_TOO_LONG), _LATE),
        Stimulus.RESUMED: _NOTHING_LOST,
        Stimulus.CANCEL_UNANSWERED: _NOT_STARTED,
    },
    _TERMINATING: {
        **dict.fromkeys((*_COMMANDS, Stimulus.TERMINATE), _RACE),
        **dict.fromkeys((*_STREAMS, Stimulus.GRACE_OVER), _ENDING),
        **dict.fromkeys((*_TARGET, Stimulus.STILL_RINGING, Stimulus.PREPARING_TOO_LONG), _LATE),
        Stimulus.RESUMED: _NOTHING_LOST,
    },
    _TERMINATED: dict.fromkeys(Stimulus, "nothing leaves TERMINATED, and nothing of it answers"),
}


def allowed(stimulus: Stimulus) -> tuple[State, ...]:
    """Return the states in which a command may be given: the guard of the public methods."""
    return tuple(state for state, rows in TRANSITIONS.items() if stimulus in rows)


def led_to(state: State, stimulus: Stimulus) -> State:
    """Return where a command leads at once, as the public `state` shows it when the method returned.

    REJECT, and TERMINATE before an answer, pass through `TERMINATING`.
    """
    if stimulus in (Stimulus.REJECT, Stimulus.TERMINATE):
        return State.TERMINATING
    return TRANSITIONS[state][stimulus][1][0]
