"""Addresses: From, To, Contact, Route, Record-Route, Refer-To and their like (RFC 3261 §20.10, §25.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import quote, split_list, split_values, unescape
from sipsimple.protocols.sip.headers.parameters import (
    Parameterized,
    Parameters,
    format_parameters,
    parse_parameters,
    with_parameter,
)
from sipsimple.protocols.sip.uri import URI

if TYPE_CHECKING:
    from collections.abc import Iterable

_set = object.__setattr__  # the way into a frozen instance

_NAME_ADDR = re.compile(
    r'(?:"((?:[^"\\]++|\\.)*+)"[ \t]*+|([^"<>,;:@\x00-\x08\x0a-\x1f\x7f]*+))<([^<>]++)>[ \t]*+(;.*+)?',
    re.DOTALL,
)
_NOT_BARE = re.compile(r'[?,<>"]')
_MEMORABLE = 200  # characters of an address that is worth keeping: a hostile one must not fill the memory


@dataclass(frozen=True, slots=True, repr=False)
class Address(Parameterized):
    """A URI with its display name and the header's parameters.

    The URI of an address that was parsed is read when it is first asked for,
    and raises `RemoteProtocolError` then when it is malformed: of most From
    and To headers only the tag is ever needed.

    Attributes:
        tag: The tag parameter, None where there is none; sought once, for each layer asks for it.
    """

    display_name: str | None
    uri: URI
    parameters: Parameters = ()
    _uri_text: str | None = field(default=None, init=False, repr=False, compare=False)
    tag: str | None = field(init=False, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read one name-addr or addr-spec with its parameters."""
        return _known(text) if len(text) <= _MEMORABLE else cls._read(text)

    @classmethod
    def _read(cls, text: str) -> Address:
        match = _NAME_ADDR.fullmatch(text)
        if match is None:
            return cls._parse_bare(text)
        quoted, name, uri, parameters = match.groups()
        if quoted:
            name = unescape(quoted)
        elif name:
            name = name.rstrip()
        new = object.__new__(cls)
        _set(new, "display_name", name or None)
        _set(new, "parameters", parse_parameters(parameters) if parameters else ())
        _set(new, "_uri_text", uri)
        return new

    @classmethod
    def _parse_bare(cls, text: str) -> Address:
        # Without brackets the parameters are the header's, and the URI may hold neither '?' nor ','.
        uri, semicolon, parameters = text.partition(";")
        uri = uri.rstrip(" \t")
        if ":" not in uri or _NOT_BARE.search(uri):
            raise RemoteProtocolError(f"malformed address: {text[:80]!r}")
        return cls._read(f"<{uri}>{semicolon}{parameters}")

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> URI | str | None:
            # Python comes here only while a slot is empty.
            if name == "tag":
                value = self.parameter("tag") or None
            elif name == "uri":
                value = URI.parse(self._uri_text)
            else:
                raise AttributeError(name)
            _set(self, name, value)
            return value

    @classmethod
    def parse_many(cls, values: Iterable[str]) -> tuple[Address, ...]:
        """Read all addresses of one header, whose values may each be a comma list."""
        return tuple([cls.parse(each) for each in split_values(values)])

    @classmethod
    def parse_first(cls, value: str) -> Address | None:
        """Read the first of a comma list only; None for "*"."""
        return None if value == "*" else cls.parse(split_list(value)[0] if "," in value else value)

    def with_tag(self, tag: str) -> Self:
        """Return this address with its tag set."""
        return replace(self, parameters=with_parameter(self.parameters, "tag", tag))

    def __str__(self) -> str:
        name = f"{quote(self.display_name)} " if self.display_name else ""
        return f"{name}<{self._uri_text or self.uri}>{format_parameters(self.parameters)}"

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"


@lru_cache(maxsize=1024)
def _known(text: str) -> Address:
    """Read an address, or return the value that was read before: the parties of a call are in each of its messages."""
    return Address._read(text)  # noqa: SLF001 - the one way to it


Contacts: TypeAlias = tuple[Address, ...] | Literal["*"]


def parse_contacts(values: list[str]) -> Contacts:
    """Read Contact: addresses, or "*" which must then stand alone (RFC 3261 §20.10)."""
    if any(value == "*" for value in values):
        if len(values) > 1:
            raise RemoteProtocolError("'Contact: *' beside another contact")
        return "*"
    return Address.parse_many(values)
