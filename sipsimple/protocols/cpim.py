"""The message/cpim wrapper: who wrote to whom, and when, around any content. RFC 3862.

Header values are escaped on the wire only (section 2.3): what is parsed and
what is built from is plain text. Line ends are read leniently, for a common
peer ends the lines of the inner MIME headers with a bare LF.
"""

from __future__ import annotations

import re
from binascii import Error as BadEncoding
from binascii import a2b_base64, a2b_qp
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.cpim_address import format_address as format_address
from sipsimple.protocols.cpim_address import parse_address as parse_address
from sipsimple.protocols.cpim_address import same_address as same_address

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT_TYPE = "message/cpim"
ADDRESS_HEADERS = {"from": "From", "to": "To", "cc": "cc"}

Typed = dict[str, str | tuple[str | None, str] | datetime]

_MAX_SECTION_BYTES = 65536
_MAX_SECTION_LINES = 256

_BLANK_LINE = re.compile(rb"\n\r?\n")  # what ends the line before it, the line's reader strips
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME = re.compile(r"[^\s:;\x00-\x1f\x7f]+")
_USUAL_NAMES = frozenset(("From", "To", "cc", "DateTime", "Subject", "NS", "Require", "MIME-Version", "Content-Type"))
_UNDERSTOOD = frozenset(each.lower() for each in ("From", "To", "cc", "DateTime", "Subject", "NS", "Require"))
_UNDERSTOOD_OF = {
    "urn:ietf:params:imdn": frozenset(
        ("message-id", "disposition-notification", "original-to", "imdn-record-route", "imdn-route")
    )
}
"""By namespace, the names that are known in it."""
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "r": "\r"}

_END = "\r\n\r\n"
_DEFAULT_TYPE = "text/plain; charset=us-ascii"  # of MIME


@dataclass(frozen=True, slots=True)
class CPIMMessage:
    """One unwrapped message.

    Attributes:
        headers: The message headers in order, unescaped, without parameters such as `;lang=`.
        content_type: Of the content, as sent.
        body: The content; a base64 or quoted-printable transfer encoding is undone.
        content_headers: The MIME headers of the content in order, Content-Type among them.
        typed: What `cpim_headers` returns; not to be changed.
    """

    headers: tuple[tuple[str, str], ...]
    content_type: str
    body: bytes
    content_headers: tuple[tuple[str, str], ...] = ()
    typed: Typed = field(default_factory=dict, repr=False, compare=False)

    def get(self, name: str) -> str | None:
        """The first value of a message header; case does not matter."""
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of a message header, in order."""
        lowered = name.lower()
        return tuple([value for each, value in self.headers if each.lower() == lowered])

    @property
    def namespaces(self) -> dict[str, str]:
        """Prefix -> URI, as the NS headers declare them (section 3.4); the prefix may be empty."""
        pairs = (value.rpartition("<") for value in self.get_all("NS"))
        return {prefix.strip(): uri.rstrip(" >") for prefix, _, uri in pairs}

    def namespaced(self, namespace: str, name: str) -> str | None:
        """The header `name` of an extension, under whatever prefix the sender chose for it."""
        return next(iter(self.all_namespaced(namespace, name)), None)

    def all_namespaced(self, namespace: str, name: str) -> tuple[str, ...]:
        """Every value of the header `name` of an extension."""
        prefixes = [prefix for prefix, uri in self.namespaces.items() if uri == namespace]
        found = [self.get_all(f"{prefix}.{name}" if prefix else name) for prefix in prefixes]
        return tuple([value for values in found for value in values])


def parse(data: bytes) -> CPIMMessage:
    """Read a message/cpim body.

    Raises:
        RemoteProtocolError: 400: no blank line after the headers, a line that is no header, a From, To, cc or
            DateTime that cannot be read, a transfer encoding that cannot be undone.

    RFC: 3862 2, 3, 4.
    """
    lines, start = _section(data, 0)
    content_headers, start = _section(data, start)
    is_escaped = data.find(b"\\", 0, start) >= 0
    headers = tuple([(name, _unescape(value)) for name, value in lines] if is_escaped else lines)
    typed = _typed(headers)
    content: dict[str, str] = {}
    for name, value in content_headers:
        content.setdefault(name.lower(), value)
        typed.setdefault(name, value)
    return CPIMMessage(
        headers,
        content.get("content-type") or _DEFAULT_TYPE,
        _decoded(data[start:], content.get("content-transfer-encoding")),
        tuple(content_headers),
        typed,
    )


def cpim_headers(message: CPIMMessage) -> Typed:
    """What the headers mean, in the shape of the published API; for a message that `parse` returned.

    From, To and cc are (display name or None, URI text), DateTime is an aware datetime (UTC when the sender gave no
    zone), anything else is text, the MIME headers of the content included. The first of a repeated header counts.
    """
    return message.typed


def _typed(headers: tuple[tuple[str, str], ...]) -> Typed:
    typed: Typed = {}
    for name, value in headers:
        published = _PUBLISHED.get(name) or _PUBLISHED.get(name.lower(), name)
        read = _READERS.get(published)
        typed.setdefault(published, value if read is None else read(value))
    return typed


def not_understood(message: CPIMMessage) -> tuple[str, ...]:
    """Return the headers that the sender requires to be understood and this side does not know: section 4.6."""
    required = [each.strip() for value in message.get_all("Require") for each in value.split(",")]
    return tuple([each for each in required if each and not _is_understood(message, each.lower())])


def _is_understood(message: CPIMMessage, name: str) -> bool:
    prefix, dot, local = name.partition(".")
    if not dot:
        return name in _UNDERSTOOD
    uris = [uri for known, uri in message.namespaces.items() if known.lower() == prefix]
    return any(local in _UNDERSTOOD_OF.get(uri, ()) for uri in uris)


def build(
    from_: str,
    to: str,
    datetime_text: str,
    content: bytes,
    content_type: str,
    headers: tuple[tuple[str, str], ...] = (),
    content_headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """Wrap `content`.

    Args:
        from_: A URI, or what `format_address` returned.
        to: The same for the recipient.
        datetime_text: RFC 3339 with a zone; empty for no DateTime header.
        content: As sent; never changed.
        content_type: With its charset.
        headers: More message headers (cc, Subject, NS, ...), plain text that is escaped here.
        content_headers: More MIME headers of the content, such as Content-Disposition; not escaped.

    Raises:
        LocalProtocolError: A header cannot be written.
    """
    head, foot = _frame(from_, to, content_type)
    lines = [head]
    if datetime_text:
        lines.append(f"DateTime: {_escape(datetime_text)}")
    for name, value in headers:
        if not _NAME.fullmatch(name):
            raise LocalProtocolError(f"header name cannot be written: {name!r}")
        is_address = name.lower() in ADDRESS_HEADERS
        lines.append(f"{name}: {_address(value) if is_address else _escape(value)}")
    lines.append(_with(foot, content_headers) if content_headers else foot)
    return "\r\n".join(lines).encode("utf-8", "replace") + content


def _with(foot: str, content_headers: tuple[tuple[str, str], ...]) -> str:
    """Add MIME headers to what stands before the content."""
    for name, value in content_headers:
        if not _NAME.fullmatch(name) or _CONTROL.search(value):
            raise LocalProtocolError(f"MIME header cannot be written: {name!r}: {value!r}")
        foot = f"{foot.removesuffix(_END)}\r\n{name}: {value}{_END}"
    return foot


@lru_cache(maxsize=256)
def _frame(from_: str, to: str, content_type: str) -> tuple[str, str]:
    """What stands before and after the other headers; the same for most messages of a chat."""
    if not content_type or _CONTROL.search(content_type):
        raise LocalProtocolError(f"content type cannot be written: {content_type!r}")
    return f"From: {_address(from_)}\r\nTo: {_address(to)}", f"\r\nContent-Type: {content_type}\r\n\r\n"


def _section(data: bytes, start: int) -> tuple[list[tuple[str, str]], int]:
    """Read header lines from `start` to a blank line; also where the next section starts."""
    if data.startswith((b"\r\n", b"\n"), start):
        return [], data.index(b"\n", start) + 1
    blank = _BLANK_LINE.search(data, start, start + _MAX_SECTION_BYTES)
    if blank is None:
        raise RemoteProtocolError("CPIM message without a blank line after its headers")
    try:
        lines = data[start : blank.start()].decode().split("\n")
    except UnicodeDecodeError as error:
        raise RemoteProtocolError("CPIM headers are not UTF-8") from error
    if len(lines) > _MAX_SECTION_LINES:
        raise RemoteProtocolError(f"CPIM message with {len(lines)} header lines")
    fields: list[tuple[str, str]] = []
    for line in lines:
        name, separator, value = line.partition(": ")
        if separator and name in _USUAL_NAMES:
            fields.append((name, value.strip(" \t\r")))
        elif line[0] in " \t" and fields:  # a folded MIME header
            name, value = fields.pop()
            fields.append((name, f"{value} {line.strip()}"))
        else:
            fields.append(_field(line))
    return fields, blank.end()


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not _NAME.fullmatch(name):
        raise RemoteProtocolError(f"not a CPIM header: {line!r}")
    if value.startswith(";"):
        value = _without_parameters(value)
    return name, value.strip(" \t\r")


def _without_parameters(value: str) -> str:
    """Drop what stands between the colon and the space, section 3.3; quoted strings in it may hold spaces."""
    quoted = False
    for at, character in enumerate(value):
        if character == '"':
            quoted = not quoted
        elif character == " " and not quoted:
            return value[at:]
    return ""


def _decoded(body: bytes, encoding: str | None) -> bytes:
    if encoding is None:
        return body
    match encoding.lower():
        case "base64":
            try:
                return a2b_base64(body)
            except BadEncoding as error:
                raise RemoteProtocolError("CPIM content is not base64") from error
        case "quoted-printable":
            return a2b_qp(body)
    return body


def _datetime(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise RemoteProtocolError(f"not a DateTime: {value!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: dict[str, Callable[[str], tuple[str | None, str] | datetime]] = {
    **dict.fromkeys(ADDRESS_HEADERS.values(), parse_address),
    "DateTime": _datetime,
}
_PUBLISHED = {each.lower(): each for each in _READERS} | {each: each for each in _READERS}
"""The name under which a header that has a reader is told, by its name in small letters and in the usual ones."""


def _unescape(value: str) -> str:
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _SHORT.get(found[2], found[2]), value)
    # a character beyond the BMP is a pair of \u escapes; half a pair is no character
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _escape(value: str) -> str:
    return _UNSAFE.sub(lambda found: "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):04x}", value)


def _address(value: str) -> str:
    text = value if value.endswith(">") else f"<{value}>"
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
