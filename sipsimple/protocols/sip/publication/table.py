"""The states of a publication, what leads from one to the next, and what is ignored and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sipsimple.protocols.sip.publication import answers, asking, ending
from sipsimple.protocols.sip.publication.publication import Outputs, Publication
from sipsimple.protocols.sip.publication.state import State, Stimulus
from sipsimple.protocols.tables import to

Action: TypeAlias = Callable[[Publication, Any], tuple[Publication, Outputs]]
Row: TypeAlias = tuple[Action, frozenset[State]]

S = State
_ANSWERS = (Stimulus.SUCCESS, Stimulus.UNKNOWN, Stimulus.TOO_BRIEF, Stimulus.REFUSED, Stimulus.FAILURE)
_ENDED = to(S.OVER, S.PUBLISHING)

TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    S.NULL: {
        Stimulus.PUBLISH: (asking.publish, to(S.PUBLISHING)),
        Stimulus.UNPUBLISH: (ending.unpublish, to(S.OVER)),
    },
    S.PUBLISHING: {
        Stimulus.PUBLISH: (asking.note, to(S.PUBLISHING)),
        Stimulus.UNPUBLISH: (ending.unpublish, to(S.CLOSING, S.OVER)),
        Stimulus.SUCCESS: (answers.accepted, to(S.PUBLISHED, S.WAITING)),
        Stimulus.UNKNOWN: (answers.fail, to(S.WAITING)),
        Stimulus.TOO_BRIEF: (answers.lengthen, to(S.PUBLISHING, S.OVER)),
        Stimulus.REFUSED: (answers.refuse, to(S.OVER)),
        Stimulus.FAILURE: (answers.fail, to(S.WAITING)),
        Stimulus.RESUMED: (asking.resume, to(S.PUBLISHING)),
    },
    S.PUBLISHED: {
        Stimulus.PUBLISH: (asking.change, to(S.PUBLISHED)),
        Stimulus.UNPUBLISH: (ending.unpublish, to(S.CLOSING, S.UNPUBLISHING, S.OVER)),
        Stimulus.SUCCESS: (answers.accepted, to(S.PUBLISHED, S.WAITING)),
        Stimulus.UNKNOWN: (answers.forget, to(S.PUBLISHING, S.WAITING)),
        Stimulus.TOO_BRIEF: (answers.lengthen, to(S.PUBLISHED, S.OVER)),
        Stimulus.REFUSED: (answers.refuse, to(S.OVER)),
        Stimulus.FAILURE: (answers.fail, to(S.PUBLISHED, S.WAITING)),
        Stimulus.REFRESH_DUE: (asking.refresh, to(S.PUBLISHED)),
        Stimulus.RETRY_DUE: (asking.refresh, to(S.PUBLISHED)),
        Stimulus.EXPIRED: (answers.expire, to(S.WAITING)),
        Stimulus.MOVED: (asking.move, to(S.PUBLISHED)),
        Stimulus.RESUMED: (asking.resume, to(S.PUBLISHED)),
    },
    S.WAITING: {
        Stimulus.PUBLISH: (asking.note, to(S.WAITING)),
        Stimulus.UNPUBLISH: (ending.unpublish, to(S.OVER)),
        Stimulus.RETRY_DUE: (asking.retry, to(S.PUBLISHING)),
        Stimulus.MOVED: (asking.retry, to(S.PUBLISHING)),
        Stimulus.RESUMED: (asking.resume, to(S.WAITING)),
    },
    S.CLOSING: {
        Stimulus.PUBLISH: (asking.note, to(S.CLOSING)),
        Stimulus.UNPUBLISH: (ending.want_nothing, to(S.CLOSING)),
        **dict.fromkeys(_ANSWERS, (ending.go_on, _ENDED | {S.UNPUBLISHING})),
        Stimulus.RESUMED: (asking.resume, to(S.CLOSING)),
    },
    S.UNPUBLISHING: {
        Stimulus.PUBLISH: (asking.note, to(S.UNPUBLISHING)),
        Stimulus.UNPUBLISH: (ending.want_nothing, to(S.UNPUBLISHING)),
        **dict.fromkeys(_ANSWERS, (ending.removed, _ENDED)),
        Stimulus.RESUMED: (asking.resume, to(S.UNPUBLISHING)),
    },
    S.OVER: {},
}

_UNASKED = "nothing was asked"
_UNDER_WAY = {Stimulus.MOVED: "what is under way finds its own way"}
_NOT_RUNNING = "the timer does not run"
_TIMERS = (Stimulus.REFRESH_DUE, Stimulus.EXPIRED, Stimulus.RETRY_DUE)

IGNORED: dict[State, dict[Stimulus, str]] = {
    S.NULL: {
        **dict.fromkeys(_ANSWERS, _UNASKED),
        **dict.fromkeys(_TIMERS, _NOT_RUNNING),
        Stimulus.MOVED: "nothing went out yet",
        Stimulus.RESUMED: "there is nothing to go on with; the command comes again",
    },
    S.PUBLISHING: dict.fromkeys(_TIMERS, _NOT_RUNNING) | _UNDER_WAY,
    S.PUBLISHED: {},
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
