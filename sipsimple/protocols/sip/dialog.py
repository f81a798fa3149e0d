"""Dialogs: what two user agents remember of each other between requests (RFC 3261 §12).

A dialog is kept small, in plain texts, because a server holds tens of
thousands; what it says is parsed when a request is built. A null tag, which
RFC 2543 allowed, is the empty text.
"""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.ids import is_unique_branch
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.uri import URI
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.base import HeaderLines
    from sipsimple.protocols.sip.message import Message, Response

MAX_FORWARDS = "70"
_TARGET_REFRESH = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})
_OWN_CSEQ = frozenset({"ACK", "CANCEL"})
_MAX_CSEQ = 2**31 - 1


class State(StrEnum):
    """Early until a 2xx makes it confirmed."""

    EARLY = "early"
    CONFIRMED = "confirmed"


class Dialog(Value):
    """One dialog as one of its two ends sees it.

    Attributes:
        call_id: Call-ID.
        local_tag: Our tag.
        remote_tag: The peer's tag.
        local: From of our requests, without the tag.
        remote: To of our requests, without the tag.
        local_cseq: Number of our last request; 0 before the first.
        remote_cseq: Number of the peer's last request; None before the first.
        remote_target: URI of the peer's Contact.
        route_set: Route values in the order in which our requests pass them.
        secure: Whether the dialog was made with a sips URI.
        state: Early or confirmed.
        is_caller: Whether we sent the request that made the dialog.
    """

    call_id: str
    local_tag: str
    remote_tag: str
    local: str
    remote: str
    local_cseq: int
    remote_cseq: int | None
    remote_target: str
    route_set: tuple[str, ...]
    secure: bool
    state: State
    is_caller: bool


def from_response(request: Request, response: Response) -> Dialog:
    """Make the dialog that a response to our `request` establishes.

    Early for 101-199, confirmed for 2xx. A response without Contact leaves the Request-URI as target.

    Raises:
        RemoteProtocolError: From, To, Contact or Record-Route of the response is malformed.

    RFC: 3261 §12.1.2.
    """
    local, remote = request.from_, response.to
    contact = response.contact
    return Dialog(
        call_id=request.call_id,
        local_tag=local.tag or "",
        remote_tag=remote.tag or "",
        local=_without_tag(request, "from", local),
        remote=_without_tag(response, "to", remote),
        local_cseq=request.cseq.number,
        remote_cseq=None,
        remote_target=request.uri if contact is None else str(contact.uri),
        route_set=_reversed_routes(response),
        secure=request.uri[:5].lower() == "sips:",
        state=State.CONFIRMED if response.status >= 200 else State.EARLY,
        is_caller=True,
    )


def from_request(request: Request, local_tag: str, state: State = State.EARLY) -> Dialog:
    """Make the dialog that our response with `local_tag` to the peer's `request` establishes.

    A request of RFC 2543, which its branch tells, may lack Contact: then its sender is at the URI of From.

    Raises:
        RemoteProtocolError: Contact is missing, or a header that makes the dialog is malformed (400).

    RFC: 3261 §12.1.1.
    """
    local, remote = request.to, request.from_
    contact = request.contact
    if contact is None:
        if is_unique_branch(request.via.branch) or remote.uri.scheme not in ("sip", "sips"):
            raise RemoteProtocolError(f"{request.method} without Contact")
        contact = remote
    return Dialog(
        call_id=request.call_id,
        local_tag=local_tag,
        remote_tag=remote.tag or "",
        local=_without_tag(request, "to", local),
        remote=_without_tag(request, "from", remote),
        local_cseq=0,
        remote_cseq=request.cseq.number,
        remote_target=str(contact.uri),
        route_set=tuple([str(each) for each in request.record_routes]),
        secure=request.uri[:5].lower() == "sips:",
        state=state,
        is_caller=False,
    )


def confirmed(dialog: Dialog, response: Response | None = None) -> Dialog:
    """Return the dialog confirmed by a 2xx.

    Args:
        dialog: The dialog, early or confirmed.
        response: The 2xx that we received, whose route set and target count; None where we sent it.

    RFC: 3261 §13.2.2.4.
    """
    if response is None:
        return replace(dialog, state=State.CONFIRMED)
    route_set = _reversed_routes(response) if dialog.state is State.EARLY else dialog.route_set
    return replace(retargeted(dialog, response), route_set=route_set, state=State.CONFIRMED)


def retargeted(dialog: Dialog, message: Request | Response) -> Dialog:
    """Return the dialog with the target of `message`, if that may change it and differs.

    To be called for a request that is accepted, or for the 2xx that one of
    ours got; a request that is refused changes nothing.

    RFC: 3261 §12.2.1.2, §12.2.2.
    """
    contact = message.contact if message.cseq.method in _TARGET_REFRESH else None
    if contact is None or str(contact.uri) == dialog.remote_target:
        return dialog
    return replace(dialog, remote_target=str(contact.uri))


def matches(dialog: Dialog, call_id: str, local_tag: str | None, remote_tag: str | None) -> bool:
    """Tell whether a message with these ids is within the dialog.

    Args:
        dialog: The dialog.
        call_id: Call-ID.
        local_tag: Of a request the To tag, of a response the From tag; None where there is none.
        remote_tag: The other tag.

    RFC: 3261 §12.
    """
    return (
        dialog.call_id == call_id and dialog.local_tag == (local_tag or "") and dialog.remote_tag == (remote_tag or "")
    )


def accepts(dialog: Dialog, request: Request) -> tuple[Dialog, RemoteProtocolError | None]:
    """Check the order of the peer's `request`, and note its number.

    A request that was overtaken comes back with the error to answer with (500). An ACK or CANCEL has
    the number of its INVITE and is not checked. The target is not changed yet: see `retargeted`.

    RFC: 3261 §12.2.2.
    """
    if request.method in _OWN_CSEQ:
        return dialog, None
    number = request.cseq.number
    last = dialog.remote_cseq
    if last is not None and number < last:
        return dialog, RemoteProtocolError(f"CSeq {number} after {last}", 500)
    return (dialog if number == last else replace(dialog, remote_cseq=number)), None


def request(
    dialog: Dialog, method: str, via: str, headers: HeaderLines = (), body: bytes = b""
) -> tuple[Dialog, Request]:
    """Build our next request within the dialog.

    Args:
        dialog: The dialog.
        method: Any but ACK and CANCEL.
        via: The Via value.
        headers: All others: Contact for a target refresh request, Content-Type, ...
        body: The body.

    Raises:
        LocalProtocolError: The method is ACK (see `ack_for_success`) or CANCEL, or the numbers are used up.

    RFC: 3261 §12.2.1.1.
    """
    if method in _OWN_CSEQ:
        raise LocalProtocolError(f"{method} takes the number of its INVITE")
    number = dialog.local_cseq + 1
    if number > _MAX_CSEQ:
        raise LocalProtocolError("CSeq numbers of the dialog are used up")
    return replace(dialog, local_cseq=number), _build(dialog, method, number, via, headers, body)


def ack_for_success(
    dialog: Dialog, invite_cseq: int, via: str, headers: HeaderLines = (), body: bytes = b""
) -> Request:
    """Build the ACK of a 2xx; it goes on the flow without a transaction, and again for each repeat of the 2xx.

    Args:
        dialog: The dialog, already confirmed by this 2xx.
        invite_cseq: CSeq number of the INVITE.
        via: The Via value, with a branch of its own.
        headers: The INVITE's credentials, Content-Type, ...
        body: The answer, where the 2xx had the offer.

    RFC: 3261 §13.2.2.4.
    """
    return _build(dialog, "ACK", invite_cseq, via, headers, body)


def _build(dialog: Dialog, method: str, cseq: int, via: str, headers: HeaderLines, body: bytes) -> Request:
    uri, routes = way(dialog)
    return Request(
        method,
        uri,
        [
            ("Via", via),
            ("Max-Forwards", MAX_FORWARDS),
            *[("Route", route) for route in routes],
            ("From", _tagged(dialog.local, dialog.local_tag)),
            ("To", _tagged(dialog.remote, dialog.remote_tag)),
            ("Call-ID", dialog.call_id),
            ("CSeq", f"{cseq} {method}"),
            *headers,
        ],
        body,
    )


def way(dialog: Dialog) -> tuple[str, tuple[str, ...]]:
    """Return Request-URI and Route values; a first router without `lr` wants to be the Request-URI itself."""
    target, routes = dialog.remote_target, dialog.route_set
    if not routes:
        return target, routes
    first = Address.parse(routes[0]).uri
    if first.is_loose_router:
        return target, routes
    allowed = tuple([each for each in first.parameters if each[0] != "method"])
    stripped = URI(first.scheme, first.user, first.password, first.host, first.port, allowed)
    return str(stripped), (*routes[1:], f"<{target}>")


def _reversed_routes(response: Response) -> tuple[str, ...]:
    return tuple([str(each) for each in reversed(response.record_routes)])


def _without_tag(message: Message, name: str, address: Address) -> str:
    text = message.get(name) or ""
    if address.tag is None:
        return text
    without = text.removesuffix(f";tag={address.tag}")
    if without != text:
        return without  # nearly always: the peer gets its own text back
    parameters = tuple([each for each in address.parameters if each[0] != "tag"])
    return str(dataclasses.replace(address, parameters=parameters))


def _tagged(value: str, tag: str) -> str:
    return f"{value};tag={tag}" if tag else value
