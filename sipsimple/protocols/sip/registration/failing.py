"""What the failure of a binding REGISTER leads to: again at once, again later, or never.

RFC: 3261 10.2.7, 10.2.8, 21.4.17, 21.5.4; 5626 4.5, 11.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import renewals
from sipsimple.protocols.sip.registration import asking
from sipsimple.protocols.sip.registration.answer import min_expires
from sipsimple.protocols.sip.registration.asking import REFRESH, RETRY, Step, become, why
from sipsimple.protocols.sip.registration.ending import end
from sipsimple.protocols.sip.registration.state import BOUND, State
from sipsimple.protocols.sip.requesting import draw
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.registration.state import Registration
    from sipsimple.protocols.sip.request.outputs import Outcome

TOO_BRIEF, NO_OUTBOUND = 423, 439

LONGEST = 30 * 86_400
"""Seconds beyond which a registrar's Min-Expires is not followed."""

PASSING = frozenset({408, 429, 430, 480, 500, 502, 503, 504, 580})
"""Failures that may have passed when we ask again."""

PASSING_WHEN_SAID = frozenset({404, 413, 486, 600, 603})
"""Likewise, if the registrar says when (RFC 3261 20.33)."""


def fail(registration: Registration, outcome: Outcome) -> Step:
    """Ask again at once where the registrar says how; else later, or give up."""
    if outcome.code == TOO_BRIEF:
        return _ask_for_longer(registration, outcome)
    if outcome.code == NO_OUTBOUND and registration.is_outbound:
        note = Note("registration.without_outbound", why(outcome))
        registration, outputs = asking.ask(replace(registration, is_outbound=False), registration.state)
        return registration, (note, *outputs)
    return later(registration, outcome) if passes(outcome) else _give_up(registration, outcome)


def passes(outcome: Outcome) -> bool:
    """Tell whether it makes sense to ask again later; a 2xx that grants nothing may be of a registrar in trouble."""
    code = outcome.code
    is_local = outcome.response is None
    return is_local or code in PASSING or outcome.is_success or _says_when(outcome)


def _says_when(outcome: Outcome) -> bool:
    return outcome.retry_after is not None and outcome.code in PASSING_WHEN_SAID


def _ask_for_longer(registration: Registration, outcome: Outcome) -> Step:
    least = None if outcome.response is None else min_expires(outcome.response)
    wanted = renewals.longer(registration.asked, registration.terms.expires, least, LONGEST)
    if wanted is None:
        return _give_up(registration, outcome)
    note = Note("registration.too_brief", {"asked": registration.asked, "least": wanted})
    registration, outputs = asking.ask(replace(registration, asked=wanted), registration.state)
    return registration, (note, *outputs)


def later(registration: Registration, outcome: Outcome) -> Step:
    """Wait; the binding that there may be fades meanwhile."""
    registration, drawn = draw(replace(registration, failures=registration.failures + 1, corrections=0))
    pause = renewals.retry_after(registration.terms.backoff, registration.failures, drawn, outcome.retry_after)
    state = State.FADING if registration.state in BOUND else State.WAITING
    registration, changed = become(registration, state, outcome)
    told = Notify("SCRegistrationDidFail", {**why(outcome), "originator": outcome.origin, "retry_after": pause})
    return registration, (StopTimer(REFRESH), *changed, told, StartTimer(RETRY, pause))


def _give_up(registration: Registration, outcome: Outcome) -> Step:
    """End: asking again would bring the same."""
    was_bound = registration.answer is not None
    told = Notify("SCRegistrationDidFail", {**why(outcome), "originator": outcome.origin, "retry_after": None})
    return end(registration, outcome, told, is_told=was_bound)
