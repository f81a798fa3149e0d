"""The states of a registration, what leads from one to the next, and what is ignored and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sipsimple.protocols.sip.registration import ending, failing, going_on, granting
from sipsimple.protocols.sip.registration.asking import Step
from sipsimple.protocols.sip.registration.state import Registration, State, Stimulus

Action: TypeAlias = Callable[[Registration, Any], Step]
Row: TypeAlias = tuple[Action, frozenset[State]]

_AGAIN = frozenset({State.UNREGISTERED, State.REGISTERING})
_UNREGISTERED = frozenset({State.UNREGISTERED})
_REGISTERING = frozenset({State.REGISTERING})
_REFRESHING = frozenset({State.REFRESHING})
_UNREGISTERING = frozenset({State.UNREGISTERING})
_CLOSING = frozenset({State.CLOSING})
_WAITING = frozenset({State.WAITING})
_FADING = frozenset({State.FADING})


def _wherever(moved: frozenset[State], resumed: frozenset[State], crashed: frozenset[State]) -> dict[Stimulus, Row]:
    """The rows of what may happen wherever there is something to keep or to end."""
    return {
        Stimulus.NETWORK_CHANGED: (going_on.network_changed, moved),
        Stimulus.RESUMED: (going_on.resume, resumed),
        Stimulus.CRASHED: (going_on.crash, crashed),
        Stimulus.ABANDONED: (ending.abandon, _UNREGISTERED),
    }


TRANSITIONS: dict[State, dict[Stimulus, Row]] = {
    State.UNREGISTERED: {
        Stimulus.REGISTER: (going_on.register, _REGISTERING),
        **dict.fromkeys((Stimulus.RESUMED, Stimulus.CRASHED, Stimulus.ABANDONED), (going_on.stay_over, _UNREGISTERED)),
    },
    State.REGISTERING: {
        Stimulus.UNREGISTER: (ending.close, _CLOSING),
        Stimulus.SUCCEEDED: (granting.succeed, frozenset({State.REGISTERED, State.REGISTERING, State.WAITING})),
        Stimulus.FAILED: (failing.fail, frozenset({State.UNREGISTERED, State.REGISTERING, State.WAITING})),
        **_wherever(moved=_REGISTERING, resumed=_REGISTERING, crashed=_WAITING),
    },
    State.WAITING: {
        Stimulus.REGISTER: (going_on.register, _REGISTERING),
        Stimulus.UNREGISTER: (ending.stop_trying, _UNREGISTERED),
        Stimulus.RETRY_DUE: (going_on.register, _REGISTERING),
        **_wherever(moved=frozenset({State.REGISTERING, State.WAITING}), resumed=_REGISTERING, crashed=_WAITING),
    },
    State.REGISTERED: {
        Stimulus.REGISTER: (going_on.register, _REFRESHING),
        Stimulus.UNREGISTER: (ending.unbind, _UNREGISTERING),
        Stimulus.REFRESH_DUE: (going_on.refresh, _REFRESHING),
        Stimulus.EXPIRED: (ending.expire, _REGISTERING),
        Stimulus.FLOW_LOST: (going_on.flow_lost, frozenset({State.FADING, State.REFRESHING})),
        **_wherever(moved=frozenset({State.REGISTERED, State.REFRESHING}), resumed=_REFRESHING, crashed=_FADING),
    },
    State.REFRESHING: {
        Stimulus.UNREGISTER: (ending.close, _CLOSING),
        Stimulus.SUCCEEDED: (granting.succeed, frozenset({State.REGISTERED, State.REFRESHING, State.FADING})),
        Stimulus.FAILED: (failing.fail, frozenset({State.UNREGISTERED, State.REFRESHING, State.FADING})),
        Stimulus.EXPIRED: (ending.expire, _REGISTERING),
        **_wherever(moved=_REFRESHING, resumed=_REFRESHING, crashed=_FADING),
    },
    State.FADING: {
        Stimulus.REGISTER: (going_on.register, _REFRESHING),
        Stimulus.UNREGISTER: (ending.unbind, _UNREGISTERING),
        Stimulus.RETRY_DUE: (going_on.register, _REFRESHING),
        Stimulus.EXPIRED: (ending.expire, _WAITING),
        **_wherever(moved=frozenset({State.FADING, State.REFRESHING}), resumed=_REFRESHING, crashed=_FADING),
    },
    State.CLOSING: {
        Stimulus.REGISTER: (ending.want_again, _CLOSING),
        Stimulus.UNREGISTER: (ending.want_no_more, _CLOSING),
        Stimulus.SUCCEEDED: (going_on.closed, _UNREGISTERING),
        Stimulus.FAILED: (going_on.not_closed, frozenset({State.UNREGISTERED, State.REGISTERING, State.UNREGISTERING})),
        **_wherever(moved=_UNREGISTERING, resumed=_UNREGISTERING, crashed=_AGAIN),
    },
    State.UNREGISTERING: {
        Stimulus.REGISTER: (ending.want_again, _UNREGISTERING),
        Stimulus.UNREGISTER: (ending.want_no_more, _UNREGISTERING),
        Stimulus.SUCCEEDED: (ending.unbound, _AGAIN),
        Stimulus.FAILED: (ending.not_unbound, _AGAIN),
        **_wherever(moved=_UNREGISTERING, resumed=_UNREGISTERING, crashed=_AGAIN),
    },
}

_STOPPED = "its timer was stopped before this state"
_NOT_ASKED = "no REGISTER is under way"
_ASKING = "a REGISTER is under way already; its transaction hears of its own flow"
_TRIED = "the next try comes anyway"
_NOTHING = "there is nothing to end or to keep"
_OVER = "the binding ends anyway"

IGNORED: dict[State, dict[Stimulus, str]] = {
    State.UNREGISTERED: {
        Stimulus.UNREGISTER: _NOTHING,
        Stimulus.NETWORK_CHANGED: _NOTHING,
        Stimulus.FLOW_LOST: _NOTHING,
        **dict.fromkeys((Stimulus.SUCCEEDED, Stimulus.FAILED), _NOT_ASKED),
        **dict.fromkeys((Stimulus.REFRESH_DUE, Stimulus.RETRY_DUE, Stimulus.EXPIRED), _STOPPED),
    },
    State.REGISTERING: {
        Stimulus.REGISTER: _ASKING,
        Stimulus.FLOW_LOST: _ASKING,
        **dict.fromkeys((Stimulus.REFRESH_DUE, Stimulus.RETRY_DUE, Stimulus.EXPIRED), _STOPPED),
    },
    State.WAITING: {
        Stimulus.FLOW_LOST: _TRIED,
        **dict.fromkeys((Stimulus.SUCCEEDED, Stimulus.FAILED), _NOT_ASKED),
        **dict.fromkeys((Stimulus.REFRESH_DUE, Stimulus.EXPIRED), _STOPPED),
    },
    State.REGISTERED: {
        **dict.fromkeys((Stimulus.SUCCEEDED, Stimulus.FAILED), _NOT_ASKED),
        Stimulus.RETRY_DUE: _STOPPED,
    },
    State.REFRESHING: {
        Stimulus.REGISTER: _ASKING,
        Stimulus.FLOW_LOST: _ASKING,
        **dict.fromkeys((Stimulus.REFRESH_DUE, Stimulus.RETRY_DUE), _STOPPED),
    },
    State.FADING: {
        Stimulus.FLOW_LOST: _TRIED,
        **dict.fromkeys((Stimulus.SUCCEEDED, Stimulus.FAILED), _NOT_ASKED),
        Stimulus.REFRESH_DUE: _STOPPED,
    },
    State.CLOSING: {
        Stimulus.FLOW_LOST: _ASKING,
        Stimulus.EXPIRED: _OVER,
        **dict.fromkeys((Stimulus.REFRESH_DUE, Stimulus.RETRY_DUE), _STOPPED),
    },
    State.UNREGISTERING: {
        Stimulus.FLOW_LOST: _ASKING,
        Stimulus.EXPIRED: _OVER,
        **dict.fromkeys((Stimulus.REFRESH_DUE, Stimulus.RETRY_DUE), _STOPPED),
    },
}
"""Why a stimulus has no row."""
