"""MSRP header objects, under the names of msrplib: `.name`, `.encoded` (text) and `.decoded` (value).

Both forms are made from each other on first use. RFC 4975 section 9 (grammar), RFC 4976 (relay headers).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp.uri import format_path, parse_path


class ParsingError(RemoteProtocolError):
    """A chunk cannot be read."""


class HeaderParsingError(ParsingError):
    """The value of the header `header` cannot be read."""

    def __init__(self, header: str, reason: str) -> None:
        super().__init__(f"bad {header} header: {reason}")
        self.header_name = header


class ByteRange(NamedTuple):
    """Which bytes of the message a chunk carries, counted from 1; None stands for `*`."""

    start: int = 1
    end: int | None = None
    total: int | None = None

    def __str__(self) -> str:
        end = "*" if self.end is None else self.end
        return f"{self.start}-{end}/{'*' if self.total is None else self.total}"


class Status(NamedTuple):
    """What a REPORT tells: the code of a transaction response, and a comment."""

    code: int
    comment: str | None = None


class ContentDisposition(NamedTuple):
    """A disposition such as `attachment` and its parameters."""

    disposition: str
    parameters: Mapping[str, str]


_BYTE_RANGE = re.compile(r"([0-9]{1,18})-(\*|[0-9]{1,18})/(\*|[0-9]{1,18})")
_STATUS = re.compile(r"000 ([0-9]{3})(?: (.*))?")
_PARAMETER = re.compile(r'([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;\s]*))')


@lru_cache(maxsize=512)
def parse_byte_range(text: str) -> ByteRange:
    """Read `start-end/total`, where end and total may be `*`."""
    found = _BYTE_RANGE.fullmatch(text)
    if found is None or found[1].strip("0") == "":
        raise HeaderParsingError("Byte-Range", repr(text))
    start, end, total = found.groups()
    return ByteRange(int(start), None if end == "*" else int(end), None if total == "*" else int(total))


@lru_cache(maxsize=64)
def parse_status(text: str) -> Status:
    """Read `000 code comment`; other namespaces are unknown."""
    found = _STATUS.fullmatch(text)
    if found is None:
        raise HeaderParsingError("Status", repr(text))
    return Status(int(found[1]), found[2] or None)


def format_status(status: Status) -> str:
    """Write a Status value."""
    return f"000 {status.code:03d} {status.comment}" if status.comment else f"000 {status.code:03d}"


def _parse_parameters(text: str) -> dict[str, str]:
    return {name: quoted or plain for name, quoted, plain in _PARAMETER.findall(text)}


def _parse_disposition(text: str) -> ContentDisposition:
    disposition, _, parameters = text.partition(";")
    return ContentDisposition(disposition.strip(), _parse_parameters(parameters))


def _format_disposition(value: ContentDisposition) -> str:
    return "; ".join([value.disposition, *(f'{name}="{each}"' for name, each in value.parameters.items())])


def _parse_digest(text: str) -> dict[str, str]:
    scheme, _, parameters = text.partition(" ")
    if scheme.lower() != "digest":
        raise ValueError(f"not Digest: {scheme!r}")
    return _parse_parameters(parameters)


def _format_parameters(value: Mapping[str, str]) -> str:
    return ", ".join(f'{name}="{each}"' for name, each in value.items())


def _format_digest(value: Mapping[str, str]) -> str:
    return f"Digest {_format_parameters(value)}"


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is none of {', '.join(allowed)}")
        return text

    return parse


_Codec = tuple[Callable[[str], Any], Callable[[Any], str]]
_TEXT: _Codec = (str, str)
_PATH: _Codec = (parse_path, format_path)
_NUMBER: _Codec = (int, str)

CODECS: Mapping[str, _Codec] = {
    "To-Path": _PATH,
    "From-Path": _PATH,
    "Use-Path": _PATH,
    "Byte-Range": (parse_byte_range, lambda value: str(ByteRange(*value))),
    "Status": (parse_status, lambda value: format_status(Status(*value))),
    "Success-Report": (_one_of("yes", "no"), str),
    "Failure-Report": (_one_of("yes", "no", "partial"), str),
    "Expires": _NUMBER,
    "Min-Expires": _NUMBER,
    "Max-Expires": _NUMBER,
    "WWW-Authenticate": (_parse_digest, _format_digest),
    "Authorization": (_parse_digest, _format_digest),
    "Authentication-Info": (_parse_parameters, _format_parameters),
    "Content-Disposition": (_parse_disposition, _format_disposition),
}


class MSRPHeader:
    """A header made from its text (a `str`) or from its value (anything else)."""

    __slots__ = ("_decoded", "_encoded", "_name")

    def __init__(self, name: str, value: object) -> None:
        self._name = name
        self._encoded = value if isinstance(value, str) else None
        self._decoded = None if isinstance(value, str) else value

    @property
    def name(self) -> str:
        """As on the wire: `To-Path`."""
        return self._name

    @property
    def encoded(self) -> str:
        """The text of the value."""
        if self._encoded is None:
            self._encoded = CODECS.get(self._name, _TEXT)[1](self._decoded)
        return self._encoded

    @property
    def decoded(self) -> Any:
        """The value: a tuple of `URI`, a `ByteRange`, a `Status`, an int, ..., else the text.

        Raises:
            HeaderParsingError: The text cannot be read.
        """
        if self._decoded is None:
            try:
                self._decoded = CODECS.get(self._name, _TEXT)[0](self.encoded)
            except HeaderParsingError:
                raise
            except (ValueError, RemoteProtocolError) as error:
                raise HeaderParsingError(self._name, str(error)) from error
        return self._decoded

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MSRPHeader):
            return NotImplemented
        return (self._name, self.encoded) == (other._name, other.encoded)

    def __hash__(self) -> int:
        return hash((self._name, self.encoded))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.encoded!r})"
