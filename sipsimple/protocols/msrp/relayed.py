"""A chat whose path leads through relays that were not known when it was made. RFC 4976 section 5."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import SessionStateError
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.protocols.msrp.chat import Chat, Step


def through(chat: Chat, relays: Sequence[str]) -> Step:
    """Put relays before our own URI, in the order of `a=path`: the outermost first; once more replaces them.

    Raises:
        SessionStateError: The peer's path is known already, so ours was told.
    """
    session = chat.session
    if session.state is not State.IDLE:
        raise SessionStateError("through", session.state, [State.IDLE])
    terms = replace(session.terms, local_path=(*relays, session.terms.own))
    return replace(chat, session=replace(session, terms=terms)), ()
