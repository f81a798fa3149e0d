"""What an application may say that it can do as a chat room. RFC 7701 section 8.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.protocols.msrp.nickname import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Sequence


def chatroom(capabilities: Sequence[str]) -> tuple[str, ...]:
    """Return what a chat room can do, in order and once each.

    Raises:
        ValueError: One is not known.
        TypeError: They are no sequence of texts.
    """
    named = checking.texts("chatroom_capabilities", capabilities, "names")
    if unknown := [each for each in named if each not in CAPABILITIES]:
        raise ValueError(f"chatroom_capabilities must be some of {', '.join(CAPABILITIES)}, not {unknown[0]!r}")
    return tuple(dict.fromkeys(named))
