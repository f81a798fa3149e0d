"""What else may happen to a registration: asked for, due, moved, crashed.

RFC: 3261 10.2.4; 5626 4.4, 4.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import renewals
from sipsimple.protocols.sip.registration import asking
from sipsimple.protocols.sip.registration.asking import EXPIRY, REFRESH, RETRY, Step
from sipsimple.protocols.sip.registration.ending import end
from sipsimple.protocols.sip.registration.events import Ended, Register
from sipsimple.protocols.sip.registration.failing import later, passes
from sipsimple.protocols.sip.registration.granting import bound_anyway
from sipsimple.protocols.sip.registration.state import BOUND, State
from sipsimple.protocols.sip.request.outputs import Outcome
from sipsimple.protocols.sip.requesting import abandon, draw
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.registration.events import Crashed, FlowLost, NetworkChanged
    from sipsimple.protocols.sip.registration.state import Registration

_ENDING = frozenset({State.CLOSING, State.UNREGISTERING})


def register(registration: Registration, event: object) -> Step:
    """Ask for a binding, or for its refresh."""
    if isinstance(event, Register) and event.expires is not None:
        terms = replace(registration.terms, expires=event.expires)
        registration = replace(registration, terms=terms, asked=event.expires)
    return asking.ask(registration, State.REFRESHING if registration.state in BOUND else State.REGISTERING)


def refresh(registration: Registration, event: object) -> Step:
    """Refresh in time: the flow has held for as long as this."""
    return register(replace(registration, losses=0), event)


def flow_lost(registration: Registration, event: FlowLost) -> Step:
    """Refresh at once: the registrar may not reach us any more.

    Of many at one flow each has its turn; and a flow that is lost over and over must not make us ask over and over.
    """
    losses, pause = registration.losses + 1, event.after
    registration = replace(registration, losses=losses)
    if losses > 1:
        registration, drawn = draw(registration)
        pause += renewals.retry_after(registration.terms.backoff, losses - 1, drawn)
    note = Note("registration.flow_lost", {"reason": event.reason, "after": pause})
    if not pause:
        registration, outputs = asking.ask(registration, State.REFRESHING)
        return registration, (note, *outputs)
    registration, changed = asking.become(registration, State.FADING)
    return registration, (note, *changed, StopTimer(REFRESH), StartTimer(RETRY, pause))


def network_changed(registration: Registration, event: NetworkChanged) -> Step:
    """Look for the registrar anew, and go on with what was under way or is due."""
    registration = replace(registration, client=replace(registration.client, flow=None), losses=0)
    if event.after > 0 and not asking.is_under_way(registration):
        name = REFRESH if registration.state is State.REGISTERED else RETRY
        return registration, (StartTimer(name, event.after),)
    if registration.state in _ENDING:
        return asking.ask(registration, State.UNREGISTERING)
    return register(registration, event)


def closed(registration: Registration, outcome: Outcome) -> Step:
    """Take back what the REGISTER has bound that was under way."""
    return asking.ask(bound_anyway(registration, outcome), State.UNREGISTERING)


def not_closed(registration: Registration, outcome: Outcome) -> Step:
    """End, if nothing can be bound; nobody knows that of a REGISTER that was not answered."""
    if registration.answer is None and outcome.response is not None and not passes(outcome):
        return end(registration, outcome)
    return asking.ask(registration, State.UNREGISTERING)


def stay_over(registration: Registration, _: object) -> Step:
    """Say again that it is over; the crash may have come before that was heard."""
    return registration, (Ended(),)


def resume(registration: Registration, _: object) -> Step:
    """Ask again, whatever the crash has cost: one REGISTER more does no harm."""
    state = registration.state
    answer = registration.answer
    expiry: asking.Outputs = ()
    if answer is not None and state in BOUND:
        expiry = (StartTimer(EXPIRY, renewals.lifetime(answer.expires)),)
    aim = State.UNREGISTERING if state in _ENDING else State.REFRESHING if state in BOUND else State.REGISTERING
    registration, outputs = asking.ask(registration, aim)
    return registration, (*expiry, *outputs)


def crash(registration: Registration, event: Crashed) -> Step:
    """Take a crash that was one too many like a failure of the registrar: try again, but not at once."""
    outcome = Outcome(None, 500, event.reason, "local")
    registration, stopped = abandon(registration)
    if registration.state in _ENDING:
        registration, outputs = end(registration, outcome)
    else:
        registration, outputs = later(registration, outcome)
    return registration, (*stopped, *outputs)
