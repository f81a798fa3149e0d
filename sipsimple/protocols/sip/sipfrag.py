"""Fragments of SIP messages, as far as they tell how far a request has come (RFC 3420, 3515 §2.4.5)."""

from __future__ import annotations

import re

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.status import reason_phrase

CONTENT_TYPE = "message/sipfrag;version=2.0"

_STATUS_LINE = re.compile(
    rb"SIP/2\.0[ \t]+([1-6][0-9][0-9])(?:[ \t]([^\r\n]{0,200}))?[^\r\n]*+(?:\r?\n|$)", re.IGNORECASE
)


def status_line(code: int, reason: str = "") -> bytes:
    """Return the fragment that says what became of a request."""
    text = re.sub(r"[^ -~]", "?", reason.strip()) or reason_phrase(code)
    return f"SIP/2.0 {code} {text}\r\n".encode("ascii")


def read_status(body: bytes) -> tuple[int, str]:
    """Read the status that a fragment begins with.

    Raises:
        RemoteProtocolError: It begins with no status line.
    """
    match = _STATUS_LINE.match(body.lstrip(b"\r\n"))
    if match is None:
        raise RemoteProtocolError(f"no status line in a sipfrag: {body[:40]!r}")
    code = int(match[1])
    text = (match[2] or b"").decode("utf-8", "replace")
    return code, re.sub(r"[\x00-\x1f\x7f]", "?", text).strip() or reason_phrase(code)
