"""What a call does not do, state by state, and why: the other half of the table.

A pair of state and stimulus that is neither a row of `table` nor here is a mistake that a test finds.
"""

from __future__ import annotations

from sipsimple.protocols.sip.usage.state import GIVEN, State, Stimulus

_NULL, _CALLING, _INCOMING, _ACCEPTING = State.NULL, State.CALLING, State.INCOMING, State.ACCEPTING
_ESTABLISHED, _PROPOSING, _PROPOSED = State.ESTABLISHED, State.PROPOSING, State.PROPOSED
_TERMINATING, _TERMINATED = State.TERMINATING, State.TERMINATED

_COMMANDS = tuple(each for each in Stimulus if each in GIVEN and each is not Stimulus.TERMINATE)
_DECISIONS = (Stimulus.CONNECT, Stimulus.ACCEPT, Stimulus.REJECT)
_ANSWERS = (Stimulus.ACCEPT_PROPOSAL, Stimulus.REJECT_PROPOSAL)
_TARGET = (Stimulus.TARGET_RESOLVED, Stimulus.TARGET_FAILED)
_REQUESTS = (
    Stimulus.CANCEL_RECEIVED,
    Stimulus.ACK_RECEIVED,
    Stimulus.BYE_RECEIVED,
    Stimulus.PRACK_RECEIVED,
    Stimulus.UPDATE_RECEIVED,
    Stimulus.REFER_RECEIVED,
    Stimulus.NOTIFY_RECEIVED,
    Stimulus.SUBSCRIBE_RECEIVED,
    Stimulus.INFO_RECEIVED,
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
_FINE = "the line is as good as it was; nothing was agreed yet that could be told anew"
_OF_TRANSFERS = (Stimulus.REFERRAL_PROGRESSED, Stimulus.REFERRAL_OVERDUE, Stimulus.OUTCOME_OVERDUE)
_OF_REQUESTS = (Stimulus.REQUEST_ANSWERED, Stimulus.REQUEST_LOST)
_OF_CHANGES = (Stimulus.ANSWER_MISSING, Stimulus.RETRY_DUE)
_OF_RINGING = (Stimulus.STILL_RINGING, Stimulus.PROVISIONAL_DUE, Stimulus.PRACK_MISSING)
_OF_SESSION_TIMERS = (Stimulus.REFRESH_DUE, Stimulus.SESSION_EXPIRED)
_TIMERS = (
    *_OF_RINGING,
    *_OF_SESSION_TIMERS,
    Stimulus.RESEND_DUE,
    Stimulus.ACK_MISSING,
    Stimulus.CANCEL_UNANSWERED,
    Stimulus.GRACE_OVER,
    Stimulus.PREPARING_TOO_LONG,
    *_OF_CHANGES,
)

_OF_THE_SESSION = (*_OF_REQUESTS, *_OF_TRANSFERS)

_UNKNOWN = "nobody has heard of this call yet"
_RACE = "the command lost a race against the network; its outcome is told by notification"
_UNASKED = "we sent no such request"
_LATE = "a late timer or answer of something that is over"
_NO_STREAM = "no stream is prepared before accept()"
_NOT_STARTED = "the timer is not started in this state, nor before it"
_NO_SESSION = "neither REFER nor INFO is sent before the session is established, and none asked for"
_ENDING = "the streams are stopped with the call"

_SETTLED: dict[Stimulus, str] = {
    **dict.fromkeys(_DECISIONS, _RACE),
    Stimulus.BYE_DONE: _LATE,
}
"""What the states of an established call have in common."""

IGNORED: dict[State, dict[Stimulus, str]] = {
    _NULL: {
        **dict.fromkeys((*GIVEN - {Stimulus.CONNECT}, Stimulus.ABANDONED), _UNKNOWN),
        **dict.fromkeys((*_TARGET, *_REQUESTS, *_RESPONSES, *_STREAMS, *_TIMERS, Stimulus.RESUMED), _UNKNOWN),
        Stimulus.STREAM_OUTDATED: _UNKNOWN,
        **dict.fromkeys(_OF_THE_SESSION, _UNKNOWN),
    },
    _CALLING: {
        **dict.fromkeys(_COMMANDS, _RACE),
        **dict.fromkeys(_OF_TRANSFERS, _NO_SESSION),
        **dict.fromkeys([each for each in _TIMERS if each is not Stimulus.PREPARING_TOO_LONG], _NOT_STARTED),
        Stimulus.ACK_RECEIVED: "we sent no 2xx",
        Stimulus.BYE_DONE: _UNASKED,
        Stimulus.STREAM_OUTDATED: _FINE,
    },
    _INCOMING: {
        **dict.fromkeys(_OF_THE_SESSION, _NO_SESSION),
        **dict.fromkeys([each for each in _COMMANDS if each not in (Stimulus.ACCEPT, Stimulus.REJECT)], _RACE),
        **dict.fromkeys((*_TARGET, *_RESPONSES), _UNASKED),
        **dict.fromkeys((*_STREAMS, Stimulus.STREAM_OUTDATED), _NO_STREAM),
        **dict.fromkeys([each for each in _TIMERS if each not in _OF_RINGING], _NOT_STARTED),
        Stimulus.ACK_RECEIVED: "we sent no 2xx",
    },
    _ACCEPTING: {
        **dict.fromkeys(_COMMANDS, _RACE),
        **dict.fromkeys(_OF_THE_SESSION, _NO_SESSION),
        **dict.fromkeys((*_TARGET, *_RESPONSES), _UNASKED),
        **dict.fromkeys((*_OF_CHANGES, Stimulus.CANCEL_UNANSWERED), _NOT_STARTED),
        Stimulus.STREAM_OUTDATED: _FINE,
    },
    _ESTABLISHED: {**_SETTLED, **dict.fromkeys(_ANSWERS, _RACE), **dict.fromkeys(_OF_RINGING, _LATE)},
    _PROPOSING: {**_SETTLED, **dict.fromkeys(_ANSWERS, _RACE), **dict.fromkeys(_OF_RINGING, _LATE)},
    _PROPOSED: _SETTLED,
    _TERMINATING: {
        **dict.fromkeys((*_COMMANDS, Stimulus.TERMINATE), _RACE),
        **dict.fromkeys((*_STREAMS, Stimulus.STREAM_OUTDATED, Stimulus.GRACE_OVER), _ENDING),
        **dict.fromkeys(_OF_TRANSFERS, "what is open is told with the end"),
        **dict.fromkeys((*_OF_RINGING, Stimulus.PREPARING_TOO_LONG, *_OF_CHANGES), _LATE),
        **dict.fromkeys(_OF_SESSION_TIMERS, "the session ends anyway"),
    },
    _TERMINATED: dict.fromkeys(Stimulus, "nothing leaves TERMINATED, and nothing of it answers"),
}
