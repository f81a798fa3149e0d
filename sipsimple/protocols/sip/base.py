"""What every SIP message has: headers, raw and typed, and a body (RFC 3261 §7).

A message keeps its headers as raw text under lower-case full names. A typed
header (`message.via`) is parsed when it is first asked for and then kept.
Messages are never changed in place: `replacing` makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self, TypeAlias

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip.headers.address import Address, parse_contacts
from sipsimple.protocols.sip.headers.cseq import CSeq
from sipsimple.protocols.sip.headers.media_type import MediaType
from sipsimple.protocols.sip.headers.names import KEYS, SPELLINGS, key_of
from sipsimple.protocols.sip.headers.rack import RAck, parse_rseq
from sipsimple.protocols.sip.headers.session_expires import SessionExpires, parse_min_se
from sipsimple.protocols.sip.headers.tokens import (
    parse_delta_seconds,
    parse_length,
    parse_max_forwards,
    parse_retry_after,
    parse_texts,
    parse_tokens,
)
from sipsimple.protocols.sip.headers.typed import Listed, Optional, Typed
from sipsimple.protocols.sip.headers.via import Via

HeaderLines: TypeAlias = Iterable[tuple[str, str]]
Changes: TypeAlias = Mapping[str, str | Iterable[str] | None]


class Message:
    """What requests and responses share.

    Attributes:
        headers: Raw values in order under the lower-case full name; not to be changed.
        body: The bytes after the head.

    Typed headers raise `RemoteProtocolError` when they are asked for and the
    text is malformed, or when a mandatory one is missing; the rest of the
    message stays readable.
    """

    __slots__ = ("__dict__", "_data", "_size", "_spellings", "body", "headers")

    headers: Mapping[str, list[str]]
    body: bytes
    _spellings: Mapping[str, str] | None
    _data: bytes | None
    _size: int

    via = Typed("via", Via.parse_top)
    vias = Listed("via", Via.parse_many)
    from_ = Typed("from", Address.parse)
    to = Typed("to", Address.parse)
    call_id = Typed("call-id", str)
    cseq = Typed("cseq", CSeq.parse)
    contacts = Listed("contact", parse_contacts)
    contact = Optional("contact", Address.parse_first)
    routes = Listed("route", Address.parse_many)
    record_routes = Listed("record-route", Address.parse_many)
    max_forwards = Optional("max-forwards", parse_max_forwards)
    content_length = Optional("content-length", parse_length)
    content_type = Optional("content-type", MediaType.parse)
    expires = Optional("expires", parse_delta_seconds)
    require = Listed("require", parse_tokens)
    proxy_require = Listed("proxy-require", parse_tokens)
    supported = Listed("supported", parse_tokens)
    unsupported = Listed("unsupported", parse_tokens)
    allow = Listed("allow", parse_tokens)
    reasons = Listed("reason", parse_texts)
    retry_after = Optional("retry-after", parse_retry_after)
    session_expires = Optional("session-expires", SessionExpires.parse)
    min_se = Optional("min-se", parse_min_se)
    rseq = Optional("rseq", parse_rseq)
    rack = Optional("rack", RAck.parse)
    user_agent = Optional("user-agent", str)
    server = Optional("server", str)
    warning = Optional("warning", str)

    def __init__(self, headers: HeaderLines, body: bytes, tied: dict[str, list[str]] | None = None) -> None:
        collected = {} if tied is None else tied
        spellings: dict[str, str] = {}
        for name, value in headers:
            key = KEYS.get(name) or _new_key(name, spellings)
            if "\n" in value or "\r" in value:
                raise line_break(value)
            if key in collected:
                collected[key].append(value)
            else:
                collected[key] = [value]
        collected["content-length"] = [str(len(body))]
        self.fill(collected, body, spellings or None)

    def fill(
        self, headers: dict[str, list[str]], body: bytes, spellings: Mapping[str, str] | None, size: int = 0
    ) -> None:
        """Set what a message consists of, once; `size` is that on the wire, where it is known."""
        self.headers = headers
        self.body = body
        self._spellings = spellings
        self._data = None
        self._size = size

    @property
    def start_line(self) -> str:
        """The first line, without its line end."""
        raise NotImplementedError

    @property
    def size(self) -> int:
        """How many bytes the message has, or had, on the wire."""
        return self._size or len(bytes(self))

    def get(self, name: str) -> str | None:
        """Return the first raw value of the header `name`, in any spelling; None where there is none."""
        values = self.headers.get(KEYS.get(name) or name.lower())
        return values[0] if values else None

    def get_all(self, name: str) -> list[str]:
        """Return all raw values of the header `name` in order; the list is the caller's own."""
        return list(self.headers.get(KEYS.get(name) or name.lower(), ()))

    def replacing(self, changes: Changes, *, body: bytes | None = None) -> Self:
        """Return a new message with headers replaced, added, or, where the value is None, removed.

        Args:
            changes: From a header's name to its value, its values, or None.
            body: The new body; None keeps the old one. Content-Length follows it.
        """
        headers = dict(self.headers)
        spellings = dict(self._spellings or {})
        for name, value in changes.items():
            key = KEYS.get(name) or _new_key(name, spellings)
            values = [] if value is None else [value] if isinstance(value, str) else list(value)
            for each in values:
                if "\n" in each or "\r" in each:
                    raise line_break(each)
            if values:
                headers[key] = values
            else:
                headers.pop(key, None)
        body = self.body if body is None else body
        headers["content-length"] = [str(len(body))]
        new = self._same_start()
        new.fill(headers, body, spellings or None)
        return new

    def _same_start(self) -> Self:
        raise NotImplementedError

    def __bytes__(self) -> bytes:
        if self._data is None:
            self._data = self._serialize()
        return self._data

    def _serialize(self) -> bytes:
        lines = [self.start_line]
        spellings = self._spellings
        for key, values in self.headers.items():
            if key == "content-length":
                continue
            name = SPELLINGS.get(key) or (spellings and spellings.get(key)) or key
            for value in values:
                lines.append(f"{name}: {value}")  # noqa: PERF401 - nearly every header has one value
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return bytes(self) == bytes(other) if isinstance(other, Message) else NotImplemented

    def __hash__(self) -> int:
        return hash(bytes(self))

    def __repr__(self) -> str:
        # Neither headers nor body: they may hold what must not reach a log.
        return f"<{type(self).__name__} {self.start_line[:120]!r} {self.get('call-id')!r}>"


def _new_key(name: str, spellings: dict[str, str]) -> str:
    """Return the key of a header name of ours that nobody knows; how it is spelled is noted."""
    try:
        key = key_of(name)
    except RemoteProtocolError as error:
        raise LocalProtocolError(str(error)) from error
    spellings[key] = name
    return key


def line_break(text: str) -> LocalProtocolError:
    """Return the refusal of text of ours that would add lines to the message."""
    return LocalProtocolError(f"line break in a header: {text[:80]!r}")
