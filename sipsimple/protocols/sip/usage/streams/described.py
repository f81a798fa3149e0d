"""The session description that a message brings: its body, or a part of it; and which bodies may be passed over.

A body counts, unless its sender says that it may be passed over and it is of a kind that is not known here. Of several
parts the first description of the session counts; others may be passed over unless the sender says that they must not.

RFC: 3261 8.2.3, 20.11; 5621 3, 5, 8.2; 3959 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.multipart import Part, parts
from sipsimple.protocols.sdp.document import CONTENT_TYPE
from sipsimple.protocols.sip.headers.media_type import MediaType
from sipsimple.protocols.sip.headers.parameters import parse_parameters

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request, Response

MULTIPART = frozenset({"multipart/mixed", "multipart/alternative"})
DEEPEST = 3
"""Levels of parts within parts."""

_SESSION = "session"
_AS_IT_IS = frozenset({"binary", "8bit", "7bit"})


def counts(message: Request | Response) -> bool:
    """Tell whether a message has a body that is to be taken, or refused."""
    if not message.body:
        return False
    if "content-disposition" not in message.headers or _handling(message.get("content-disposition")) != "optional":
        return True
    return is_in(message)


def is_in(message: Request | Response) -> bool:
    """Tell whether a message brings a description; a body without Content-Type is taken for one."""
    try:
        return bool(of(message))
    except RemoteProtocolError:
        return False


def of(message: Request | Response) -> bytes:
    """Return the description that a message brings.

    Raises:
        RemoteProtocolError: 415: there is none in its body; 400: its headers, or its parts, cannot be read.
    """
    body, media_type = message.body, message.content_type
    encoding = message.get("content-encoding")
    if encoding is not None and encoding.lower() != "identity":
        raise RemoteProtocolError(f"unsupported content encoding {encoding}", 415, ("Accept-Encoding", "identity"))
    if media_type is None or media_type.essence == CONTENT_TYPE:
        return body
    if media_type.essence in MULTIPART:
        found = _among(body, media_type, DEEPEST)
        if found is not None:
            return found
    raise unsupported(str(media_type))


def answer_in(response: Response) -> bytes:
    """Return the description in a 2xx, or what stands in its place: it is acknowledged first, and looked at then."""
    try:
        return of(response) if counts(response) else b""
    except RemoteProtocolError:
        return response.body


def unsupported(what: str) -> RemoteProtocolError:
    """Return the refusal of a body."""
    return RemoteProtocolError(f"unsupported content type {what}", 415, ("Accept", CONTENT_TYPE))


def _among(body: bytes, media_type: MediaType, depth: int) -> bytes | None:
    """Return the first description of the session among the parts; None without one."""
    found: bytes | None = None
    must_be_known = media_type.essence != "multipart/alternative"
    for part in parts(body, media_type.parameter("boundary") or ""):
        described = _in_part(part, depth)
        if described is not None:
            found = described if found is None else found
        elif must_be_known and _handling(part.get("content-disposition")) == "required":
            raise unsupported(part.get("content-type") or "text/plain")
    return found


def _in_part(part: Part, depth: int) -> bytes | None:
    kind = part.get("content-type")
    disposition = part.get("content-disposition") or _SESSION
    if kind is None or (part.get("content-transfer-encoding") or "binary").lower() not in _AS_IT_IS:
        return None
    media_type = MediaType.parse(kind)
    if media_type.essence in MULTIPART and depth > 1:
        return _among(part.body, media_type, depth - 1)
    is_of_session = disposition.partition(";")[0].strip().lower() == _SESSION
    return part.body if media_type.essence == CONTENT_TYPE and is_of_session else None


def _handling(disposition: str | None) -> str:
    """Return the value of `handling`, empty without one, or where the header cannot be read."""
    _kind, semicolon, rest = (disposition or "").partition(";")
    try:
        named = dict(parse_parameters(semicolon + rest))
    except RemoteProtocolError:
        return ""
    return (named.get("handling") or "").lower()
