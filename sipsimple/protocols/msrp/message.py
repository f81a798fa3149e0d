"""One MSRP chunk or response: its start line, headers, body and continuation flag. RFC 4975 section 7."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp.headers import ByteRange, HeaderParsingError, MSRPHeader, Status
from sipsimple.protocols.msrp.named_headers import NAMED_HEADERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.protocols.msrp.uri import URI


class MSRPData:
    """A request (has a `method`) or a response (has a `code`); a value: nothing in it is to be changed.

    Headers are parsed when they are asked for. `fields` has their text, for code that is in a hurry.

    Args:
        headers: Header objects by name.
        contflag: `$` ends the message, `+` announces more chunks, `#` aborts it.
        fields: Instead of `headers`: header texts by name, in wire order.
    """

    __slots__ = ("_encoded", "_headers", "code", "comment", "contflag", "data", "fields", "method", "transaction_id")

    def __init__(
        self,
        transaction_id: str,
        method: str | None = None,
        code: int | None = None,
        comment: str | None = None,
        headers: Mapping[str, MSRPHeader] | None = None,
        data: bytes = b"",
        contflag: str = "$",
        fields: dict[str, str] | None = None,
    ) -> None:
        if (method is None) is (code is None):
            raise LocalProtocolError("MSRP data has either a method or a code")
        self.transaction_id = transaction_id
        self.method = method
        self.code = code
        self.comment = comment
        if fields is None:
            fields = {name: header.encoded for name, header in headers.items()} if headers else {}
        self.fields: dict[str, str] = fields
        self.data = data
        self.contflag = contflag
        self._headers: dict[str, MSRPHeader] | None = None
        self._encoded: bytes | None = None

    @property
    def headers(self) -> Mapping[str, MSRPHeader]:
        """Header objects by name, in wire order."""
        if self._headers is None:
            self._headers = {name: _header(name, text) for name, text in self.fields.items()}
        return self._headers

    @property
    def first_line(self) -> str:
        """The start line without its line end."""
        if self.method is not None:
            return f"MSRP {self.transaction_id} {self.method}"
        comment = f" {self.comment}" if self.comment else ""
        return f"MSRP {self.transaction_id} {self.code:03d}{comment}"

    def encode(self) -> bytes:
        """The bytes for the wire, with the end-line; made once."""
        if self._encoded is None:
            if self.data or "Content-Type" in self.fields:
                self._encoded = b"%b%b%b" % self.parts()
            else:
                lines = "".join([f"{name}: {text}\r\n" for name, text in self.fields.items()])
                self._encoded = _bytes(f"{self.first_line}\r\n{lines}-------{self.transaction_id}{self.contflag}\r\n")
        return self._encoded

    def parts(self) -> tuple[bytes, bytes, bytes]:
        """What `encode` would join, for a chunk with a body: its head, the body as it is, its end-line."""
        lines = "".join([f"{name}: {text}\r\n" for name, text in self.fields.items()])
        end_line = f"\r\n-------{self.transaction_id}{self.contflag}\r\n"
        return _bytes(f"{self.first_line}\r\n{lines}\r\n"), self.data, end_line.encode()

    @property
    def size(self) -> int:
        """Bytes of body."""
        return len(self.data)

    @property
    def to_path(self) -> tuple[URI, ...]:
        """URIs of To-Path; empty without the header."""
        return self._decoded("To-Path", ())  # type: ignore[return-value]

    @property
    def from_path(self) -> tuple[URI, ...]:
        """URIs of From-Path; empty without the header."""
        return self._decoded("From-Path", ())  # type: ignore[return-value]

    @property
    def message_id(self) -> str | None:
        """Which message this chunk or REPORT is about."""
        return self.fields.get("Message-ID")

    @property
    def content_type(self) -> str | None:
        """Media type with parameters, as sent."""
        return self.fields.get("Content-Type")

    @property
    def byte_range(self) -> ByteRange | None:
        """(start, end or None, total or None)."""
        return self._decoded("Byte-Range", None)  # type: ignore[return-value]

    @property
    def status(self) -> Status | None:
        """(code, comment) of a REPORT."""
        return self._decoded("Status", None)  # type: ignore[return-value]

    @property
    def success_report(self) -> str:
        """`yes` or `no`, the default."""
        return self.fields.get("Success-Report", "no")

    @property
    def failure_report(self) -> str:
        """`yes`, the default, `no` or `partial`."""
        return self.fields.get("Failure-Report", "yes")

    def verify_headers(self) -> None:
        """Decode every header.

        Raises:
            HeaderParsingError: A path is missing, or a header cannot be read.
        """
        for name in ("To-Path", "From-Path"):
            if name not in self.fields:
                raise HeaderParsingError(name, "header is missing")
        for header in self.headers.values():
            _ = header.decoded

    def _decoded(self, name: str, default: object) -> object:
        return self.headers[name].decoded if name in self.fields else default

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MSRPData):
            return NotImplemented
        return self.encode() == other.encode()

    def __hash__(self) -> int:
        return hash((self.transaction_id, self.method, self.code, self.contflag))

    def __repr__(self) -> str:
        headers = " ".join(f"{name}={text!r}" for name, text in self.fields.items())
        return f"<MSRPData {self.first_line} {headers} len={len(self.data)} {self.contflag}>"


class Part(MSRPData):
    """A piece of the body of a SEND that was handed out before the rest of its chunk came: see `Framer.streams`.

    It has the start line and headers of its chunk. `data` is any object with the buffer interface.

    Attributes:
        offset: How many bytes of this body came before the piece.
        is_last: The chunk ends with it; only then is `contflag` known, else it is `+`.
    """

    __slots__ = ("is_last", "offset")

    def __init__(
        self,
        transaction_id: str,
        method: str | None,
        fields: dict[str, str],
        offset: int,
        data: bytes,
        contflag: str | None,
    ) -> None:
        self.transaction_id = transaction_id
        self.method = method
        self.code = self.comment = self._headers = self._encoded = None
        self.fields = fields
        self.data = data
        self.offset = offset
        self.is_last = contflag is not None
        self.contflag = contflag or "+"


def _header(name: str, text: str) -> MSRPHeader:
    named = NAMED_HEADERS.get(name)
    return named(text) if named else MSRPHeader(name, text)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
