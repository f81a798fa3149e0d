"""The one way into a registration: raw stimuli go through its request, then through the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.registration import events
from sipsimple.protocols.sip.registration.state import Registration, Stimulus
from sipsimple.protocols.sip.registration.table import TRANSITIONS
from sipsimple.protocols.tables import advance

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.protocols.sip.registration.asking import Step
    from sipsimple.protocols.sip.request.outputs import Outcome
    from sipsimple.protocols.sip.transaction import layer

EVENTS: dict[type, Stimulus] = {
    events.Register: Stimulus.REGISTER,
    events.Unregister: Stimulus.UNREGISTER,
    events.NetworkChanged: Stimulus.NETWORK_CHANGED,
    events.FlowLost: Stimulus.FLOW_LOST,
    events.Resumed: Stimulus.RESUMED,
    events.Crashed: Stimulus.CRASHED,
    events.Abandoned: Stimulus.ABANDONED,
}

TIMERS = {
    "refresh": Stimulus.REFRESH_DUE,
    "retry": Stimulus.RETRY_DUE,
    "expiry": Stimulus.EXPIRED,
}


def step(registration: Registration, event: Any) -> Step:
    """Take a command, or news of a REGISTER, of its target, of the flow or of the actor."""
    if isinstance(event, requesting.HEARD):
        return requesting.heard(registration, event, _answered)
    return _take(registration, EVENTS[type(event)], event)


def timer_fired(registration: Registration, name: Hashable) -> Step:
    """Take a timer: one of the registration's own by its word, one of a transaction by (key, name)."""
    if isinstance(name, str):
        return _take(registration, TIMERS[name], None)
    return requesting.timer_fired(registration, cast("layer.TimerName", name), _answered)


def _answered(registration: Registration, outcome: Outcome) -> Step:
    return _take(registration, Stimulus.SUCCEEDED if outcome.is_success else Stimulus.FAILED, outcome)


def _take(registration: Registration, stimulus: Stimulus, event: Any) -> Step:
    """Advance by the table's row; a stimulus without a row changes nothing."""
    return advance(TRANSITIONS, registration, stimulus, event)
