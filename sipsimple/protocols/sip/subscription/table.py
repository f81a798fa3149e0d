"""The states of a subscription, what leads from one to the next, and what is ignored and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sipsimple.protocols.sip.subscription import answers, asking, changes, resume, trouble
from sipsimple.protocols.sip.subscription.state import State, Stimulus
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription
from sipsimple.protocols.tables import to

Action: TypeAlias = Callable[[Subscription, Any], tuple[Subscription, Outputs]]
Row: TypeAlias = tuple[Action, frozenset[State]]

S = State
_TROUBLE = to(S.WAITING, S.TERMINATED)
_RENEWED = to(S.SENT, S.WAITING, S.TERMINATED)

_NOTIFIED: dict[Stimulus, Row] = {
    Stimulus.NOTIFY_ACTIVE: (changes.activate, to(S.ACTIVE, S.TERMINATED)),
    Stimulus.NOTIFY_PENDING: (changes.wait, to(S.PENDING, S.TERMINATED)),
    Stimulus.NOTIFY_TERMINATED: (changes.terminate, _RENEWED | {S.ACTIVE}),
}


def _running(state: State) -> dict[Stimulus, Row]:
    """The rows of a state in which the notifier knows of the subscription."""
    return {
        Stimulus.UNSUBSCRIBE: (asking.leave, to(S.LEAVING)),
        Stimulus.SUCCESS: (answers.accepted, to(state, S.TERMINATED)),
        Stimulus.TOO_BRIEF: (answers.lengthen, to(state, S.TERMINATED)),
        Stimulus.GONE: (trouble.renew, _RENEWED),
        Stimulus.REFUSED: (trouble.refuse, to(S.TERMINATED)),
        Stimulus.FAILURE: (trouble.refresh_failed, to(state)),
        **_NOTIFIED,
        Stimulus.REFRESH_DUE: (asking.refresh, to(state)),
        Stimulus.RETRY_DUE: (asking.refresh, to(state)),
        Stimulus.EXPIRED: (trouble.expire, _TROUBLE),
        Stimulus.STEADY: (trouble.steady, to(state)),
        Stimulus.MOVED: (asking.move, to(state)),
        Stimulus.RESUMED: (resume.resume, to(state)),
    }


TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    S.NULL: {
        Stimulus.SUBSCRIBE: (asking.begin, to(S.SENT)),
        Stimulus.UNSUBSCRIBE: (asking.leave, to(S.TERMINATED)),
    },
    S.SENT: {
        Stimulus.UNSUBSCRIBE: (asking.leave, to(S.LEAVING, S.TERMINATED)),
        Stimulus.SUCCESS: (answers.accepted, to(S.ACCEPTED)),
        Stimulus.TOO_BRIEF: (answers.lengthen, to(S.SENT, S.TERMINATED)),
        Stimulus.GONE: (trouble.fail, _TROUBLE),
        Stimulus.REFUSED: (trouble.refuse, to(S.TERMINATED)),
        Stimulus.FAILURE: (trouble.fail, _TROUBLE),
        **_NOTIFIED,
        Stimulus.STEADY: (trouble.steady, to(S.SENT)),
        Stimulus.MOVED: (asking.try_now, to(S.SENT)),
        Stimulus.RESUMED: (resume.resume, to(S.SENT)),
    },
    S.ACCEPTED: {**_running(S.ACCEPTED), Stimulus.NO_NOTIFY: (trouble.unnotified, _TROUBLE)},
    S.PENDING: _running(S.PENDING),
    S.ACTIVE: _running(S.ACTIVE),
    S.WAITING: {
        Stimulus.UNSUBSCRIBE: (asking.leave, to(S.TERMINATED)),
        Stimulus.RETRY_DUE: (asking.begin, to(S.SENT)),
        Stimulus.MOVED: (asking.try_now, to(S.SENT)),
        Stimulus.RESUMED: (resume.resume, to(S.WAITING)),
    },
    S.LEAVING: {
        Stimulus.SUCCESS: (answers.left, to(S.LEAVING)),
        Stimulus.TOO_BRIEF: (trouble.goodbye_failed, to(S.LEAVING, S.TERMINATED)),
        Stimulus.GONE: (trouble.goodbye_failed, to(S.TERMINATED)),
        Stimulus.REFUSED: (trouble.goodbye_failed, to(S.LEAVING, S.TERMINATED)),
        Stimulus.FAILURE: (trouble.goodbye_failed, to(S.LEAVING, S.TERMINATED)),
        Stimulus.NOTIFY_ACTIVE: (changes.hear_out, to(S.LEAVING)),
        Stimulus.NOTIFY_PENDING: (changes.hear_out, to(S.LEAVING)),
        Stimulus.NOTIFY_TERMINATED: (changes.finish, to(S.TERMINATED)),
        Stimulus.NO_NOTIFY: (trouble.lapse, to(S.TERMINATED)),
        Stimulus.RESUMED: (resume.resume, to(S.LEAVING)),
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
    S.ACCEPTED: _AGAIN,
    S.PENDING: {**_AGAIN, Stimulus.NO_NOTIFY: _STOPPED},
    S.ACTIVE: {**_AGAIN, Stimulus.NO_NOTIFY: _STOPPED},
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
