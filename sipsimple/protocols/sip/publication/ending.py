"""The end of a publication: what the server has of ours is removed first.

RFC: 3903 4.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.sip.publication import asking
from sipsimple.protocols.sip.publication.publication import Outputs, Publication, become, why
from sipsimple.protocols.sip.publication.state import State
from sipsimple.protocols.sip.request.client import State as ClientState
from sipsimple.protocols.sip.requesting import abandon
from sipsimple.protocols.sip.usage.outputs import HandOver, Notify
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.request.outputs import Outcome

Step: TypeAlias = tuple[Publication, Outputs]

WILL_END = Notify("SCPublicationWillEnd")


def unpublish(publication: Publication, _: object) -> Step:
    """Remove what is published; where nothing can have been published, be over at once.

    The end is told to begin once the PUBLISH went out.
    """
    client = publication.client
    publication = replace(publication, wanted=None)
    is_unsent = client.state is ClientState.RESOLVING and publication.entity_tag is None
    if publication.state in (State.NULL, State.WAITING) or is_unsent:
        publication, stopped = abandon(publication)
        publication, outputs = end(publication, None)
        return publication, (WILL_END, *stopped, *outputs)
    if client.is_busy:
        publication, changed = become(publication, State.CLOSING)
        return publication, (*asking.STOPS, *changed, WILL_END)
    publication, outputs = asking.remove(publication)
    return publication, (*asking.STOPS, *outputs, WILL_END)


def want_nothing(publication: Publication, _: object) -> Step:
    """End as it was meant first."""
    return replace(publication, wanted=None), ()


def go_on(publication: Publication, outcome: Outcome) -> Step:
    """Remove what is published now that the PUBLISH which was under way is answered, if there is anything."""
    if outcome.is_success and outcome.response is not None:
        publication = replace(publication, entity_tag=outcome.response.get("sip-etag"))
    elif outcome.code == 412:
        publication = replace(publication, entity_tag=None)
    return end(publication, None) if publication.entity_tag is None else asking.remove(publication)


def removed(publication: Publication, outcome: Outcome) -> Step:
    """Be over; what could not be removed expires by itself."""
    return end(publication, None if outcome.code == 412 else outcome)


def end(publication: Publication, outcome: Outcome | None, *told: Notify) -> Step:
    """Be over, and leave the transactions to their keeper; what was asked for meanwhile is published anew."""
    publication = replace(publication, entity_tag=None, failures=0)
    publication, changed = become(publication, State.OVER, outcome)
    over = Notify("SCPublicationDidEnd", {**why(outcome), "expired": False})
    if publication.wanted is None:
        return publication, (*asking.STOPS, *changed, *told, over, HandOver(publication.client.transactions))
    publication, outputs = asking.retry(publication, None)
    return publication, (*changed, over, *outputs)
