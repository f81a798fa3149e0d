"""The cheapest answer there is: the bytes of a refusal, made of the raw lines of the request (RFC 3261 §8.2.6, §8.2.7).

Nothing is read for it that routing has not read before, and nothing is kept:
the tag of the answer is derived from the request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.ids import stateless_tag
from sipsimple.protocols.sip.status import reason_phrase

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request


def refuse(request: Request, status: int, secret: str, *lines: str) -> bytes:
    """Return a final response to a request whose To was read.

    Args:
        request: Which has a Via, as every request has that was routed.
        status: Above 199.
        secret: Makes the tag unguessable.
        lines: More header lines.
    """
    headers = request.headers
    call_ids, vias = headers.get("call-id", ()), headers["via"]
    head = [f"SIP/2.0 {status} {reason_phrase(status)}"]
    head += [f"Via: {value}" for value in vias]
    head += [f"From: {value}" for value in headers.get("from", ())[:1]]
    to = headers["to"][0]
    if request.to.tag is None:
        to = f"{to};tag={stateless_tag(secret, call_ids[0] if call_ids else '', vias[0])}"
    head.append(f"To: {to}")
    head += [f"Call-ID: {value}" for value in call_ids[:1]]
    head += [f"CSeq: {value}" for value in headers.get("cseq", ())[:1]]
    head += lines
    head.append("Content-Length: 0\r\n\r\n")
    return "\r\n".join(head).encode("utf-8", "surrogateescape")
