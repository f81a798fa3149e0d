"""Where an exchange of offers and answers stands: its states, its table, and what is kept. RFC 3264, RFC 6337.

A `Negotiation` lives as long as its dialog and is kept small: bytes and
numbers, no documents. It is a value, so a caller whose INVITE was forked keeps
one for each early dialog by keeping the one it had when the offer was made.
"""

from __future__ import annotations

from enum import StrEnum

from sipsimple.errors import RemoteProtocolError, SessionStateError
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.values import Discreet


class State(StrEnum):
    """Where the exchange of descriptions stands."""

    NONE = "none"
    STABLE = "stable"
    OFFER_SENT = "offer sent"
    OFFER_RECEIVED = "offer received"


class Stimulus(StrEnum):
    """What moves it."""

    OFFER_MADE = "offer made"
    OFFER_CAME = "offer came"
    ANSWER_MADE = "answer made"
    ANSWER_CAME = "answer came"
    OFFER_WITHDRAWN = "offer withdrawn"
    FIRST_OFFER_WITHDRAWN = "first offer withdrawn"
    OFFER_REJECTED = "offer rejected"
    FIRST_OFFER_REJECTED = "first offer rejected"


TRANSITIONS: dict[State, dict[Stimulus, State]] = {
    State.NONE: {
        Stimulus.OFFER_MADE: State.OFFER_SENT,
        Stimulus.OFFER_CAME: State.OFFER_RECEIVED,
    },
    State.STABLE: {
        Stimulus.OFFER_MADE: State.OFFER_SENT,
        Stimulus.OFFER_CAME: State.OFFER_RECEIVED,
    },
    State.OFFER_SENT: {
        Stimulus.ANSWER_CAME: State.STABLE,
        Stimulus.OFFER_WITHDRAWN: State.STABLE,
        Stimulus.FIRST_OFFER_WITHDRAWN: State.NONE,
    },
    State.OFFER_RECEIVED: {
        Stimulus.ANSWER_MADE: State.STABLE,
        Stimulus.OFFER_REJECTED: State.STABLE,
        Stimulus.FIRST_OFFER_REJECTED: State.NONE,
    },
}

# what the peer may do out of turn: the status that its message is due, and the header that goes with it
REFUSED: dict[tuple[State, Stimulus], tuple[int, tuple[str, str] | None]] = {
    (State.OFFER_SENT, Stimulus.OFFER_CAME): (491, None),
    (State.OFFER_RECEIVED, Stimulus.OFFER_CAME): (500, ("Retry-After", "5")),
    (State.NONE, Stimulus.ANSWER_CAME): (488, None),
    (State.OFFER_RECEIVED, Stimulus.ANSWER_CAME): (488, None),
}

# RFC 3261 section 13.2.1: once there is an answer, what later responses to the INVITE carry is not looked at
IGNORED = {(State.STABLE, Stimulus.ANSWER_CAME): "a 2xx repeats the answer of a reliable provisional response"}


class Negotiation(Discreet):
    """What both sides have agreed on, and the offer that waits for an answer; its repr shows no keys.

    Attributes:
        session_id: Of our o= line.
        address: IP address for o= and the session's c= line; replace it when it changes.
        name: Of our s= line.
        version: The last version that a description of ours had.
        state: Where the exchange stands.
        local: Our last agreed description, empty at first.
        remote: The peer's last agreed description, empty at first.
        pending: The offer that waits for an answer, of whichever side.
    """

    HIDDEN = (
        "local",
        "remote",
        "pending",
    )

    session_id: int
    address: str
    name: str
    version: int
    state: State = State.NONE
    local: bytes = b""
    remote: bytes = b""
    pending: bytes = b""

    @property
    def local_description(self) -> SessionDescription | None:
        """Our last agreed description; reads it anew each time."""
        return SessionDescription.parse(self.local) if self.local else None

    @property
    def remote_description(self) -> SessionDescription | None:
        """The peer's last agreed description; reads it anew each time."""
        return SessionDescription.parse(self.remote) if self.remote else None

    @property
    def offered(self) -> SessionDescription | None:
        """The offer that waits for an answer; reads it anew each time."""
        return SessionDescription.parse(self.pending) if self.pending else None


def next_state(method: str, state: State, stimulus: Stimulus) -> State:
    """Look up the row.

    Raises:
        RemoteProtocolError: There is none, and the stimulus is the peer's.
        SessionStateError: There is none for this method of ours.
    """
    following = TRANSITIONS[state].get(stimulus)
    if following is not None:
        return following
    if refusal := REFUSED.get((state, stimulus)):
        status, header = refusal
        raise RemoteProtocolError(f"{stimulus.value} in state {state.value}", status, header)
    allowed = (each.value for each, rows in TRANSITIONS.items() if stimulus in rows)
    raise SessionStateError(method, state.value, allowed)
