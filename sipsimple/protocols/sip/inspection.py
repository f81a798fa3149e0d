"""What a user agent server checks before it looks at what a request asks for (RFC 3261 §8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.extensions import TAGS, check_require
from sipsimple.protocols.sip.headers.media_type import accepts
from sipsimple.protocols.sip.message import METHODS

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request

__all__ = ["METHODS", "SCHEMES", "inspect_request", "refuse_method"]

SCHEMES = frozenset({"sip", "sips"})
"""The schemes of a Request-URI that we can be."""

_MANDATORY = ("via", "from", "to", "call-id", "cseq")
_SINGLE = ("from", "to", "call-id", "cseq", "max-forwards", "content-type", "expires")
_READ = ("via", "max_forwards", "content_type", "expires")


def inspect_request(
    request: Request, supported: frozenset[str] = TAGS, schemes: frozenset[str] = SCHEMES
) -> RemoteProtocolError | None:
    """Return what is wrong with a request, or None.

    The checks that do not depend on the method, in this order: headers that
    are missing or doubled, CSeq's method, malformed headers (400), the
    Request-URI (400, 416), Require (420), and of an INVITE whether its sender
    takes a description (406). The method (`refuse_method`), merged requests
    (482) and the body (415) are the caller's, who knows what it offers.

    A Max-Forwards of 0 is no fault here: who a request is for does not forward it.

    Args:
        request: The request.
        supported: Option tags that the caller supports, in lower case; by default all that we have.
        schemes: Schemes of a Request-URI that the caller can be.

    RFC: 3261 §8.2.2, §8.1.1.
    """
    try:
        _check_presence(request)
        _check_syntax(request)
        _check_uri(request, schemes)
        check_require(request, supported)
        _check_accept(request)
    except RemoteProtocolError as error:
        return error
    return None


def refuse_method(method: str, allow: str) -> RemoteProtocolError:
    """Return the refusal of a method that is not offered: 501 for what no method is named like, else 405.

    All methods are named in capital letters. Whoever sends another name may
    mean anything, even an escaped INVITE, and shall not believe that we read
    it like that.

    Args:
        method: Of the request.
        allow: What is offered, as it stands in Allow.

    RFC: 3261 §8.2.1, §21.5.2.
    """
    is_named_like_one = method.isascii() and method.isalpha() and method.isupper()
    return RemoteProtocolError(f"method {method}", 405 if is_named_like_one else 501, ("Allow", allow))


def _check_presence(request: Request) -> None:
    headers = request.headers
    for key in _MANDATORY:
        if key not in headers:
            raise RemoteProtocolError(f"no {key} header")
    for key in _SINGLE:
        if len(headers.get(key, ())) > 1:
            raise RemoteProtocolError(f"{key} more than once")


def _check_syntax(request: Request) -> None:
    if not request.call_id:
        raise RemoteProtocolError("empty call-id header")
    if request.cseq.method != request.method:
        raise RemoteProtocolError(f"CSeq says {request.cseq.method!r} in {request.method!r}")
    for name in _READ:
        getattr(request, name)  # reading is what checks
    contacts = () if request.contacts == "*" else request.contacts
    for address in (request.from_, request.to, *contacts, *request.record_routes):
        _ = address.uri


def _check_uri(request: Request, schemes: frozenset[str]) -> None:
    uri = request.request_uri
    if uri.scheme not in schemes:
        raise RemoteProtocolError(f"a Request-URI of scheme {uri.scheme!r}", 416)
    if uri.headers:
        raise RemoteProtocolError("a Request-URI with headers")


def _check_accept(request: Request) -> None:
    ranges = request.headers.get("accept")
    if ranges is None or request.method != "INVITE" or accepts(ranges, "application", "sdp"):
        return
    text = "nothing but application/sdp can be answered"
    raise RemoteProtocolError(f"{text}, and Accept leaves it out", 406, ("Warning", f'399 endpoint "{text}"'))
