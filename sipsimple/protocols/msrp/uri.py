"""MSRP URIs and paths, and when two URIs name the same session: RFC 4975 sections 6 and 6.1."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sipsimple.errors import RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_PORT = 2855

_AUTHORITY = re.compile(r"(?:([^@\[\]]*)@)?(\[[0-9A-Fa-f:.]+\]|[^\s:@\[\]/]+)(?::([0-9]{1,5}))?")
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, eq=False)
class URI:
    """One MSRP URI; the attributes bear the names of msrplib.

    Equality is the comparison of RFC 4975 section 6.1: scheme, host (case does not matter), port (given or not given),
    session id (case matters) and transport; user and parameters do not count.

    Attributes:
        host: Name or address; IPv6 without its brackets.
        use_tls: The scheme is `msrps`.
        port: None when the URI has none, which is not the same as the default port.
        credentials: What to authenticate with at this relay; never printed.
    """

    host: str
    use_tls: bool = False
    user: str | None = None
    port: int | None = None
    session_id: str | None = None
    transport: str = "tcp"
    parameters: Mapping[str, str | None] = field(default_factory=dict)
    credentials: object = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> URI:
        """Read one URI.

        Raises:
            RemoteProtocolError: 400: not an MSRP URI, or it names no transport.
        """
        scheme, separator, rest = text.partition("://")
        scheme = scheme.lower()
        if not separator or scheme not in ("msrp", "msrps") or _UNSAFE.search(rest):
            raise RemoteProtocolError(f"not an MSRP URI: {text!r}")
        location, *parameters = rest.split(";")
        authority, slash, session_id = location.partition("/")
        found = _AUTHORITY.fullmatch(authority)
        if found is None or not parameters or not parameters[0] or (slash and not session_id):
            raise RemoteProtocolError(f"not an MSRP URI: {text!r}")
        user, host, port = found.groups()
        number = int(port) if port else None
        if number is not None and number > 65535:
            raise RemoteProtocolError(f"no such port: {text!r}")
        pairs = (each.partition("=") for each in parameters[1:])
        values = {name: value if equals else None for name, equals, value in pairs}
        return cls(host.strip("[]"), scheme == "msrps", user, number, session_id or None, parameters[0], values)

    @property
    def scheme(self) -> str:
        """`msrp` or `msrps`."""
        return "msrps" if self.use_tls else "msrp"

    def __str__(self) -> str:
        user = "" if self.user is None else f"{self.user}@"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        session_id = f"/{self.session_id}" if self.session_id else ""
        parameters = "".join(f";{n}" if v is None else f";{n}={v}" for n, v in self.parameters.items())
        return f"{self.scheme}://{user}{host}{port}{session_id};{self.transport}{parameters}"

    def _identity(self) -> tuple[object, ...]:
        return (self.use_tls, _normal_host(self.host), self.port, self.session_id, self.transport.lower())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, URI):
            return NotImplemented
        return self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())


def parse_path(text: str) -> tuple[URI, ...]:
    """Read the value of To-Path, From-Path, Use-Path or `a=path`.

    Raises:
        RemoteProtocolError: 400: one of its parts is not an MSRP URI.
    """
    return tuple(URI.parse(each) for each in text.split(" "))


def format_path(path: Iterable[URI | str]) -> str:
    """Write a path: its URIs from the nearest hop to the end point."""
    return " ".join(str(each) for each in path)


@lru_cache(maxsize=256)
def session_id_of(path: str) -> str:
    """Return the session id in the last URI of a path; empty without one."""
    try:
        return URI.parse(path.rpartition(" ")[2]).session_id or ""
    except RemoteProtocolError:
        return ""


def own_session_id(uri: str) -> str:
    """Return the session id of a URI that this side made."""
    return uri.rpartition("/")[2].partition(";")[0]


@lru_cache(maxsize=256)
def same_uri(one: str, other: str) -> bool:
    """Tell whether two texts are equal URIs by section 6.1; what is no URI equals nothing."""
    try:
        return URI.parse(one) == URI.parse(other)
    except RemoteProtocolError:
        return False


def _normal_host(host: str) -> str:
    if ":" in host:
        try:
            return IPv6Address(host).compressed
        except ValueError:
            return host.lower()
    return unquote(host).lower()
