"""Offer and answer: RFC 3264, where SIP carries them by RFC 3261 section 13.2.1 and RFC 6337.

Each function takes the `Negotiation` and returns the next one with the document
to send or to act on; the documents themselves are not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sdp.document import SessionDescription, outline
from sipsimple.protocols.sdp.matching import misfit_of_answer, misfit_of_new_offer
from sipsimple.protocols.sdp.negotiation import IGNORED, Negotiation, State, Stimulus, next_state
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sdp.media import Media

__all__ = [
    "Negotiation",
    "State",
    "answer",
    "offer",
    "preview_answer",
    "receive_answer",
    "receive_offer",
    "reject",
    "start",
    "withdraw",
]


def start(session_id: int, address: str, name: str = "-") -> Negotiation:
    """Begin with nothing agreed; the first version equals `session_id`."""
    return Negotiation(session_id, address, name, session_id)


def offer(
    negotiation: Negotiation, media: Iterable[Media], *, is_new: bool = False
) -> tuple[Negotiation, SessionDescription]:
    """Make an offer; the same media as agreed before give the same document, version included.

    Args:
        negotiation: Where the exchange stands.
        media: The lines.
        is_new: Give it a new version in any case.

    Raises:
        SessionStateError: An offer waits for its answer.
        LocalProtocolError: A line of the last description is missing, or became another kind while in use.

    RFC: 3264 5, 8.
    """
    state = next_state("offer", negotiation.state, Stimulus.OFFER_MADE)
    document = _described(negotiation, media)
    if is_new and bytes(document) == negotiation.local:
        document = document.next_version()
    local, remote = _lines_of(negotiation.local), _lines_of(negotiation.remote)
    _refuse_ours(misfit_of_new_offer(local, remote, document.media))
    version = document.origin.session_version
    return replace(negotiation, state=state, pending=bytes(document), version=version), document


def receive_offer(negotiation: Negotiation, body: bytes) -> tuple[Negotiation, SessionDescription]:
    """Take the peer's offer.

    Raises:
        RemoteProtocolError: 400 no SDP, 488 lines are missing or changed, 491 our own offer waits for its answer,
            500 with Retry-After: the peer's former offer does.

    RFC: 3264 4, 8; 3261 14.2; 3311 5.2.
    """
    state = next_state("receive_offer", negotiation.state, Stimulus.OFFER_CAME)
    document = SessionDescription.parse(body)
    local, remote = _lines_of(negotiation.local), _lines_of(negotiation.remote)
    _refuse_theirs(misfit_of_new_offer(remote, local, document.media))
    return replace(negotiation, state=state, pending=bytes(document)), document


def answer(negotiation: Negotiation, media: Iterable[Media]) -> tuple[Negotiation, SessionDescription]:
    """Answer the peer's offer, line by line.

    Raises:
        SessionStateError: No offer waits.
        LocalProtocolError: The lines are not those of the offer.

    RFC: 3264 6.
    """
    state = next_state("answer", negotiation.state, Stimulus.ANSWER_MADE)
    times, offered = outline(negotiation.pending)
    document = _described(negotiation, media, times)
    _refuse_ours(misfit_of_answer(offered, document.media))
    version = document.origin.session_version
    agreed = replace(negotiation, state=state, local=bytes(document), remote=negotiation.pending, pending=b"")
    return replace(agreed, version=version), document


def receive_answer(negotiation: Negotiation, body: bytes) -> tuple[Negotiation, SessionDescription]:
    """Take the peer's answer; when there is one already, that one is returned again.

    After an error the offer still waits: `withdraw` it, or end the call.

    Raises:
        RemoteProtocolError: 400 no SDP, 488 the lines are not those of the offer, or nothing was offered.

    RFC: 3264 6; 3261 13.2.1.
    """
    if (negotiation.state, Stimulus.ANSWER_CAME) in IGNORED:
        return negotiation, SessionDescription.parse(negotiation.remote)
    state = next_state("receive_answer", negotiation.state, Stimulus.ANSWER_CAME)
    document = _checked_answer(negotiation, body)
    agreed = replace(negotiation, state=state, local=negotiation.pending, remote=bytes(document), pending=b"")
    return agreed, document


def preview_answer(negotiation: Negotiation, body: bytes) -> SessionDescription:
    """Read the description of an unreliable provisional response: early media, but not yet the answer (RFC 6337 3.1).

    Raises:
        RemoteProtocolError: As `receive_answer`.
    """
    if (negotiation.state, Stimulus.ANSWER_CAME) in IGNORED:
        return SessionDescription.parse(negotiation.remote)
    next_state("preview_answer", negotiation.state, Stimulus.ANSWER_CAME)
    return _checked_answer(negotiation, body)


def withdraw(negotiation: Negotiation) -> Negotiation:
    """Take back our offer, which was refused or never answered; what was agreed before holds.

    The version it had is used up: the peer has seen it with another content.
    """
    first = not negotiation.local
    stimulus = Stimulus.FIRST_OFFER_WITHDRAWN if first else Stimulus.OFFER_WITHDRAWN
    return replace(negotiation, state=next_state("withdraw", negotiation.state, stimulus), pending=b"")


def reject(negotiation: Negotiation) -> Negotiation:
    """Forget the peer's offer, which is answered with an error status; what was agreed before holds."""
    first = not negotiation.local
    stimulus = Stimulus.FIRST_OFFER_REJECTED if first else Stimulus.OFFER_REJECTED
    return replace(negotiation, state=next_state("reject", negotiation.state, stimulus), pending=b"")


def _described(negotiation: Negotiation, media: Iterable[Media], times: str = "0 0") -> SessionDescription:
    """Describe `media`, with the version one up when they differ from what the peer last saw."""
    ours = negotiation.session_id, negotiation.address, negotiation.name
    document = SessionDescription.create(*ours, media, version=negotiation.version, times=times)
    if negotiation.local and bytes(document) != negotiation.local:
        return document.next_version()
    return document


def _checked_answer(negotiation: Negotiation, body: bytes) -> SessionDescription:
    document = SessionDescription.parse(body)
    _refuse_theirs(misfit_of_answer(_lines_of(negotiation.pending), document.media))
    return document


def _lines_of(description: bytes) -> tuple[Media, ...]:
    """The bare media lines; none of an empty description, that is before anything was agreed."""
    return outline(description)[1] if description else ()


def _refuse_ours(misfit: str | None) -> None:
    if misfit:
        raise LocalProtocolError(misfit)


def _refuse_theirs(misfit: str | None) -> None:
    if misfit:
        raise RemoteProtocolError(misfit, 488)
