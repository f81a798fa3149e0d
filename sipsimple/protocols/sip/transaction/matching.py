"""Which transaction a message belongs to: RFC 3261 §17.1.3, §17.2.3, §9.2 and, for merged requests, §8.2.2.2.

A key is a tuple of texts: two for a client transaction, three for a server
transaction, more for one whose request comes from an implementation of
RFC 2543 and has no branch that is unique by itself.
"""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.sip.grammar import unbracketed
from sipsimple.protocols.sip.ids import is_unique_branch
from sipsimple.protocols.sip.transport import default_port

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.via import Via
    from sipsimple.protocols.sip.message import Request, Response

Key: TypeAlias = tuple[str, ...]
"""Names one transaction within an actor; hashable, and small because finished transactions keep it."""


def client_key(message: Request | Response) -> Key:
    """Key of the client transaction that sent a request, or that a response answers.

    Raises:
        RemoteProtocolError: Via or CSeq of a response is malformed.

    RFC: 3261 §17.1.3.
    """
    return message.via.branch or "", message.cseq.method


def misled(request: Request | None, response: Response) -> str | None:
    """Return why a response is not for the sender of a request, though it bears its branch; None when it is.

    Args:
        request: None: it is known no more, and what its Via said.
        response: As it came.

    Raises:
        RemoteProtocolError: A Via is malformed.

    RFC: 3261 §8.1.3.3, §18.1.2.
    """
    values = response.get_all("via")
    if (len(values) > 1 or "," in values[0]) and len(response.vias) > 1:
        return "more than one Via"
    if request is not None and _sender(request.via) != _sender(response.via):
        return f"its Via names {response.via.sent_by!r}"
    return None


def _sender(via: Via) -> tuple[str, int]:
    host = via.host.lower()
    if host.startswith("["):
        with suppress(ValueError):
            host = str(IPv6Address(unbracketed(host)))  # some write it anew
    return host, via.port or default_port(via.transport)


def server_key(request: Request) -> Key:
    """Key of the server transaction that a request makes, repeats or, as an ACK, acknowledges.

    RFC: 3261 §17.2.3.
    """
    kept = request.__dict__  # where typed headers are kept too: a request is asked for its key several times
    key: Key | None = kept.get("server_key")
    if key is None:
        method = request.method
        key = kept["server_key"] = _server_key(request, "INVITE" if method == "ACK" else method)
    return key


def invite_key(cancel: Request) -> Key:
    """Key of the INVITE server transaction that a CANCEL is about.

    RFC: 3261 §9.2.
    """
    return _server_key(cancel, "INVITE")


def merge_key(request: Request) -> Key:
    """Key under which the copies of one request meet that came by several ways.

    A request without To tag that shares this key with an ongoing transaction
    of another `server_key` is merged: answer 482.

    RFC: 3261 §8.2.2.2.
    """
    return request.from_.tag or "", request.call_id, str(request.cseq)


def _server_key(request: Request, method: str) -> Key:
    via = request.via
    branch = via.branch
    if branch is not None and is_unique_branch(branch):
        return branch, via.sent_by, method
    # The To tag is left out of the key of an INVITE: its ACK has the tag of our response, its CANCEL
    # has none. From tag, Call-ID and CSeq number tell INVITEs apart as well.
    to_tag = "" if method == "INVITE" else request.to.tag or ""
    number = str(request.cseq.number)
    return branch or "", via.sent_by, method, request.uri, to_tag, request.from_.tag or "", request.call_id, number
