"""What follows from an INVITE within its transaction: the ACK of a failure (RFC 3261 §17.1.1.3), CANCEL (§9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sip.message import Response


def make_ack(request: Request, response: Response) -> Request:
    """Make the ACK that the transaction of INVITE `request` sends for a final response of 300 or above.

    The To comes from the response, everything else from the request.

    RFC: 3261 §17.1.1.3.
    """
    return _derive("ACK", request, response.get("to") or "")


def make_cancel(request: Request, headers: Iterable[tuple[str, str]] = ()) -> Request:
    """Make the CANCEL of INVITE `request`; it is sent on the same flow, after a provisional response.

    Args:
        request: The INVITE as it was sent.
        headers: To be added, such as Reason.

    Raises:
        LocalProtocolError: The request is no INVITE.

    RFC: 3261 §9.1.
    """
    if request.method != "INVITE":
        raise LocalProtocolError(f"CANCEL of {request.method}")
    return _derive("CANCEL", request, request.get("to") or "", headers)


def _derive(method: str, request: Request, to: str, headers: Iterable[tuple[str, str]] = ()) -> Request:
    return Request(
        method,
        request.uri,
        (
            ("Via", request.get("via") or ""),
            ("Max-Forwards", "70"),
            *(("Route", route) for route in request.get_all("route")),
            ("From", request.get("from") or ""),
            ("To", to),
            ("Call-ID", request.call_id),
            ("CSeq", f"{request.cseq.number} {method}"),
            *headers,
        ),
    )
