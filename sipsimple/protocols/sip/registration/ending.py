"""The end of a registration, in each of its ways.

RFC: 3261 10.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.registration import asking
from sipsimple.protocols.sip.registration.asking import EXPIRY, REFRESH, RETRY, Step, become, why
from sipsimple.protocols.sip.registration.events import Ended
from sipsimple.protocols.sip.registration.state import State
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.registration.events import Abandoned
    from sipsimple.protocols.sip.registration.state import Registration
    from sipsimple.protocols.sip.request.outputs import Outcome

WILL_END = Notify("SCRegistrationWillEnd")


def end(registration: Registration, outcome: Outcome | None, *before: Notify, is_told: bool = True) -> Step:
    """Be unregistered: nothing runs any more. Whoever asked to be registered meanwhile is registered anew.

    Args:
        registration: What ends.
        outcome: Why.
        before: Told between the change of state and the end.
        is_told: The end itself is told.
    """
    registration = replace(registration, answer=None, failures=0, corrections=0, outdated=None)
    registration, changed = become(registration, State.UNREGISTERED, outcome)
    stops = (StopTimer(REFRESH), StopTimer(RETRY), StopTimer(EXPIRY))
    told = (_did_end(outcome),) if is_told else ()
    if not registration.is_wanted:
        return registration, (*stops, *changed, *before, *told, Ended())
    registration, outputs = asking.ask(replace(registration, is_wanted=False), State.REGISTERING)
    return registration, (*stops, *changed, *before, *told, *outputs)


def _did_end(outcome: Outcome | None, *, expired: bool = False) -> Notify:
    return Notify("SCRegistrationDidEnd", {**why(outcome), "expired": expired})


def unbind(registration: Registration, _: object) -> Step:
    """Take the binding back; the end is told to begin once the REGISTER went out."""
    registration, outputs = asking.ask(registration, State.UNREGISTERING)
    return registration, (*outputs, WILL_END)


def close(registration: Registration, _: object) -> Step:
    """Take it back once the REGISTER that is under way was answered."""
    registration, changed = become(registration, State.CLOSING)
    return registration, (*changed, WILL_END)


def stop_trying(registration: Registration, _: object) -> Step:
    """End at once: there is nothing to take back."""
    registration, outputs = end(registration, None)
    return registration, (WILL_END, *outputs)


def want_again(registration: Registration, _: object) -> Step:
    """Register anew when the end has come."""
    return replace(registration, is_wanted=True), ()


def want_no_more(registration: Registration, _: object) -> Step:
    """End as it was meant first."""
    return replace(registration, is_wanted=False), ()


def unbound(registration: Registration, outcome: Outcome) -> Step:
    """Be unregistered."""
    return end(registration, outcome)


def not_unbound(registration: Registration, outcome: Outcome) -> Step:
    """Be unregistered all the same: the binding ends by itself, as nobody refreshes it."""
    data = {**why(outcome), "originator": outcome.origin, "retry_after": None}
    return end(registration, outcome, Notify("SCRegistrationDidFail", data))


def abandon(registration: Registration, event: Abandoned) -> Step:
    """End now; what is under way is forgotten."""
    registration, stopped = requesting.abandon(registration)
    registration = replace(registration, is_wanted=False)
    registration, outputs = end(registration, None, is_told=False)
    data = {"code": None, "reason": event.reason, "expired": False}
    return registration, (*stopped, *outputs[:-1], Notify("SCRegistrationDidEnd", data), outputs[-1])


def expire(registration: Registration, _: object) -> Step:
    """Tell that the binding is gone; it is tried for on."""
    goes_on = State.REGISTERING if registration.state is not State.FADING else State.WAITING
    is_under_way = registration.state is State.REFRESHING
    registration, gone = become(replace(registration, answer=None), State.WAITING)
    told = (*gone, _did_end(None, expired=True))
    if goes_on is State.WAITING:
        return registration, told
    if is_under_way:
        registration, changed = become(registration, State.REGISTERING)
        return registration, (*told, *changed)
    registration, outputs = asking.ask(registration, State.REGISTERING)
    return registration, (*told, *outputs)
