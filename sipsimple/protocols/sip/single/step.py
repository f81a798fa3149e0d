"""The one way into a single request: what happens goes through the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.single import single as actions
from sipsimple.protocols.sip.single.single import Outputs, Send, SingleRequest, Step, Terminate
from sipsimple.protocols.sip.single.state import TIMERS, State, Stimulus
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.usage.events import ResponseArrived, Resumed
from sipsimple.protocols.sip.way_in import WayIn

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.request.outputs import Outcome

Action: TypeAlias = Callable[[SingleRequest, Any], Step]

_OVER = frozenset({State.TERMINATED})
_GOES_ON = frozenset({State.IN_PROGRESS})
_EXPIRES = frozenset({State.EXPIRING})

TRANSITIONS: dict[State, dict[Stimulus, tuple[Action, frozenset[State]]]] = {
    State.INIT: {
        Stimulus.SEND: (actions.send, _GOES_ON),
        Stimulus.TERMINATE: (actions.terminate, _OVER),
    },
    State.IN_PROGRESS: {
        Stimulus.PROVISIONAL: (actions.provisional, _GOES_ON),
        Stimulus.SUCCESS: (actions.succeed, _EXPIRES | _OVER),
        Stimulus.FAILURE: (actions.fail, _OVER),
        Stimulus.TOO_LATE: (actions.lose_patience, _OVER),
        Stimulus.TERMINATE: (actions.terminate, _OVER),
        Stimulus.RESUMED: (actions.resume, _GOES_ON),
    },
    State.EXPIRING: {
        Stimulus.NOTICE_DUE: (actions.announce, _EXPIRES),
        Stimulus.EXPIRED: (actions.terminate, _OVER),
        Stimulus.TERMINATE: (actions.terminate, _OVER),
        Stimulus.RESUMED: (actions.resume, _EXPIRES),
    },
    State.TERMINATED: {},
}

_ANSWERS = (Stimulus.PROVISIONAL, Stimulus.SUCCESS, Stimulus.FAILURE)
_CLOCKS = (Stimulus.NOTICE_DUE, Stimulus.EXPIRED)

IGNORED: dict[State, dict[Stimulus, str]] = {
    State.INIT: {
        **dict.fromkeys((*_ANSWERS, *_CLOCKS, Stimulus.TOO_LATE), "nothing was sent yet"),
        Stimulus.RESUMED: "there is nothing to go on with; the command comes again",
    },
    State.IN_PROGRESS: {Stimulus.SEND: "it was sent", **dict.fromkeys(_CLOCKS, "nothing was granted yet")},
    State.EXPIRING: dict.fromkeys((*_ANSWERS, Stimulus.SEND, Stimulus.TOO_LATE), "it has its outcome"),
    State.TERMINATED: dict.fromkeys(Stimulus, "it is over"),
}
"""Why a stimulus has no row."""

_COMMANDS: dict[type, Stimulus] = {
    Send: Stimulus.SEND,
    Terminate: Stimulus.TERMINATE,
    Resumed: Stimulus.RESUMED,
}


def _stimulus_of(outcome: Outcome) -> Stimulus:
    return Stimulus.SUCCESS if outcome.is_success else Stimulus.FAILURE


WAY: WayIn[SingleRequest] = WayIn(TRANSITIONS, _COMMANDS, TIMERS, _stimulus_of)

timer_fired = WAY.timer_fired
"""Take a timer: one of the request's own by its word, one of a transaction by (key, name)."""


def step(single: SingleRequest, event: object) -> Step:
    """Take a command, or news of the request that is under way."""
    told: Outputs = ()
    if isinstance(event, ResponseArrived) and _is_progress(single, event.response):
        single, told = WAY.take(single, Stimulus.PROVISIONAL, event.response)
    single, outputs = WAY.step(single, event)
    return single, told + outputs


def _is_progress(single: SingleRequest, response: Response) -> bool:
    """Tell whether it is a provisional response to what is under way; 100 says nothing and is not told."""
    attempt = single.client.attempt
    if not 100 < response.status < 200 or attempt is None or attempt.request is None:
        return False
    try:
        return client_key(attempt.request) == client_key(response)
    except RemoteProtocolError:
        return False
