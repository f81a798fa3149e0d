"""What a call does, state by state: the documentation, the guard and the oracle in one.

A row is `stimulus: (action, states it may lead to)`. A pair that has no row is
in `IGNORED` with the reason; together they are complete. The guards of the
public methods are read off this table.

Beside the rows there is one more way to move: in `ESTABLISHED`, when the call is
free for it, the next command of its queue begins after whatever stimulus; a
proposal leads to `PROPOSING` then (see `queue`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipsimple.protocols.sip.usage import (
    abandon,
    answer,
    bye,
    cancel,
    decision,
    glare,
    invite,
    news,
    options,
    queue,
    reinvite,
    reoffer,
    resume,
    streams,
    success,
)
from sipsimple.protocols.sip.usage.call import Call
from sipsimple.protocols.sip.usage.exchange import Outputs
from sipsimple.protocols.sip.usage.state import GIVEN, State, Stimulus

Action = Callable[[Call, Any], tuple[Call, Outputs]]
Row = tuple[Action, tuple[State, ...]]

_NULL, _CALLING, _INCOMING, _ACCEPTING = State.NULL, State.CALLING, State.INCOMING, State.ACCEPTING
_ESTABLISHED, _PROPOSING, _PROPOSED = State.ESTABLISHED, State.PROPOSING, State.PROPOSED
_TERMINATING, _TERMINATED = State.TERMINATING, State.TERMINATED


def _in_dialog(state: State, back: State | None = None) -> dict[Stimulus, Row]:
    """Return the rows that the states of an established call have in common; a proposal may end on each of them."""
    stays = (state,) if back is None else (state, back)
    return {
        Stimulus.BYE_RECEIVED: (bye.received, (_TERMINATED,)),
        Stimulus.ACK_RECEIVED: (reinvite.acknowledged, (state,)),
        Stimulus.CANCEL_RECEIVED: (reinvite.cancelled, stays),
        Stimulus.REQUEST_RECEIVED: (options.received, (state,)),
        Stimulus.PROVISIONAL: (reoffer.provisional, (state,)),
        Stimulus.FAILURE: (reoffer.failed, (*stays, _TERMINATED)),
        Stimulus.INVITE_LOST: (reoffer.lost, (*stays, _TERMINATED)),
        Stimulus.ANSWER_MISSING: (reoffer.unanswered, (state,)),
        Stimulus.CANCEL_UNANSWERED: (reoffer.never_answered, (state, _TERMINATED)),
        Stimulus.RETRY_DUE: (glare.over, (state,)),
        Stimulus.RESEND_DUE: (answer.resend, (state,)),
        Stimulus.ACK_MISSING: (answer.ack_missing, (state, _TERMINATED)),
        Stimulus.STREAM_ENDED: (news.ended, (*stays, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_FAILED: (news.failed, (*stays, _TERMINATED)),
        Stimulus.STREAM_MOVED: (news.moved, (*stays, _TERMINATED)),
        Stimulus.PREPARING_TOO_LONG: (news.overdue, (*stays, _TERMINATED)),
        Stimulus.GRACE_OVER: (streams.grace_over, (state, _TERMINATED)),
        Stimulus.RESUMED: (resume.established, (state,)),
        Stimulus.ABANDONED: (abandon.established, (_TERMINATED,)),
    }


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
        Stimulus.STREAM_ENDED: (invite.stream_ended, (_CALLING, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_MOVED: (invite.stream_moved, (_CALLING,)),
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
        Stimulus.STREAM_ENDED: (answer.stream_ended, (_ACCEPTING, _TERMINATING, _TERMINATED)),
        Stimulus.STREAM_MOVED: (answer.stream_moved, (_ACCEPTING,)),
        Stimulus.ACK_RECEIVED: (answer.acknowledged, (_ACCEPTING, _ESTABLISHED, _TERMINATED)),
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
        Stimulus.HOLD: (queue.put, (_ESTABLISHED,)),
        Stimulus.UNHOLD: (queue.put, (_ESTABLISHED,)),
        Stimulus.ADD_STREAM: (queue.put, (_ESTABLISHED,)),
        Stimulus.REMOVE_STREAM: (queue.put, (_ESTABLISHED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.received, (_ESTABLISHED, _PROPOSED)),
        Stimulus.SUCCESS: (reoffer.answered, (_ESTABLISHED, _TERMINATED)),
        Stimulus.STREAM_PREPARED: (news.prepared, (_ESTABLISHED,)),
        **_in_dialog(_ESTABLISHED),
    },
    _PROPOSING: {
        Stimulus.TERMINATE: (bye.terminate, (_TERMINATING,)),
        Stimulus.HOLD: (queue.put_off, (_PROPOSING,)),
        Stimulus.UNHOLD: (queue.put_off, (_PROPOSING,)),
        Stimulus.ADD_STREAM: (queue.put_off, (_PROPOSING,)),
        Stimulus.REMOVE_STREAM: (queue.put_off, (_PROPOSING,)),
        Stimulus.INVITE_RECEIVED: (reinvite.received, (_PROPOSING, _PROPOSED)),
        Stimulus.SUCCESS: (reoffer.answered, (_PROPOSING, _ESTABLISHED, _TERMINATED)),
        Stimulus.STREAM_PREPARED: (news.prepared, (_PROPOSING,)),
        **_in_dialog(_PROPOSING, _ESTABLISHED),
    },
    _PROPOSED: {
        Stimulus.ACCEPT_PROPOSAL: (decision.accept, (_PROPOSED, _ESTABLISHED)),
        Stimulus.REJECT_PROPOSAL: (decision.reject, (_ESTABLISHED,)),
        Stimulus.STILL_RINGING: (answer.ring_again, (_PROPOSED,)),
        Stimulus.TERMINATE: (bye.terminate, (_TERMINATING,)),
        Stimulus.HOLD: (queue.put_off, (_PROPOSED,)),
        Stimulus.UNHOLD: (queue.put_off, (_PROPOSED,)),
        Stimulus.ADD_STREAM: (queue.put_off, (_PROPOSED,)),
        Stimulus.REMOVE_STREAM: (queue.put_off, (_PROPOSED,)),
        Stimulus.INVITE_RECEIVED: (reinvite.busy, (_PROPOSED,)),
        Stimulus.SUCCESS: (success.again, (_PROPOSED,)),
        Stimulus.STREAM_PREPARED: (news.prepared, (_PROPOSED, _ESTABLISHED)),
        **_in_dialog(_PROPOSED, _ESTABLISHED),
    },
    _TERMINATING: {
        Stimulus.PROVISIONAL: (cancel.provisional, (_TERMINATING,)),
        Stimulus.SUCCESS: (success.while_ending, (_TERMINATING, _TERMINATED)),
        Stimulus.FAILURE: (cancel.final, (_TERMINATING, _TERMINATED)),
        Stimulus.INVITE_LOST: (cancel.final, (_TERMINATING, _TERMINATED)),
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

_COMMANDS = tuple(each for each in Stimulus if each in GIVEN and each is not Stimulus.TERMINATE)
_DECISIONS = (Stimulus.CONNECT, Stimulus.ACCEPT, Stimulus.REJECT)
_ANSWERS = (Stimulus.ACCEPT_PROPOSAL, Stimulus.REJECT_PROPOSAL)
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
_STREAMS = (Stimulus.STREAM_PREPARED, Stimulus.STREAM_FAILED, Stimulus.STREAM_ENDED, Stimulus.STREAM_MOVED)
_OF_CHANGES = (Stimulus.ANSWER_MISSING, Stimulus.RETRY_DUE)
_TIMERS = (
    Stimulus.STILL_RINGING,
    Stimulus.RESEND_DUE,
    Stimulus.ACK_MISSING,
    Stimulus.CANCEL_UNANSWERED,
    Stimulus.GRACE_OVER,
    Stimulus.PREPARING_TOO_LONG,
    *_OF_CHANGES,
)

_UNKNOWN = "nobody has heard of this call yet"
_RACE = "the command lost a race against the network; its outcome is told by notification"
_UNASKED = "we sent no such request"
_LATE = "a late timer or answer of something that is over"
_NO_STREAM = "no stream is prepared before accept()"
_NOT_STARTED = "the timer is not started in this state, nor before it"
_NOTHING_LOST = "whatever it waits for has a clock, is repeated by the peer, or is the application's to say"
_ENDING = "the streams are stopped with the call"

_SETTLED: dict[Stimulus, str] = {
    **dict.fromkeys(_DECISIONS, _RACE),
    **dict.fromkeys((*_TARGET, Stimulus.BYE_DONE), _LATE),
}
"""What the states of an established call have in common."""

IGNORED: dict[State, dict[Stimulus, str]] = {
    _NULL: {
        **dict.fromkeys((*GIVEN - {Stimulus.CONNECT}, Stimulus.ABANDONED), _UNKNOWN),
        **dict.fromkeys((*_TARGET, *_REQUESTS, *_RESPONSES, *_STREAMS, *_TIMERS, Stimulus.RESUMED), _UNKNOWN),
    },
    _CALLING: {
        **dict.fromkeys(_COMMANDS, _RACE),
        **dict.fromkeys([each for each in _TIMERS if each is not Stimulus.PREPARING_TOO_LONG], _NOT_STARTED),
        Stimulus.ACK_RECEIVED: "we sent no 2xx",
        Stimulus.BYE_DONE: _UNASKED,
    },
    _INCOMING: {
        **dict.fromkeys([each for each in _COMMANDS if each not in (Stimulus.ACCEPT, Stimulus.REJECT)], _RACE),
        **dict.fromkeys((*_TARGET, *_RESPONSES), _UNASKED),
        **dict.fromkeys(_STREAMS, _NO_STREAM),
        **dict.fromkeys([each for each in _TIMERS if each is not Stimulus.STILL_RINGING], _NOT_STARTED),
        Stimulus.ACK_RECEIVED: "we sent no 2xx",
        Stimulus.RESUMED: _NOTHING_LOST,
    },
    _ACCEPTING: {
        **dict.fromkeys(_COMMANDS, _RACE),
        **dict.fromkeys((*_TARGET, *_RESPONSES), _UNASKED),
        **dict.fromkeys((*_OF_CHANGES, Stimulus.CANCEL_UNANSWERED), _NOT_STARTED),
    },
    _ESTABLISHED: {**_SETTLED, **dict.fromkeys(_ANSWERS, _RACE), Stimulus.STILL_RINGING: _LATE},
    _PROPOSING: {**_SETTLED, **dict.fromkeys(_ANSWERS, _RACE), Stimulus.STILL_RINGING: _LATE},
    _PROPOSED: _SETTLED,
    _TERMINATING: {
        **dict.fromkeys((*_COMMANDS, Stimulus.TERMINATE), _RACE),
        **dict.fromkeys((*_STREAMS, Stimulus.GRACE_OVER), _ENDING),
        **dict.fromkeys((*_TARGET, Stimulus.STILL_RINGING, Stimulus.PREPARING_TOO_LONG, *_OF_CHANGES), _LATE),
        Stimulus.RESUMED: _NOTHING_LOST,
    },
    _TERMINATED: dict.fromkeys(Stimulus, "nothing leaves TERMINATED, and nothing of it answers"),
}


def allowed(stimulus: Stimulus) -> tuple[State, ...]:
    """Return the states in which a command may be given: the guard of the public methods.

    One that was given just before a proposal took the call out of such a state is not lost, but waits.
    """
    rows = ((state, rows.get(stimulus)) for state, rows in TRANSITIONS.items())
    return tuple(state for state, row in rows if row is not None and row[0] is not queue.put_off)


def led_to(state: State, stimulus: Stimulus) -> State:
    """Return where a command leads at once, as the public `state` shows it when the method returned.

    REJECT, and TERMINATE before an answer, pass through `TERMINATING`. ADD_STREAM leads to `PROPOSING` as soon as
    the call is free, see `Call.is_busy`.
    """
    if stimulus in (Stimulus.REJECT, Stimulus.TERMINATE):
        return State.TERMINATING
    if stimulus is Stimulus.ADD_STREAM:
        return State.PROPOSING
    return TRANSITIONS[state][stimulus][1][0]
