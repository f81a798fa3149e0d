"""One publication as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.sip.publication.state import SHOWN, State
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.protocols.values import Discreet, Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.event import Event
    from sipsimple.protocols.sip.request.client import RequestClient
    from sipsimple.protocols.sip.request.outputs import Outcome

Outputs: TypeAlias = tuple[object, ...]


class Document(Discreet):
    """What is to be published; a later one has a higher number."""

    HIDDEN = ("body",)

    number: int
    content_type: str
    body: bytes


class Terms(Value):
    """What is settled when the publication is made.

    Attributes:
        event: The package.
        uri: Whose state it is, for the Request-URI.
        address: From, without our tag, and To.
        routes: Route values to begin with.
        expires: Seconds to ask for.
        headers: More lines for every PUBLISH.
    """

    event: Event
    uri: str
    address: str
    routes: tuple[str, ...] = ()
    expires: int = 300
    headers: tuple[tuple[str, str], ...] = ()


class Publication(Value):
    """State of one publication; a value, replaced on each step.

    Attributes:
        terms: What never changes.
        client: Sends the PUBLISHes.
        call_id: Of all of them.
        expires: Seconds to ask for: more than the terms say, where the server wants that.
        state: Where it stands.
        wanted: What is to be published; None: nothing.
        taken: The number of the last document that was given.
        sent: What the PUBLISH that is under way, or was last, has brought; None: it was a refresh.
        accepted: The number of the document that the server has.
        entity_tag: By which the server knows it; None: it has nothing of ours.
        granted: Seconds that were granted last.
        is_apart: A refresh came due, so that later ones do not come together with those of others.
        failures: Failures in a row.
        pause: Seconds from the last failure to the next try; 0: one is under way, or nothing has failed.
    """

    terms: Terms
    client: RequestClient
    call_id: str
    expires: int
    state: State = State.NULL
    wanted: Document | None = None
    taken: int = 0
    sent: Document | None = None
    accepted: int = 0
    entity_tag: str | None = None
    granted: float = 0.0
    is_apart: bool = False
    failures: int = 0
    pause: float = 0.0

    @property
    def is_new(self) -> bool:
        """Nothing has happened yet."""
        return self.state is State.NULL

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return self.state is State.OVER

    @property
    def shown(self) -> str:
        """The state that applications are shown."""
        return SHOWN[self.state]

    @property
    def is_up_to_date(self) -> bool:
        """The server has what is wanted."""
        return self.wanted is None or (self.entity_tag is not None and self.wanted.number == self.accepted)


def new(terms: Terms, client: RequestClient, call_id: str) -> Publication:
    """Make a publication that has nothing to publish yet."""
    return Publication(terms, client, call_id, terms.expires)


def become(publication: Publication, state: State, outcome: Outcome | None = None) -> tuple[Publication, Outputs]:
    """Change the state, and tell when that shows."""
    before = publication.shown
    publication = replace(publication, state=state)
    if publication.shown == before:
        return publication, ()
    data = {"prev_state": before, "state": publication.shown, **why(outcome)}
    return publication, (Notify("SCPublicationChangedState", data),)


def why(outcome: Outcome | None) -> dict[str, int | str | None]:
    """Return code and reason as notifications carry them."""
    return {"code": None, "reason": None} if outcome is None else {"code": outcome.code, "reason": outcome.reason}
