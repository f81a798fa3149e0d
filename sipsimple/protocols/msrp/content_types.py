"""Which media types a side accepts, remembered for the hot path, and the charset of text."""

from __future__ import annotations

from functools import lru_cache

from sipsimple.protocols.sdp import message_media

CPIM = "message/cpim"


@lru_cache(maxsize=128)
def accepts(accept_types: tuple[str, ...], content_type: str) -> bool:
    """Tell whether `content_type`, parameters aside, is one of `accept_types` (`*`, `text/*`, `text/plain`)."""
    return message_media.accepts(accept_types, content_type)


def is_cpim(content_type: str) -> bool:
    """Tell whether a body of this type is wrapped in CPIM."""
    return content_type[: len(CPIM)].lower() == CPIM and content_type[len(CPIM) :].lstrip()[:1] in ("", ";")


@lru_cache(maxsize=128)
def with_charset(content_type: str) -> str:
    """Name the charset of a text type that names none: some peers take such text for ASCII."""
    if content_type[:5].lower() != "text/" or "charset=" in content_type.lower():
        return content_type
    return f"{content_type}; charset=utf-8"
