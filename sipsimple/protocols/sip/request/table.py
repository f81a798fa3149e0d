"""The states of a request, what leads from one to the next, and what is ignored and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sipsimple.protocols.sip.request import trying
from sipsimple.protocols.sip.request.client import RequestClient, State, Stimulus

Action: TypeAlias = Callable[[RequestClient, Any], tuple[RequestClient, tuple[object, ...]]]
Row: TypeAlias = tuple[Action, frozenset[State]]

_IDLE = frozenset({State.IDLE})
_SENDING = frozenset({State.RESOLVING, State.TRYING})
_ANY = frozenset(State)

TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    State.IDLE: {
        Stimulus.BEGIN: (trying.begin, _SENDING),
        Stimulus.RESUMED: (trying.restart_timers, _IDLE),
    },
    State.RESOLVING: {
        Stimulus.RESOLVED: (trying.resolved, _SENDING),
        Stimulus.UNRESOLVED: (trying.unresolved, frozenset({State.IDLE, State.TRYING})),
        Stimulus.RESUMED: (trying.ask_again, frozenset({State.RESOLVING})),
        Stimulus.ABANDON: (trying.abandon, _IDLE),
    },
    State.TRYING: {
        Stimulus.PROVISIONAL: (trying.provisional, frozenset({State.TRYING})),
        Stimulus.SUCCESS: (trying.succeed, _IDLE),
        Stimulus.CHALLENGE: (trying.authenticate, _ANY),
        Stimulus.UNAVAILABLE: (trying.unavailable, frozenset({State.IDLE, State.RESOLVING})),
        Stimulus.FAILURE: (trying.fail, _IDLE),
        Stimulus.TIMEOUT: (trying.unanswered, frozenset({State.IDLE, State.RESOLVING})),
        Stimulus.TRANSPORT_ERROR: (trying.lost, _ANY),
        Stimulus.RESUMED: (trying.restart_timers, frozenset({State.TRYING})),
        Stimulus.ABANDON: (trying.abandon, _IDLE),
    },
}

_NONE = "no request is under way"
_NOT_SENT = "nothing went out that this could be about"
_BUSY = "one request at a time"
_FOUND = "the flow is known already"

IGNORED: dict[State, dict[Stimulus, str]] = {
    State.IDLE: dict.fromkeys(
        set(Stimulus) - {Stimulus.BEGIN, Stimulus.RESUMED},
        _NONE,
    ),
    State.RESOLVING: {
        Stimulus.BEGIN: _BUSY,
        **dict.fromkeys(
            (
                Stimulus.PROVISIONAL,
                Stimulus.SUCCESS,
                Stimulus.CHALLENGE,
                Stimulus.UNAVAILABLE,
                Stimulus.FAILURE,
                Stimulus.TIMEOUT,
                Stimulus.TRANSPORT_ERROR,
            ),
            _NOT_SENT,
        ),
    },
    State.TRYING: {Stimulus.BEGIN: _BUSY, Stimulus.RESOLVED: _FOUND, Stimulus.UNRESOLVED: _FOUND},
}
"""Why a stimulus has no row."""
