"""The state of one registration."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.registration.answer import Answer
    from sipsimple.protocols.sip.registration.terms import Terms
    from sipsimple.protocols.sip.request.client import RequestClient


class State(StrEnum):
    """Where a registration stands; more of it than applications are shown."""

    UNREGISTERED = "unregistered"
    REGISTERING = "registering"
    WAITING = "waiting"
    """There is no binding; the next try comes."""
    REGISTERED = "registered"
    REFRESHING = "refreshing"
    FADING = "fading"
    """The binding stands, but could not be refreshed, or its flow is lost; the next try comes."""
    CLOSING = "closing"
    """It is to end; the REGISTER that is under way must be answered first (RFC 3261 10.2)."""
    UNREGISTERING = "unregistering"


SHOWN = {
    State.UNREGISTERED: "unregistered",
    State.REGISTERING: "registering",
    State.WAITING: "unregistered",
    State.REGISTERED: "registered",
    State.REFRESHING: "registered",
    State.FADING: "registered",
    State.CLOSING: "unregistering",
    State.UNREGISTERING: "unregistering",
}
"""What applications are shown."""

BOUND = frozenset({State.REGISTERED, State.REFRESHING, State.FADING})
"""Where there is a binding of ours."""


class Stimulus(StrEnum):
    """What can happen."""

    REGISTER = "register"
    UNREGISTER = "unregister"
    SUCCEEDED = "2xx"
    FAILED = "no 2xx"
    REFRESH_DUE = "refresh due"
    RETRY_DUE = "retry due"
    EXPIRED = "expired"
    FLOW_LOST = "flow lost"
    NETWORK_CHANGED = "network changed"
    RESUMED = "resumed"
    CRASHED = "crashed"
    ABANDONED = "abandoned"


class Registration(Value):
    """One registration.

    Attributes:
        terms: What the application asks for.
        client: Sends the REGISTERs.
        call_id: Of all of them.
        tag: Of their From.
        state: Where it stands.
        is_wanted: It is to be registered again when it has ended.
        answer: What was granted last; None: there is no binding of ours.
        contact_uri: What was bound last.
        outdated: A URI of ours that is to be unbound: we have moved.
        corrections: How often in a row a REGISTER had to follow because of that.
        asked: Seconds that are asked for; more than the terms say when the registrar wants that.
        is_outbound: Whether the registrar is to treat us as of RFC 5626.
        failures: How many tries in a row have failed.
        losses: How often the flow was lost since the last refresh in time.
    """

    terms: Terms
    client: RequestClient
    call_id: str
    tag: str
    asked: int
    state: State = State.UNREGISTERED
    is_wanted: bool = False
    answer: Answer | None = None
    contact_uri: str | None = None
    outdated: str | None = None
    corrections: int = 0
    is_outbound: bool = True
    failures: int = 0
    losses: int = 0

    @property
    def is_over(self) -> bool:
        """Never: it may be asked for again."""
        return False

    @property
    def shown(self) -> str:
        """The state that applications are shown."""
        return SHOWN[self.state]

    @property
    def expires(self) -> int | None:
        """Seconds that were granted last; None: there is no binding of ours."""
        return None if self.answer is None else self.answer.expires


def new(terms: Terms, client: RequestClient, call_id: str, tag: str) -> Registration:
    """Make a registration that was not asked for yet."""
    return Registration(terms, client, call_id, tag, terms.expires)
