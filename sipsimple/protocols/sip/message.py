"""SIP requests and responses: read from bytes, built, and answered (RFC 3261 §7, §8.2.6).

`parse` reads a datagram; `framer` cuts streams and uses `parse` for each piece.
The head is decoded and split once; what the headers say is read when asked for.
"""

from __future__ import annotations

import re
from typing import Self, TypeAlias

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip.base import HeaderLines, Message, line_break
from sipsimple.protocols.sip.grammar import is_token, number
from sipsimple.protocols.sip.headers.names import KEYS, key_of
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.uri import URI

__all__ = ["MAX_HEADERS", "MAX_SIZE", "METHODS", "Message", "Request", "Response", "parse", "response_to"]

MAX_SIZE = 65536
"""Most bytes of one message."""
MAX_HEADERS = 256
"""Most header lines of one message."""

_FOLD = re.compile(r"\r\n[ \t]++")
_VERSION = re.compile(r"SIP/[0-9]++\.[0-9]++", re.IGNORECASE)
_BLANK = re.compile(r"[\x00-\x20\x7f]")
METHODS = frozenset(
    {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE"}
    | {"INFO", "MESSAGE", "REFER", "NOTIFY", "SUBSCRIBE", "PUBLISH", "REGISTER"}
)
"""The registered methods (RFC 3261, 3262, 3311, 3428, 3515, 3903, 6086, 6665)."""

_DIALOG_FORMING = frozenset({"INVITE", "SUBSCRIBE", "REFER"})

_Ties: TypeAlias = tuple[tuple[str, int | None], ...]
_TIED: _Ties = (("via", None), ("from", 1), ("to", 1), ("call-id", 1), ("cseq", 1))
"""What ties a response to its request: the headers that it copies, and how many values of each."""
_TRYING: _Ties = (*_TIED, ("timestamp", 1))
_DIALOG_FORMED: _Ties = (_TIED[0], ("record-route", None), *_TIED[1:])


class Request(Message):
    """A request. `uri` is the text of the Request-URI, `request_uri` what it means."""

    __slots__ = ("_request_uri", "method", "uri")

    _request_uri: URI | None

    def __init__(self, method: str, uri: str, headers: HeaderLines = (), body: bytes = b"") -> None:
        if not is_token(method):
            raise LocalProtocolError(f"not a method: {method!r}")
        _refuse_bad_uri(uri)
        self.method = method
        self.uri = uri
        self._request_uri = None
        super().__init__(headers, body)

    @property
    def start_line(self) -> str:
        """Method, Request-URI and version."""
        return f"{self.method} {self.uri} SIP/2.0"

    @property
    def request_uri(self) -> URI:
        """The Request-URI; raises `RemoteProtocolError` when malformed."""
        if self._request_uri is None:
            self._request_uri = URI.parse(self.uri)
        return self._request_uri

    def with_uri(self, uri: str) -> Request:
        """Return this request with another Request-URI."""
        _refuse_bad_uri(uri)
        new = self.replacing({})
        new.uri = uri
        new._request_uri = None  # noqa: SLF001 - our own class
        return new

    def _same_start(self) -> Self:
        new = object.__new__(type(self))
        new.method = self.method
        new.uri = self.uri
        new._request_uri = self._request_uri
        return new


class Response(Message):
    """A response."""

    __slots__ = ("reason", "status")

    def __init__(
        self,
        status: int,
        reason: str | None = None,
        headers: HeaderLines = (),
        body: bytes = b"",
        tied: dict[str, list[str]] | None = None,
    ) -> None:
        if not 100 <= status <= 699:
            raise LocalProtocolError(f"not a status code: {status}")
        self.status = status
        self.reason = reason_phrase(status) if reason is None else reason
        if "\n" in self.reason or "\r" in self.reason:
            raise line_break(self.reason)
        super().__init__(headers, body, tied)

    @property
    def start_line(self) -> str:
        """Version, status code and reason phrase."""
        return f"SIP/2.0 {self.status} {self.reason}"

    @property
    def is_provisional(self) -> bool:
        """1xx."""
        return self.status < 200

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def is_final(self) -> bool:
        """2xx to 6xx."""
        return self.status >= 200

    def _same_start(self) -> Self:
        new = object.__new__(type(self))
        new.status = self.status
        new.reason = self.reason
        return new


def parse(data: bytes, max_size: int = MAX_SIZE) -> Request | Response:
    """Read one datagram, or one message that `framer` has cut out.

    Line breaks before the start-line are skipped; bytes beyond Content-Length are dropped.

    Raises:
        RemoteProtocolError: It is no SIP message. `status` is what to answer; None for what cannot be answered.

    RFC: 3261 §7, §18.3.
    """
    if data[:1] in b"\r\n":
        data = data.lstrip(b"\r\n")
        if not data:
            raise RemoteProtocolError("nothing but line breaks", None)
    if len(data) > max_size:
        raise RemoteProtocolError(f"a message of {len(data)} bytes", 513)
    end = data.find(b"\r\n\r\n")
    if end < 0:
        raise RemoteProtocolError("the head never ends")
    head = data[:end].decode("utf-8", "surrogateescape")
    lines = _lines(head)
    start = lines.pop(0)
    collected = _collect(lines)
    if collected is None:
        start, *lines = _lines(_FOLD.sub(" ", head))
        collected = _collect(lines) or ({}, None)
    message = _start(start)
    headers, spellings = collected
    body = data[end + 4 :]
    if "content-length" in headers:
        body = _cut(body, headers["content-length"])
        message.__dict__["content_length"] = len(body)  # it was read just now
    message.fill(headers, body, spellings, end + 4 + len(body))
    return message


def _lines(head: str) -> list[str]:
    lines = head.split("\r\n", MAX_HEADERS + 1)
    if len(lines) > MAX_HEADERS + 1:
        raise RemoteProtocolError(f"more than {MAX_HEADERS} headers", 513)
    breaks = len(lines) - 1
    if head.count("\n") != breaks or head.count("\r") != breaks:
        raise RemoteProtocolError("a line that does not end in CR LF")
    return lines


def _start(line: str) -> Request | Response:
    if line[:4].upper() == "SIP/":
        return _status_line(line)
    parts = line.split(" ")
    if len(parts) != 3 or not parts[1] or not (parts[0] in METHODS or is_token(parts[0])):
        raise _no_start(line)
    method, uri, version = parts
    if version != "SIP/2.0" and version.upper() != "SIP/2.0":
        if not _VERSION.fullmatch(version):
            raise _no_start(line)
        raise RemoteProtocolError(f"not SIP/2.0 but {version[:80]!r}", 505)
    request = object.__new__(Request)
    request.method = method
    request.uri = uri
    request._request_uri = None
    return request


def _no_start(line: str) -> RemoteProtocolError:
    """Return the error for what is no request line; its text may be that of a body whose length was counted wrong."""
    return RemoteProtocolError(f"malformed request line of {len(line)} characters")


def _status_line(line: str) -> Response:
    version, _, rest = line.partition(" ")
    code, _, reason = rest.partition(" ")
    digits = len(code) == 3 and code.isascii() and code.isdigit()
    if version.upper() != "SIP/2.0" or not digits or not "100" <= code <= "699":
        raise RemoteProtocolError(f"malformed status line: {line[:80]!r}", None)
    response = object.__new__(Response)
    response.status = int(code)
    response.reason = reason
    return response


def _collect(lines: list[str]) -> tuple[dict[str, list[str]], dict[str, str] | None] | None:
    """Sort the header lines by key, or return None when one of them continues the line before it."""
    headers: dict[str, list[str]] = {}
    spellings = None
    known = KEYS.get
    for line in lines:
        name, colon, value = line.partition(":")
        key = known(name)
        if key is None:
            if name[:1] in {" ", "\t"}:
                return None
            key = key_of(name)
            if key not in KEYS:
                spellings = spellings or {}
                spellings[key] = name.strip()
        if not colon:
            raise RemoteProtocolError(f"a header without colon: {line[:80]!r}")
        if key in headers:
            headers[key].append(value.strip())
        else:
            headers[key] = [value.strip()]
    return headers, spellings


def _cut(body: bytes, values: list[str]) -> bytes:
    length = number(values[0], "Content-Length")
    if len(values) > 1 and any(number(value, "Content-Length") != length for value in values):
        raise RemoteProtocolError("Content-Length twice with different values")
    if length > len(body):
        raise RemoteProtocolError(f"a body of {len(body)} bytes where Content-Length says {length}")
    return body if length == len(body) else body[:length]


def response_to(
    request: Request,
    status: int,
    reason: str | None = None,
    to_tag: str | None = None,
    headers: HeaderLines = (),
    body: bytes = b"",
    content_type: str | None = None,
) -> Response:
    """Build a response: what ties it to the request is copied from there.

    Args:
        request: The request to answer.
        status: The status code.
        reason: The reason phrase; None for the registered one.
        to_tag: Our tag, set where the request's To has none and the status is above 100.
        headers: More headers.
        body: The body.
        content_type: The body's type.

    RFC: 3261 §8.2.6, §12.1.1.
    """
    source = request.headers
    tied = {key: source[key][:most] for key, most in _ties(request.method, status) if key in source}
    if to_tag is not None and status > 100 and "to" in tied:
        tied["to"] = [_tagged(request, tied["to"][0], to_tag)]
    lines = headers if content_type is None else (*headers, ("Content-Type", content_type))
    return Response(status, reason, lines, body, tied)


def _ties(method: str, status: int) -> _Ties:
    if status == 100:
        return _TRYING
    return _DIALOG_FORMED if status < 300 and method in _DIALOG_FORMING else _TIED


def _tagged(request: Request, value: str, tag: str) -> str:
    try:
        return value if request.to.tag else f"{value};tag={tag}"
    except RemoteProtocolError:
        return value  # it is copied as it came: the answer says what is wrong with it


def _refuse_bad_uri(uri: str) -> None:
    if not uri or _BLANK.search(uri):
        raise LocalProtocolError(f"not a Request-URI: {uri[:80]!r}")
