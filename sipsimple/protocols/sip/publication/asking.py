"""Sending PUBLISH: for the first time, to refresh, to change, and to remove.

RFC: 3903 4.1 to 4.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.publication.publication import Outputs, Publication, become
from sipsimple.protocols.sip.publication.state import EXPIRY, REFRESH, RETRY, State
from sipsimple.protocols.sip.renewals import refresh_after
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.request.draft import Draft
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.publication.publication import Document

Step: TypeAlias = tuple[Publication, Outputs]


def publish(publication: Publication, document: Document) -> Step:
    """Publish a document for the first time."""
    publication, changed = become(_wanting(publication, document), State.PUBLISHING)
    publication, sent = send(publication)
    return publication, (*changed, *sent)


def change(publication: Publication, document: Document) -> Step:
    """Have another document published: now, or when the PUBLISH that is under way was answered."""
    publication = _wanting(publication, document)
    return (publication, ()) if publication.client.is_busy or publication.is_up_to_date else send(publication)


def note(publication: Publication, document: Document) -> Step:
    """Have another document published when its time comes; of several, the last one."""
    return _wanting(publication, document), ()


def _wanting(publication: Publication, document: Document) -> Publication:
    if publication.taken >= document.number:
        return publication
    return replace(publication, wanted=document, taken=document.number)


def refresh(publication: Publication, _: object) -> Step:
    """Say that what was published holds on, or publish what the server has not got yet."""
    return (publication, ()) if publication.client.is_busy else send(replace(publication, is_apart=True))


def move(publication: Publication, _: object) -> Step:
    """Refresh by whatever way leads there now; a PUBLISH that is under way finds its own."""
    client = publication.client
    return (publication, ()) if client.is_busy else send(replace(publication, client=replace(client, flow=None)))


def retry(publication: Publication, _: object) -> Step:
    """Publish anew after a failure."""
    publication, changed = become(publication, State.PUBLISHING)
    publication, sent = send(publication)
    return publication, (StopTimer(RETRY), *changed, *sent)


def send(publication: Publication) -> Step:
    """Send a PUBLISH: with the document if the server lacks it, and with the entity tag if it has one of ours."""
    document = None if publication.is_up_to_date else publication.wanted
    client, outputs = requests.begin(publication.client, _draft(publication, document, publication.expires))
    return replace(publication, client=client, sent=document, pause=0.0), outputs


def remove(publication: Publication) -> Step:
    """Have the server remove what it has of ours."""
    publication, changed = become(publication, State.UNPUBLISHING)
    client, outputs = requests.begin(publication.client, _draft(publication, None, 0))
    return replace(publication, client=client, sent=None), (*changed, *outputs)


def _draft(publication: Publication, document: Document | None, expires: int) -> Draft:
    terms, tag = publication.terms, publication.entity_tag
    headers = (
        ("Event", str(terms.event)),
        ("Expires", str(expires)),
        *([("SIP-If-Match", tag)] if tag is not None else ()),
        *terms.headers,
        *([("Content-Type", document.content_type)] if document is not None else ()),
    )
    return Draft(
        "PUBLISH",
        terms.uri,
        f"{terms.address};tag={publication.client.token}",
        terms.address,
        publication.call_id,
        terms.routes,
        None,
        headers,
        b"" if document is None else document.body,
    )


def clocks(publication: Publication) -> Step:
    """Start the timers of what was granted."""
    publication, drawn = requesting.draw(publication)
    after = refresh_after(publication.granted, drawn, is_first=not publication.is_apart)
    return publication, (StartTimer(REFRESH, after), StartTimer(EXPIRY, publication.granted))


STOPS = StopTimer(REFRESH), StopTimer(EXPIRY), StopTimer(RETRY)
"""No timer of the publication runs on."""


def resume(publication: Publication, _: object) -> Step:
    """Wait on for what the state waits for, with whole intervals; refresh at once, as a clock may be lost."""
    publication, outputs = requesting.resumed(publication)
    if publication.state is State.WAITING:
        return publication, (*outputs, StartTimer(RETRY, publication.pause))
    if publication.state is not State.PUBLISHED:
        return publication, outputs
    outputs += (StartTimer(EXPIRY, publication.granted),)
    if publication.client.is_busy:
        return publication, outputs
    publication, sent = send(publication)
    return publication, outputs + sent
