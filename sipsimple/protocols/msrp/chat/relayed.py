"""A chat whose path leads through relays that were not known when it was made, or that change. RFC 4976 section 5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import SessionStateError
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.protocols.msrp.chat.state import Chat, Step
    from sipsimple.protocols.msrp.state import Terms

_OVER = (State.CLOSING, State.CLOSED)


def through(chat: Chat, relays: Sequence[str]) -> Step:
    """Put relays before our own URI, in the order of `a=path`: the outermost first; once more replaces them.

    What is sent from now on goes through these; the peer has to be told by a new offer.

    Raises:
        SessionStateError: The chat is over.
    """
    session = chat.session
    if session.state in _OVER:
        raise SessionStateError("through", session.state, [each for each in State if each not in _OVER])
    return _with(chat, through_relays(session.terms, relays))


def follow(chat: Chat, remote_path: Sequence[str]) -> Step:
    """Send to where the peer has moved; the connection stays, and what the peer takes.

    RFC: 4975 8.
    """
    return _with(chat, towards(chat.session.terms, remote_path))


def _with(chat: Chat, terms: Terms) -> Step:
    if terms is chat.session.terms:
        return chat, ()
    return replace(chat, session=replace(chat.session, terms=terms)), ()


def through_relays(terms: Terms, relays: Sequence[str]) -> Terms:
    """The terms of a session that goes through these relays, in the order of `a=path`."""
    return _sending(replace(terms, local_path=(*relays, terms.own)))


def towards(terms: Terms, remote_path: Sequence[str]) -> Terms:
    """The terms of a session whose peer has this path now."""
    path = tuple(remote_path)
    if not path or path == terms.remote_path:
        return terms
    return _sending(replace(terms, remote_path=path, peer=path[-1]))


def _sending(terms: Terms) -> Terms:
    relays = terms.local_path[-2::-1]  # from the nearest on
    to_path = " ".join((*relays, *terms.remote_path)) if terms.remote_path else ""
    return replace(terms, to_path=to_path)
