"""Building chunks: SEND, responses, REPORT. RFC 4975 sections 7.1 and 7.2, order of headers by its section 9."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp.headers import ByteRange, Status, format_status
from sipsimple.protocols.msrp.message import MSRPData

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMENTS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Failure to resolve recipient's URI",
    408: "Request Timeout",
    413: "Message Too Large",
    415: "Unsupported Media Type",
    423: "Interval Out of Bounds",
    424: "Malformed nickname",
    425: "Nickname reserved or already in use",
    428: "Private messages not supported",
    481: "No Such Session",
    501: "Not Implemented",
    506: "Session Already Bound",
}

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_identifier(text: str) -> bool:
    """Tell whether `text` may be a transaction id or Message-ID: 4 to 32 of the grammar's characters."""
    return _IDENTIFIER.fullmatch(text) is not None


def transaction_id(seed: str, number: int) -> str:
    """The id of the session's transaction `number`."""
    return f"{seed}{number:x}"


def next_transaction(seed: str, number: int, body: bytes) -> tuple[str, int]:
    """Choose an id whose end-line does not occur in `body`; also the number after it."""
    while True:
        chosen = f"{seed}{number:x}"
        number += 1
        if not _has_end_line(body, chosen):
            return chosen, number


def _has_end_line(body: bytes, transaction_id: str) -> bool:
    # the quickest question first: few bodies have a dash, hardly any has seven in a row (which `rfind` sees soonest)
    return b"-" in body and body.rfind(b"-------") >= 0 and f"-------{transaction_id}".encode() in body


def send(
    transaction_id: str,
    to_path: str,
    from_path: str,
    message_id: str,
    content: bytes = b"",
    content_type: str | None = None,
    byte_range: ByteRange | None = None,
    contflag: str = "$",
    success_report: str | None = None,
    failure_report: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> MSRPData:
    """Build a SEND.

    Args:
        transaction_id: Not occurring in an end-line of `content`: see `next_transaction`.
        to_path: Written as it is.
        from_path: Written as it is.
        message_id: Written as it is.
        content: The bytes of this chunk.
        content_type: None only for an empty SEND, which binds a session or keeps it alive.
        byte_range: None means that `content` is the whole message.
        contflag: `$`, `+` or `#`.
        success_report: None leaves the header out, which means `no`.
        failure_report: None leaves the header out, which means `yes`.
        headers: More headers; they stand before Content-Type.

    Raises:
        LocalProtocolError: A header cannot be written.
    """
    size = len(content)
    fields = {
        "To-Path": to_path,
        "From-Path": from_path,
        "Message-ID": message_id,
        "Byte-Range": f"1-{size}/{size}" if byte_range is None else str(byte_range),
    }
    if success_report is not None:
        fields["Success-Report"] = success_report
    if failure_report is not None:
        fields["Failure-Report"] = failure_report
    for name, value in headers:
        if _CONTROL.search(value) or _CONTROL.search(name) or ":" in name:
            raise LocalProtocolError(f"MSRP header cannot be written: {name!r}: {value!r}")
        fields[name] = value
    if content_type is not None:
        fields["Content-Type"] = content_type
    return MSRPData(transaction_id, "SEND", None, None, None, content, contflag, fields)


def response(request: MSRPData, code: int, comment: str | None = None) -> MSRPData | None:
    """Build the response to `request`; None when it does not say where it came from.

    The response to a SEND goes back one hop, to others it goes all the way: section 7.2.
    """
    fields = request.fields
    from_path = fields.get("From-Path")
    if not from_path:
        return None
    to_path = fields.get("To-Path", from_path)
    if request.method == "SEND" and " " in from_path:
        from_path = from_path.partition(" ")[0]
    if " " in to_path:
        to_path = to_path.partition(" ")[0]
    answer = {"To-Path": from_path, "From-Path": to_path}
    return MSRPData(request.transaction_id, None, code, comment or COMMENTS.get(code), None, b"", "$", answer)


def report(
    transaction_id: str,
    to_path: str,
    from_path: str,
    message_id: str,
    byte_range: ByteRange | str,
    code: int = 200,
    comment: str | None = None,
) -> MSRPData:
    """Build a REPORT about the message `message_id`: section 7.1.2."""
    fields = {
        "To-Path": to_path,
        "From-Path": from_path,
        "Message-ID": message_id,
        "Byte-Range": str(byte_range),
        "Status": format_status(Status(code, comment or COMMENTS.get(code))),
    }
    return MSRPData(transaction_id, "REPORT", None, None, None, b"", "$", fields)
