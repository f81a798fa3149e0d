"""What a call does, state by state: the documentation, the guard and the oracle in one.

A row is `stimulus: (action, states it may lead to)`. A pair that has no row is
in `IGNORED` with the reason, or it cannot happen and a test says so. The
guards of the public methods are read off this table.
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
    streams,
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
        Stimulus.STREAM_FAILED: (invite.stream_failed, (_TERMINATED,)),
        Stimulus.PROVISIONAL: (invite.provisional, (_CALLING,)),
        Stimulus.SUCCESS: (invite.success, (_ESTABLISHED, _TERMINATED)),
        Stimulus.FAILURE: (invite.failure, (_TERMINATED,)),
        Stimulus.INVITE_LOST: (invite.lost, (_CALLING, _TERMINATED)),
        Stimulus.TERMINATE: (cancel.terminate, (_TERMINATING, _TERMINATED)),
        Stimulus.INVITE_RECEIVED: (reinvite.glare, (_CALLING,)),
        Stimulus.BYE_RECEIVED: (reinvite.gone, (_CALLING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_CALLING,)),
        Stimulus.ABANDONED: (abandon.calling, (_TERMINATED,)),
    },
    _INCOMING: {
        Stimulus.ACCEPT: (answer.accept, (_ACCEPTING,)),
        Stimulus.REJECT: (answer.reject, (_TERMINATED,)),
        Stimulus.TERMINATE: (answer.terminate, (_TERMINATED,)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_INCOMING, _TERMINATED)),
        Stimulus.BYE_RECEIVED: (answer.bye_received, (_TERMINATED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.busy, (_INCOMING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_INCOMING,)),
        Stimulus.ABANDONED: (abandon.unanswered, (_TERMINATED,)),
    },
    _ACCEPTING: {
        Stimulus.STREAM_PREPARED: (answer.stream_prepared, (_ACCEPTING, _TERMINATED)),
        Stimulus.STREAM_FAILED: (answer.stream_failed, (_TERMINATED,)),
        Stimulus.STREAM_ENDED: (streams.ended, (_ACCEPTING,)),
        Stimulus.ACK_RECEIVED: (answer.acknowledged, (_ACCEPTING, _ESTABLISHED)),
        Stimulus.RESEND_DUE: (answer.resend, (_ACCEPTING,)),
        Stimulus.ACK_MISSING: (answer.ack_missing, (_TERMINATED,)),
        Stimulus.TERMINATE: (answer.terminate, (_TERMINATING, _TERMINATED)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_ACCEPTING, _TERMINATED)),
        Stimulus.BYE_RECEIVED: (answer.bye_received, (_TERMINATED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.busy, (_ACCEPTING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_ACCEPTING,)),
        Stimulus.GRACE_OVER: (streams.grace_over, (_TERMINATED,)),
        Stimulus.ABANDONED: (abandon.unanswered, (_TERMINATED,)),
    },
    _ESTABLISHED: {
        Stimulus.TERMINATE: (bye.terminate, (_TERMINATING,)),
        Stimulus.BYE_RECEIVED: (bye.received, (_TERMINATED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.received, (_ESTABLISHED,)),
        Stimulus.ACK_RECEIVED: (reinvite.acknowledged, (_ESTABLISHED,)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_ESTABLISHED,)),
        Stimulus.RESEND_DUE: (answer.resend, (_ESTABLISHED,)),
        Stimulus.ACK_MISSING: (answer.ack_missing, (_TERMINATED,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_ESTABLISHED,)),
        Stimulus.SUCCESS: (invite.success_again, (_ESTABLISHED,)),
        Stimulus.STREAM_ENDED: (streams.ended, (_ESTABLISHED,)),
        Stimulus.STREAM_FAILED: (streams.lost, (_ESTABLISHED, _TERMINATED)),
        Stimulus.GRACE_OVER: (streams.grace_over, (_TERMINATED,)),
        Stimulus.ABANDONED: (abandon.established, (_TERMINATED,)),
    },
    _TERMINATING: {
        Stimulus.PROVISIONAL: (cancel.provisional, (_TERMINATING,)),
        Stimulus.SUCCESS: (invite.success_after_end, (_TERMINATING, _TERMINATED)),
        Stimulus.FAILURE: (cancel.final, (_TERMINATED,)),
        Stimulus.INVITE_LOST: (cancel.final, (_TERMINATED,)),
        Stimulus.CANCEL_UNANSWERED: (cancel.final, (_TERMINATED,)),
        Stimulus.BYE_DONE: (bye.done, (_TERMINATED,)),
        Stimulus.BYE_RECEIVED: (bye.received, (_TERMINATED,)),
        Stimulus.ACK_RECEIVED: (answer.acknowledged_too_late, (_TERMINATING,)),
        Stimulus.RESEND_DUE: (answer.resend, (_TERMINATING,)),
        Stimulus.ACK_MISSING: (answer.never_acknowledged, (_TERMINATING,)),
        Stimulus.CANCEL_RECEIVED: (cancel.received, (_TERMINATING, _TERMINATED)),
        Stimulus.INVITE_RECEIVED: (reinvite.gone, (_TERMINATING,)),
        Stimulus.REQUEST_RECEIVED: (options.received, (_TERMINATING,)),
        Stimulus.ABANDONED: (abandon.ending_already, (_TERMINATED,)),
    },
    _TERMINATED: {},
}

_NOT_YET = "nothing was sent or received yet"
_STALE = "a late timer or answer of something that is over"
_RACE = "the command lost a race against the network; its outcome is told by notification"
_ENDING = "the streams are stopped with the call"

IGNORED: dict[State, dict[Stimulus, str]] = {
    _NULL: dict.fromkeys((Stimulus.TERMINATE, Stimulus.ABANDONED), _NOT_YET),
    _CALLING: {
        Stimulus.ACK_RECEIVED: "we sent no 2xx",
        Stimulus.CANCEL_RECEIVED: "a CANCEL matches a server transaction; the layer answers 481",
        Stimulus.STREAM_ENDED: "no stream runs before the answer",
    },
    _INCOMING: {
        **dict.fromkeys((Stimulus.ACK_RECEIVED, Stimulus.RESEND_DUE, Stimulus.ACK_MISSING), "we sent no 2xx"),
        **dict.fromkeys((Stimulus.CONNECT,), _RACE),
    },
    _ACCEPTING: dict.fromkeys((Stimulus.ACCEPT, Stimulus.REJECT), _RACE),
    _ESTABLISHED: {
        **dict.fromkeys((Stimulus.ACCEPT, Stimulus.REJECT), _RACE),
        **dict.fromkeys(
            (
                Stimulus.PROVISIONAL,
                Stimulus.FAILURE,
                Stimulus.INVITE_LOST,
                Stimulus.BYE_DONE,
                Stimulus.CANCEL_UNANSWERED,
                Stimulus.STREAM_PREPARED,
                Stimulus.TARGET_RESOLVED,
                Stimulus.TARGET_FAILED,
            ),
            _STALE,
        ),
    },
    _TERMINATING: {
        **dict.fromkeys((Stimulus.ACCEPT, Stimulus.REJECT, Stimulus.TERMINATE), _RACE),
        **dict.fromkeys(
            (
                Stimulus.STREAM_PREPARED,
                Stimulus.STREAM_FAILED,
                Stimulus.STREAM_ENDED,
                Stimulus.GRACE_OVER,
                Stimulus.TARGET_RESOLVED,
                Stimulus.TARGET_FAILED,
            ),
            _ENDING,
        ),
    },
    _TERMINATED: dict.fromkeys(Stimulus, "nothing leaves TERMINATED"),
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
