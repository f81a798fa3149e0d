"""Messages and flows that the tests of transactions and dialogs share."""

from __future__ import annotations

from sipsimple.protocols.sip.message import Request, Response, parse, response_to
from sipsimple.protocols.sip.transport import Flow

UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.2", 5060))
TCP = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.2", 41000), 7)

BRANCH = "z9hG4bKabc"
CONTACT = ("Contact", "<sip:alice@192.0.2.2:5060>")


def request(
    method: str = "INVITE",
    branch: str | None = BRANCH,
    *,
    cseq: int = 1,
    uri: str = "sip:bob@192.0.2.1",
    from_: str = '"Alice" <sip:alice@example.org>;tag=a-tag',
    to: str = "<sip:bob@example.org>",
    headers: tuple[tuple[str, str], ...] = (CONTACT,),
) -> Request:
    """Return a request as the peer would send it, by way of bytes."""
    via = "SIP/2.0/UDP 192.0.2.2:5060" + ("" if branch is None else f";branch={branch}")
    built = Request(
        method,
        uri,
        [
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", from_),
            ("To", to),
            ("Call-ID", "call-1"),
            ("CSeq", f"{cseq} {method}"),
            *headers,
        ],
    )
    parsed = parse(bytes(built))
    assert isinstance(parsed, Request)
    return parsed


def response(to: Request, status: int, *headers: tuple[str, str], tag: str | None = "b-tag") -> Response:
    """Return a response to a request, by way of bytes."""
    parsed = parse(bytes(response_to(to, status, to_tag=tag, headers=headers)))
    assert isinstance(parsed, Response)
    return parsed
