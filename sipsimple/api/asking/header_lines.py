"""Header lines that applications add to requests of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip.headers.media_type import MediaType
from sipsimple.protocols.sip.headers.names import key_of
from sipsimple.protocols.sip.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AUTOMATIC = frozenset(
    {"via", "from", "to", "call-id", "cseq", "contact", "route", "max-forwards", "user-agent", "content-length"}
    | {"content-type", "authorization", "proxy-authorization"}
)
"""What no application writes."""


def checked_content_type(value: str) -> str:
    """Return a content type.

    Raises:
        ValueError: It is none.
        TypeError: It is no text.
    """
    line = checking.line("content_type", value)
    try:
        MediaType.parse(line)
    except RemoteProtocolError as error:
        raise ValueError(f"not a content type: {value!r}") from error
    return line


def checked_lines(headers: Mapping[str, str] | None, automatic: Iterable[str] = ()) -> dict[str, str]:
    """Return a copy of header lines that an application adds.

    Args:
        headers: Values by name; None: none.
        automatic: More names that are the library's business, in lower case.

    Raises:
        ValueError: One of them is the library's business, or cannot stand in a message.
        TypeError: One is no text.
    """
    checked = {}
    for name, value in checking.mapping("extra_headers", headers).items():
        if not isinstance(name, str):
            raise TypeError(f"a header name must be a str, not {name!r}")
        line = checking.line(f"extra_headers: {name}", value)
        try:
            Request("OPTIONS", "sip:invalid", ((name, line),))
        except LocalProtocolError as error:
            raise ValueError(f"not a header name: {name!r}") from error
        if key_of(name) in AUTOMATIC or key_of(name) in automatic:
            raise ValueError(f"{name} is not for applications to write")
        checked[name] = line
    return checked
