"""The headers of a message as applications get them: a dict from the usual names to the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.headers.names import SPELLINGS

if TYPE_CHECKING:
    from sipsimple.protocols.sip.base import Message

_SECRET = frozenset({"authorization", "proxy-authorization", "authentication-info", "proxy-authentication-info"})


def shown_headers(message: Message) -> dict[str, str]:
    """Return the headers, several values of one name joined with commas; without those that hold credentials."""
    return {_spelled(key): ", ".join(values) for key, values in message.headers.items() if key not in _SECRET}


def shown_type(message: Message) -> tuple[str | None, str | None]:
    """Return type and subtype of the body; None twice where there is none."""
    media_type = message.content_type if message.body else None
    return (None, None) if media_type is None else (media_type.type, media_type.subtype)


def _spelled(key: str) -> str:
    return SPELLINGS.get(key) or "-".join([part.capitalize() for part in key.split("-")])
