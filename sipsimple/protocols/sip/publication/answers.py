"""What becomes of a publication by the outcome of a PUBLISH.

RFC: 3903 4.1, 4.3 to 4.6, 11.3; 3261 21.4.17.
"""

from __future__ import annotations

from typing import TypeAlias

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.publication import asking
from sipsimple.protocols.sip.publication.ending import end
from sipsimple.protocols.sip.publication.publication import Outputs, Publication, become, why
from sipsimple.protocols.sip.publication.state import EXPIRY, REFRESH, RETRY, State, Stimulus
from sipsimple.protocols.sip.renewals import Backoff, longer, retry_after
from sipsimple.protocols.sip.request import grants
from sipsimple.protocols.sip.request.outputs import Outcome
from sipsimple.protocols.sip.requesting import abandon, draw
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import replace

Step: TypeAlias = tuple[Publication, Outputs]

MOST_EXPIRES = 30 * 86400
"""Seconds: nothing is asked for or believed to be granted for longer."""

BACKOFF = Backoff()
"""How long the pauses are."""

_STIMULI = {412: Stimulus.UNKNOWN, 423: Stimulus.TOO_BRIEF}


def stimulus_of(outcome: Outcome) -> Stimulus:
    """Tell which stimulus an outcome is."""
    if outcome.is_success:
        return Stimulus.SUCCESS
    if grants.is_final(outcome.code):
        return Stimulus.REFUSED
    return _STIMULI.get(outcome.code, Stimulus.FAILURE)


def accepted(publication: Publication, outcome: Outcome) -> Step:
    """Keep the entity tag; then publish what was asked for meanwhile."""
    publication, granted = noted(publication, outcome)
    if not granted:
        nothing = replace(publication, entity_tag=None)
        return fail(nothing, Outcome(None, outcome.code, "accepted for no time", "remote"))
    publication, changed = become(replace(publication, granted=granted, failures=0), State.PUBLISHED, outcome)
    told = Notify("SCPublicationDidSucceed", {**why(outcome), "expires": int(granted)})
    sent: Outputs = ()
    publication, timers = asking.clocks(publication)
    if not publication.is_up_to_date and (publication.wanted is not publication.sent):
        publication, sent = asking.send(publication)
    return publication, (StopTimer(RETRY), *timers, *changed, told, *sent)


def noted(publication: Publication, outcome: Outcome) -> tuple[Publication, float]:
    """Return the publication with what the server has of it, and the seconds that it granted."""
    response = grants.response_of(outcome)
    accepted_one = publication.accepted if publication.sent is None else publication.sent.number
    entity_tag = response.get("sip-etag")
    publication = replace(publication, entity_tag=entity_tag, accepted=accepted_one)
    return publication, grants.granted(response, publication.expires, MOST_EXPIRES)


def forget(publication: Publication, outcome: Outcome) -> Step:
    """Publish anew, with the document: the server does not know the entity tag any more."""
    if publication.entity_tag is None:
        return fail(publication, outcome)
    publication, changed = become(replace(publication, entity_tag=None, is_apart=False), State.PUBLISHING, outcome)
    publication, sent = asking.send(publication)
    return publication, (*asking.STOPS, Note("publication.forgotten"), *changed, *sent)


def lengthen(publication: Publication, outcome: Outcome) -> Step:
    """Ask again for as long as the server wants, which must be more than what was asked for."""
    least = grants.least(grants.response_of(outcome))
    wanted = longer(publication.expires, publication.terms.expires, least, MOST_EXPIRES)
    if wanted is None:
        return refuse(publication, outcome)
    publication, sent = asking.send(replace(publication, expires=wanted))
    return publication, (Note("publication.lengthened", {"expires": wanted}), *sent)


def refuse(publication: Publication, outcome: Outcome) -> Step:
    """Be over: the failure will not pass by itself."""
    return end(replace(publication, wanted=None), outcome, _told(outcome, None))


def fail(publication: Publication, outcome: Outcome) -> Step:
    """Tell the failure; try again after a pause that grows. What is published stays so until it expires."""
    publication, drawn = draw(replace(publication, failures=publication.failures + 1, is_apart=False))
    pause = retry_after(BACKOFF, publication.failures, drawn, outcome.retry_after)
    publication = replace(publication, pause=pause)
    if publication.entity_tag is not None:
        return publication, (StopTimer(REFRESH), StartTimer(RETRY, pause), _told(outcome, pause))
    publication, changed = _lost(publication, outcome)
    return publication, (StartTimer(RETRY, pause), *changed, _told(outcome, pause))


def expire(publication: Publication, _: object) -> Step:
    """Tell that the server has forgotten what was published, and try anew after a pause: that which runs already."""
    publication = replace(publication, entity_tag=None)
    outcome = Outcome(None, 408, "the publication was not refreshed in time", "local")
    if publication.pause:
        publication, changed = _lost(publication, outcome)
        return publication, (*changed, _told(outcome, publication.pause))
    publication, stopped = abandon(publication)
    publication, outputs = fail(publication, outcome)
    return publication, (*stopped, *outputs)


def _lost(publication: Publication, outcome: Outcome) -> Step:
    publication, changed = become(publication, State.WAITING, outcome)
    return publication, (StopTimer(REFRESH), StopTimer(EXPIRY), *changed)


def _told(outcome: Outcome, pause: float | None) -> Notify:
    return Notify("SCPublicationDidFail", {**why(outcome), "originator": outcome.origin, "retry_after": pause})
