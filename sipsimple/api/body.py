"""Bodies that applications give and get: what their media types may be, and text in the charset of its type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.charsets import codec_of
from sipsimple.protocols.sip.grammar import is_token

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTENT_TYPE = re.compile(r"[^\s/;]+/[^\s/;]+[^\x00-\x1f\x7f]*")  # of ASCII


def checked_types(name: str, types: Iterable[str]) -> tuple[str, ...]:
    """Return media types and ranges: `text/plain`, `text/*`, `*`.

    Raises:
        ValueError: One of them is none.
        TypeError: They are no texts.
    """
    found = tuple([each.lower() for each in checking.texts(name, types, "content types")])
    for each in found:
        kind, slash, subtype = each.partition("/")
        if each != "*" and not (slash and is_token(kind) and is_token(subtype)):
            raise ValueError(f"{name} must be content types, not {each!r}")
    return found


def body_bytes(content: str | bytes, content_type: str) -> bytes:
    """Return the body to send; text in the charset that its type names, else in UTF-8.

    Raises:
        TypeError: The content is neither str nor bytes.
        ValueError: The type is none, or its charset cannot write the text.
    """
    if not isinstance(content_type, str) or not content_type.isascii() or not _CONTENT_TYPE.fullmatch(content_type):
        raise ValueError(f"content_type must be a media type, not {content_type!r}")
    if isinstance(content, str):
        try:
            return content.encode(codec_of(content_type))
        except LookupError as error:
            raise ValueError(f"content_type names an unknown charset: {content_type!r}") from error
    if isinstance(content, bytes | bytearray | memoryview):
        return bytes(content)
    raise TypeError(f"content must be str or bytes, not {type(content).__name__}")


def readable(content: bytes, content_type: str) -> str | bytes:
    """Return text as str, anything else as it is; so, too, text in an unknown charset, and what breaks its codec."""
    if content_type[:5].lower() != "text/":
        return content
    try:
        return content.decode(codec_of(content_type), "replace")
    except (LookupError, RuntimeError):  # the second: a codec of Python says so of an error of its own
        return content
