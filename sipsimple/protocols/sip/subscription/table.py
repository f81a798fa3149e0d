"""The states of a subscription, what leads from one to the next, and what is ignored and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sipsimple.protocols.sip.subscription import answers, asking, changes, resume, trouble
from sipsimple.protocols.sip.subscription.state import State, Stimulus
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription

Action: TypeAlias = Callable[[Subscription, Any], tuple[Subscription, Outputs]]
Row: TypeAlias = tuple[Action, frozenset[State]]


def _to(*states: State) -> frozenset[State]:
    return frozenset(states)


S = State
_TROUBLE = _to(S.WAITING, S.TERMINATED)
_RENEWED = _to(S.SENT, S.WAITING, S.TERMINATED)

_NOTIFIED: dict[Stimulus, Row] = {
    Stimulus.NOTIFY_ACTIVE: (changes.activate, _to(S.ACTIVE, S.TERMINATED)),
    Stimulus.NOTIFY_PENDING: (changes.wait, _to(S.PENDING, S.TERMINATED)),
    Stimulus.NOTIFY_TERMINATED: (changes.terminate, _RENEWED | {S.ACTIVE}),
}


def _running(state: State) -> dict[Stimulus, Row]:
    """The rows of a state in which the notifier knows of the subscription."""
    return {
        Stimulus.UNSUBSCRIBE: (asking.leave, _to(S.LEAVING)),
        Stimulus.SUCCESS: (answers.accepted, _to(state, S.TERMINATED)),
        Stimulus.TOO_BRIEF: (answers.lengthen, _to(state, S.TERMINATED)),
        Stimulus.GONE: (trouble.renew, _RENEWED),
        Stimulus.REFUSED: (trouble.refuse, _to(S.TERMINATED)),
        Stimulus.FAILURE: (trouble.refresh_failed, _to(state)),
        **_NOTIFIED,
        Stimulus.REFRESH_DUE: (asking.refresh, _to(state)),
        Stimulus.EXPIRED: (trouble.expire, _TROUBLE),
        Stimulus.STEADY: (trouble.steady, _to(state)),
        Stimulus.MOVED: (asking.move, _to(state)),
        Stimulus.RESUMED: (resume.resume, _to(state)),
    }


TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    S.NULL: {
        Stimulus.SUBSCRIBE: (asking.begin, _to(S.SENT)),
        Stimulus.UNSUBSCRIBE: (asking.leave, _to(S.TERMINATED)),
    },
    S.SENT: {
        Stimulus.UNSUBSCRIBE: (asking.leave, _to(S.LEAVING, S.TERMINATED)),
        Stimulus.SUCCESS: (answers.accepted, _to(S.ACCEPTED)),
        Stimulus.TOO_BRIEF: (answers.lengthen, _to(S.SENT, S.TERMINATED)),
        Stimulus.GONE: (trouble.fail, _TROUBLE),
        Stimulus.REFUSED: (trouble.refuse, _to(S.TERMINATED)),
        Stimulus.FAILURE: (trouble.fail, _TROUBLE),
        **_NOTIFIED,
        Stimulus.STEADY: (trouble.steady, _to(S.SENT)),
        Stimulus.MOVED: (asking.try_now, _to(S.SENT)),
        Stimulus.RESUMED: (resume.resume, _to(S.SENT)),
    },
    S.ACCEPTED: {**_running(S.ACCEPTED), Stimulus.NO_NOTIFY: (trouble.unnotified, _TROUBLE)},
    S.PENDING: _running(S.PENDING),
    S.ACTIVE: _running(S.ACTIVE),
    S.WAITING: {
        Stimulus.UNSUBSCRIBE: (asking.leave, _to(S.TERMINATED)),
        Stimulus.RETRY_DUE: (asking.begin, _to(S.SENT)),
        Stimulus.MOVED: (asking.try_now, _to(S.SENT)),
        Stimulus.RESUMED: (resume.resume, _to(S.WAITING)),
    },
    S.LEAVING: {
        Stimulus.SUCCESS: (answers.left, _to(S.LEAVING)),
        Stimulus.TOO_BRIEF: (trouble.goodbye_failed, _to(S.LEAVING, S.TERMINATED)),
        Stimulus.GONE: (trouble.goodbye_failed, _to(S.TERMINATED)),
        Stimulus.REFUSED: (trouble.goodbye_failed, _to(S.LEAVING, S.TERMINATED)),
        Stimulus.FAILURE: (trouble.goodbye_failed, _to(S.LEAVING, S.TERMINATED)),
        Stimulus.NOTIFY_ACTIVE: (changes.hear_out, _to(S.LEAVING)),
        Stimulus.NOTIFY_PENDING: (changes.hear_out, _to(S.LEAVING)),
        Stimulus.NOTIFY_TERMINATED: (changes.finish, _to(S.TERMINATED)),
        Stimulus.NO_NOTIFY: (trouble.lapse, _to(S.TERMINATED)),
        Stimulus.RESUMED: (resume.resume, _to(S.LEAVING)),
    },
    S.TERMINATED: {},
}

_UNASKED = "nothing was asked"
_UNDER_WAY = "what is under way finds its own way"
_UNHEARD = "a NOTIFY is refused before it comes here"
_STOPPED = "the timer was stopped"
_NOT_STARTED = "the timer was not started"
_ANSWERS = (Stimulus.SUCCESS, Stimulus.TOO_BRIEF, Stimulus.GONE, Stimulus.REFUSED, Stimulus.FAILURE)
_NOTIFIES = (Stimulus.NOTIFY_ACTIVE, Stimulus.NOTIFY_PENDING, Stimulus.NOTIFY_TERMINATED)
_TIMERS = (Stimulus.REFRESH_DUE, Stimulus.EXPIRED, Stimulus.NO_NOTIFY, Stimulus.RETRY_DUE, Stimulus.STEADY)
_AGAIN = {Stimulus.SUBSCRIBE: "it is on its way already"}

IGNORED: dict[State, dict[Stimulus, str]] = {
    S.NULL: {
        **dict.fromkeys(_ANSWERS, _UNASKED),
        **dict.fromkeys(_NOTIFIES, _UNHEARD),
        **dict.fromkeys(_TIMERS, _NOT_STARTED),
        Stimulus.MOVED: "nothing went out yet",
        Stimulus.RESUMED: "there is nothing to go on with; the command comes again",
    },
    S.SENT: {
        **_AGAIN,
        Stimulus.REFRESH_DUE: _STOPPED,
        Stimulus.EXPIRED: _STOPPED,
        Stimulus.NO_NOTIFY: _STOPPED,
        Stimulus.RETRY_DUE: _STOPPED,
    },
    S.ACCEPTED: {**_AGAIN, Stimulus.RETRY_DUE: _STOPPED},
    S.PENDING: {**_AGAIN, Stimulus.RETRY_DUE: _STOPPED, Stimulus.NO_NOTIFY: _STOPPED},
    S.ACTIVE: {**_AGAIN, Stimulus.RETRY_DUE: _STOPPED, Stimulus.NO_NOTIFY: _STOPPED},
    S.WAITING: {
        **_AGAIN,
        **dict.fromkeys(_ANSWERS, _UNASKED),
        **dict.fromkeys(_NOTIFIES, _UNHEARD),
        **dict.fromkeys((Stimulus.REFRESH_DUE, Stimulus.EXPIRED, Stimulus.NO_NOTIFY, Stimulus.STEADY), _STOPPED),
    },
    S.LEAVING: {
        Stimulus.SUBSCRIBE: "an end is final; subscribe() makes another subscription when it is over",
        Stimulus.UNSUBSCRIBE: "it is on its way already",
        Stimulus.MOVED: _UNDER_WAY,
        **dict.fromkeys((Stimulus.REFRESH_DUE, Stimulus.EXPIRED, Stimulus.RETRY_DUE, Stimulus.STEADY), _STOPPED),
    },
    S.TERMINATED: dict.fromkeys(Stimulus, "it is over"),
}
"""Why a stimulus has no row."""
