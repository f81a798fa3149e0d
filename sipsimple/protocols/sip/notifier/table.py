"""The states of a subscription that was made here, what leads from one to the next, and what is ignored and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sipsimple.protocols.sip.notifier import answering, telling
from sipsimple.protocols.sip.notifier.notifier import Notifier, Outputs
from sipsimple.protocols.sip.notifier.state import State, Stimulus
from sipsimple.protocols.tables import to

Action: TypeAlias = Callable[[Notifier, Any], tuple[Notifier, Outputs]]
Row: TypeAlias = tuple[Action, frozenset[State]]

S = State


def _standing(state: State) -> dict[Stimulus, Row]:
    """The rows of a state in which the subscriber is notified."""
    return {
        Stimulus.NOTIFY: (telling.tell, to(state, S.ACTIVE)),
        Stimulus.TERMINATE: (telling.finish, to(S.ENDING)),
        Stimulus.REFRESHED: (answering.refreshed, to(state)),
        Stimulus.UNSUBSCRIBED: (answering.unsubscribed, to(S.ENDING)),
        Stimulus.DELIVERED: (telling.delivered, to(state)),
        Stimulus.REFUSED: (telling.refused, to(state, S.OVER)),
        Stimulus.EXPIRED: (telling.expire, to(S.ENDING)),
        Stimulus.MOVED: (telling.move, to(state)),
        Stimulus.RESUMED: (telling.resume, to(state)),
    }


TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    S.INCOMING: {
        Stimulus.BEGIN: (answering.wait, to(S.INCOMING)),
        Stimulus.ACCEPT: (answering.accept, to(S.PENDING, S.ACTIVE, S.ENDING)),
        Stimulus.REJECT: (answering.reject, to(S.OVER)),
        Stimulus.TERMINATE: (answering.turn_away, to(S.OVER)),
        Stimulus.UNDECIDED: (answering.give_up, to(S.OVER)),
        Stimulus.RESUMED: (answering.wait, to(S.INCOMING)),
    },
    S.PENDING: _standing(S.PENDING),
    S.ACTIVE: _standing(S.ACTIVE),
    S.ENDING: {
        Stimulus.DELIVERED: (telling.delivered, to(S.ENDING, S.OVER)),
        Stimulus.REFUSED: (telling.refused, to(S.OVER)),
        Stimulus.RESUMED: (telling.resume, to(S.ENDING)),
    },
    S.OVER: {},
}

_BEGUN = {Stimulus.BEGIN: "it has begun"}
_UNDECIDED = "the application has not decided yet"
_DECIDED = "it is decided"
_NO_DIALOG = "a SUBSCRIBE within the dialog is refused before it comes here"

IGNORED: dict[State, dict[Stimulus, str]] = {
    S.INCOMING: {
        Stimulus.NOTIFY: _UNDECIDED,
        **dict.fromkeys((Stimulus.REFRESHED, Stimulus.UNSUBSCRIBED), _NO_DIALOG),
        **dict.fromkeys((Stimulus.DELIVERED, Stimulus.REFUSED), "nothing was sent yet"),
        Stimulus.EXPIRED: "nothing was granted yet",
        Stimulus.MOVED: "nothing was sent yet",
    },
    **{
        state: {
            **_BEGUN,
            **dict.fromkeys((Stimulus.ACCEPT, Stimulus.REJECT), _DECIDED),
            Stimulus.UNDECIDED: "its timer was stopped",
        }
        for state in (S.PENDING, S.ACTIVE)
    },
    S.ENDING: {
        **_BEGUN,
        **dict.fromkeys((Stimulus.ACCEPT, Stimulus.REJECT), _DECIDED),
        **dict.fromkeys((Stimulus.NOTIFY, Stimulus.TERMINATE), "it ends"),
        **dict.fromkeys((Stimulus.REFRESHED, Stimulus.UNSUBSCRIBED), _NO_DIALOG),
        **dict.fromkeys((Stimulus.UNDECIDED, Stimulus.EXPIRED), "its timer was stopped"),
        Stimulus.MOVED: "the last NOTIFY finds its own way",
    },
    S.OVER: dict.fromkeys(Stimulus, "it is over"),
}
"""Why a stimulus has no row."""
