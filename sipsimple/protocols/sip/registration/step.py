"""The one way into a registration: raw stimuli go through its request, then through the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.registration import events
from sipsimple.protocols.sip.registration.state import Registration, Stimulus
from sipsimple.protocols.sip.registration.table import TRANSITIONS
from sipsimple.protocols.sip.way_in import WayIn

if TYPE_CHECKING:
    from sipsimple.protocols.sip.request.outputs import Outcome

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


def _stimulus_of(outcome: Outcome) -> Stimulus:
    return Stimulus.SUCCEEDED if outcome.is_success else Stimulus.FAILED


WAY: WayIn[Registration] = WayIn(TRANSITIONS, EVENTS, TIMERS, _stimulus_of)

step = WAY.step
"""Take a command, or news of a REGISTER, of its target, of the flow or of the actor."""
timer_fired = WAY.timer_fired
"""Take a timer: one of the registration's own by its word, one of a transaction by (key, name)."""
