"""What a 2xx to a binding REGISTER leads to.

RFC: 3261 10.2.4; 5626 4.2, 4.4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip import renewals
from sipsimple.protocols.sip.registration import asking
from sipsimple.protocols.sip.registration.answer import read
from sipsimple.protocols.sip.registration.asking import EXPIRY, REFRESH, Step, become, granted, why
from sipsimple.protocols.sip.registration.events import KeepAlive
from sipsimple.protocols.sip.registration.failing import fail
from sipsimple.protocols.sip.registration.state import State
from sipsimple.protocols.sip.requesting import draw
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.registration.answer import Answer
    from sipsimple.protocols.sip.registration.state import Registration
    from sipsimple.protocols.sip.request.outputs import Outcome

MOST_CORRECTIONS = 2
"""REGISTERs that follow one another at once because we have moved: a far end that sees us elsewhere each time
is not followed any further."""


def succeed(registration: Registration, outcome: Outcome) -> Step:
    """Be registered, unless the registrar says otherwise; a contact of ours that is outdated is unbound at once."""
    contact = _contact(registration, outcome)
    answer = _read(registration, outcome, contact)
    if not answer.expires:
        return fail(registration, replace(outcome, reason="the registrar keeps no binding of ours"))
    outdated = _outdated(registration, answer, contact)
    is_first = registration.answer is None or registration.failures > 0
    registration = replace(registration, answer=answer, contact_uri=contact, failures=0, outdated=outdated)
    if outdated is not None and registration.corrections < MOST_CORRECTIONS:
        registration = replace(registration, corrections=registration.corrections + 1)
        registration, outputs = asking.ask(registration, registration.state)
        return registration, (Note("registration.moved", {"outdated": outdated}), *outputs)
    registration = replace(registration, corrections=0, outdated=None)
    registration, changed = become(registration, State.REGISTERED, outcome)
    told = Notify("SCRegistrationDidSucceed", {**why(outcome), **granted(registration)})
    registration, paced = _pace(registration, answer, is_first=is_first)
    return registration, (*changed, told, *paced)


def bound_anyway(registration: Registration, outcome: Outcome) -> Registration:
    """Note what a REGISTER has bound that nobody wants any more."""
    contact = _contact(registration, outcome)
    return replace(registration, contact_uri=contact, answer=_read(registration, outcome, contact))


def _read(registration: Registration, outcome: Outcome, contact: str) -> Answer:
    assert outcome.response is not None, "a success is a response"
    terms = registration.terms
    return read(outcome.response, contact, terms.instance, terms.reg_id, registration.asked)


def _contact(registration: Registration, outcome: Outcome) -> str:
    own = None if outcome.request is None else outcome.request.contact
    return registration.contact_uri or "" if own is None else str(own.uri)


def _outdated(registration: Registration, answer: Answer, contact: str) -> str | None:
    """Return the URI of ours that is bound and does not reach us any more."""
    terms, flow = registration.terms, registration.client.flow
    if terms.contact_uri is None and flow is not None and terms.contact.uri(flow) != contact:
        return contact  # the answer told us that we are seen elsewhere
    before = registration.contact_uri
    is_listed = any(each.uri == before for each in answer.bindings)
    return before if before != contact and is_listed else None


def _pace(registration: Registration, answer: Answer, *, is_first: bool) -> Step:
    """Start the timers of a binding, and have its flow kept open."""
    registration, drawn = draw(registration)
    lifetime = renewals.lifetime(answer.expires)
    refresh = renewals.refresh_after(lifetime, drawn, is_first=is_first)
    outputs: asking.Outputs = (StartTimer(REFRESH, refresh), StartTimer(EXPIRY, lifetime))
    flow = registration.client.flow
    if flow is not None:
        registration, drawn = draw(registration)
        every = renewals.keep_alive_every(answer.flow_timer, drawn, is_reliable=flow.reliable)
        outputs += (KeepAlive(flow, every if registration.terms.keeps_alive else None),)
    return registration, outputs
