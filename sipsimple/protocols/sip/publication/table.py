"""The states of a publication, what leads from one to the next, and what is ignored and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sipsimple.protocols.sip.publication import answers, asking, ending
from sipsimple.protocols.sip.publication.publication import Outputs, Publication
from sipsimple.protocols.sip.publication.state import State, Stimulus

Action: TypeAlias = Callable[[Publication, Any], tuple[Publication, Outputs]]
Row: TypeAlias = tuple[Action, frozenset[State]]


def _to(*states: State) -> frozenset[State]:
    return frozenset(states)


S = State
_ENDED = _to(S.OVER, S.PUBLISHING)

TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    S.NULL: {
        Stimulus.PUBLISH: (asking.publish, _to(S.PUBLISHING)),
        Stimulus.UNPUBLISH: (ending.unpublish, _to(S.OVER)),
    },
    S.PUBLISHING: {
        Stimulus.PUBLISH: (asking.note, _to(S.PUBLISHING)),
        Stimulus.UNPUBLISH: (ending.unpublish, _to(S.CLOSING, S.OVER)),
        Stimulus.SUCCESS: (answers.accepted, _to(S.PUBLISHED, S.WAITING)),
        Stimulus.UNKNOWN: (answers.fail, _to(S.WAITING)),
        Stimulus.TOO_BRIEF: (answers.lengthen, _to(S.PUBLISHING, S.OVER)),
        Stimulus.REFUSED: (answers.refuse, _to(S.OVER)),
        Stimulus.FAILURE: (answers.fail, _to(S.WAITING)),
        Stimulus.RESUMED: (asking.resume, _to(S.PUBLISHING)),
    },
    S.PUBLISHED: {
        Stimulus.PUBLISH: (asking.change, _to(S.PUBLISHED)),
        Stimulus.UNPUBLISH: (ending.unpublish, _to(S.CLOSING, S.UNPUBLISHING, S.OVER)),
        Stimulus.SUCCESS: (answers.accepted, _to(S.PUBLISHED, S.WAITING)),
        Stimulus.UNKNOWN: (answers.forget, _to(S.PUBLISHING, S.WAITING)),
        Stimulus.TOO_BRIEF: (answers.lengthen, _to(S.PUBLISHED, S.OVER)),
        Stimulus.REFUSED: (answers.refuse, _to(S.OVER)),
        Stimulus.FAILURE: (answers.fail, _to(S.PUBLISHED, S.WAITING)),
        Stimulus.REFRESH_DUE: (asking.refresh, _to(S.PUBLISHED)),
        Stimulus.EXPIRED: (answers.expire, _to(S.WAITING)),
        Stimulus.MOVED: (asking.move, _to(S.PUBLISHED)),
        Stimulus.RESUMED: (asking.resume, _to(S.PUBLISHED)),
    },
    S.WAITING: {
        Stimulus.PUBLISH: (asking.note, _to(S.WAITING)),
        Stimulus.UNPUBLISH: (ending.unpublish, _to(S.OVER)),
        Stimulus.RETRY_DUE: (asking.retry, _to(S.PUBLISHING)),
        Stimulus.MOVED: (asking.retry, _to(S.PUBLISHING)),
        Stimulus.RESUMED: (asking.resume, _to(S.WAITING)),
    },
    S.CLOSING: {
        Stimulus.PUBLISH: (asking.note, _to(S.CLOSING)),
        Stimulus.UNPUBLISH: (ending.want_nothing, _to(S.CLOSING)),
        **dict.fromkeys(
            (Stimulus.SUCCESS, Stimulus.UNKNOWN, Stimulus.TOO_BRIEF, Stimulus.REFUSED, Stimulus.FAILURE),
            (ending.go_on, _ENDED | {S.UNPUBLISHING}),
        ),
        Stimulus.RESUMED: (asking.resume, _to(S.CLOSING)),
    },
    S.UNPUBLISHING: {
        Stimulus.PUBLISH: (asking.note, _to(S.UNPUBLISHING)),
        Stimulus.UNPUBLISH: (ending.want_nothing, _to(S.UNPUBLISHING)),
        **dict.fromkeys(
            (Stimulus.SUCCESS, Stimulus.UNKNOWN, Stimulus.TOO_BRIEF, Stimulus.REFUSED, Stimulus.FAILURE),
            (ending.removed, _ENDED),
        ),
        Stimulus.RESUMED: (asking.resume, _to(S.UNPUBLISHING)),
    },
    S.OVER: {},
}

_UNASKED = "nothing was asked"
_UNDER_WAY = {Stimulus.MOVED: "what is under way finds its own way"}
_NOT_RUNNING = "the timer does not run"
_ANSWERS = (Stimulus.SUCCESS, Stimulus.UNKNOWN, Stimulus.TOO_BRIEF, Stimulus.REFUSED, Stimulus.FAILURE)
_TIMERS = (Stimulus.REFRESH_DUE, Stimulus.EXPIRED, Stimulus.RETRY_DUE)

IGNORED: dict[State, dict[Stimulus, str]] = {
    S.NULL: {
        **dict.fromkeys(_ANSWERS, _UNASKED),
        **dict.fromkeys(_TIMERS, _NOT_RUNNING),
        Stimulus.MOVED: "nothing went out yet",
        Stimulus.RESUMED: "there is nothing to go on with; the command comes again",
    },
    S.PUBLISHING: dict.fromkeys(_TIMERS, _NOT_RUNNING) | _UNDER_WAY,
    S.PUBLISHED: {Stimulus.RETRY_DUE: _NOT_RUNNING},
    S.WAITING: {
        **dict.fromkeys(_ANSWERS, _UNASKED),
        Stimulus.REFRESH_DUE: _NOT_RUNNING,
        Stimulus.EXPIRED: _NOT_RUNNING,
    },
    S.CLOSING: dict.fromkeys(_TIMERS, _NOT_RUNNING) | _UNDER_WAY,
    S.UNPUBLISHING: dict.fromkeys(_TIMERS, _NOT_RUNNING) | _UNDER_WAY,
    S.OVER: dict.fromkeys(Stimulus, "it is over"),
}
"""Why a stimulus has no row."""
