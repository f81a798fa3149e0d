"""`SIPURI`: what applications call an address by."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.errors import RemoteProtocolError, SIPCoreError
from sipsimple.protocols.sip.grammar import bracketed, unbracketed
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.uri import URI

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOST = re.compile(r"[A-Za-z0-9_.\-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_NOT_OF_A_NAME = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_MEMORABLE = 200  # characters of an address that is worth keeping: a hostile one must not fill the memory
_NOT_OF_A_URI = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # what lies between stands for bytes that are not UTF-8


class SIPURI:
    """A SIP or SIPS URI with an optional display name.

    Two of them are equal when RFC 3261 19.1.4 says so; the display name is no
    part of the URI and is not compared.

    Attributes:
        host: Host name or IP literal, an IPv6 one without brackets.
        user: User part, unescaped; None without one.
        password: Password of the user part, None without one.
        port: None when unspecified.
        display: Display name, None without one.
        secure: True for `sips:`.
        parameters: URI parameters; a parameter without a value has None.
        headers: URI headers.
    """

    __slots__ = ("display", "headers", "host", "parameters", "password", "port", "secure", "user")

    def __init__(
        self,
        host: str,
        user: str | None = None,
        password: str | None = None,
        port: int | None = None,
        display: str | None = None,
        secure: bool = False,
        parameters: Mapping[str, str | None] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if not isinstance(host, str) or not is_host(host):
            way = "; SIPURI.parse() reads a whole URI" if isinstance(host, str) and ("@" in host or ":" in host) else ""
            raise ValueError(f"host must be a host name or an IP literal, not {host!r}{way}")
        if display is not None and _NOT_OF_A_NAME.search(_text("display", display)):
            raise ValueError(f"display must be one line of text, not {display!r}")
        self.host = unbracketed(host)
        self.user = None if user is None else _text("user", user) or None
        self.password = None if password is None else _text("password", password)
        self.port = checking.port_or_none("port", port)
        self.display = display
        self.secure = secure
        self.parameters: dict[str, str | None] = checking.mapping("parameters", parameters)
        self.headers: dict[str, str] = checking.mapping("headers", headers)
        for name, value in self.parameters.items():
            _pair("parameters", name, "" if value is None else value)
        for name, value in self.headers.items():
            _pair("headers", name, value)

    @classmethod
    def parse(cls, text: str) -> SIPURI:
        """Read a URI, a name-addr or a header value with one; header parameters are left out.

        Raises:
            SIPCoreError: It is none.
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}")
        return _known(text).twin() if cls is SIPURI and len(text) <= _MEMORABLE else cls._read(text)

    @classmethod
    def _read(cls, text: str) -> SIPURI:
        try:
            address = Address.parse(text) if "<" in text else None
            uri = URI.parse(text) if address is None else address.uri
        except RemoteProtocolError as error:
            raise SIPCoreError(f"not a SIP URI: {text!r}") from error
        if uri.scheme not in ("sip", "sips"):
            raise SIPCoreError(f"not a SIP URI: {text!r}")
        secure = uri.scheme == "sips"
        try:
            display = None if address is None else _readable(address.display_name or "") or None
            return cls(
                uri.host, uri.user, uri.password, uri.port, display, secure, dict(uri.parameters), dict(uri.headers)
            )
        except ValueError as error:
            raise SIPCoreError(f"not a SIP URI: {text!r}") from error

    def uri(self) -> URI:
        """Return the bare URI as the protocol cores know it."""
        return URI(
            scheme="sips" if self.secure else "sip",
            user=self.user,
            password=self.password,
            host=bracketed(self.host),
            port=self.port,
            parameters=tuple([(name.lower(), value) for name, value in self.parameters.items()]),
            headers=tuple([(name.lower(), value) for name, value in self.headers.items()]),
        )

    def matches(self, other: SIPURI) -> bool:
        """Compare as RFC 3261 19.1.4 asks; the same as `==`."""
        return self.uri().matches(other.uri())

    def copy(self) -> SIPURI:
        """Return an equal object of its own; it may have been changed since it was made, so it is checked anew."""
        return type(self)(
            self.host,
            self.user,
            self.password,
            self.port,
            self.display,
            self.secure,
            self.parameters,
            self.headers,
        )

    def twin(self) -> SIPURI:
        """Return a copy of a URI that nobody has changed since it was made, without another check."""
        twin = object.__new__(type(self))
        twin.host, twin.user, twin.password, twin.port = self.host, self.user, self.password, self.port
        twin.display, twin.secure = self.display, self.secure
        twin.parameters, twin.headers = dict(self.parameters), dict(self.headers)
        return twin

    def name_addr(self) -> str:
        """Return the form for From and To: always in angle brackets."""
        return str(Address(self.display or "", self.uri(), ()))

    def __eq__(self, other: object) -> bool:
        return self.matches(other) if isinstance(other, SIPURI) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.secure, self.user, self.host.lower()))

    def __str__(self) -> str:
        return self.name_addr() if self.display else str(self.uri())

    def __repr__(self) -> str:
        return f'<SIPURI "{self}">'


@lru_cache(maxsize=1024)
def _known(text: str) -> SIPURI:
    """Read a URI, or return the one that was read before, of which nobody else gets more than a twin."""
    return SIPURI._read(text)  # noqa: SLF001 - the one way to it


def _text(what: str, text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{what} must be a str, not {text!r}")
    if _NOT_OF_A_URI.search(text):
        raise ValueError(f"{what} cannot be written in UTF-8: {text!r}")
    return text


def _pair(what: str, name: object, value: object) -> None:
    if not _text(what, name):
        raise ValueError(f"{what} must have names")
    _text(what, value)


def _readable(display: str) -> str:
    """Return a peer's display name with a sign in place of each byte that is not UTF-8."""
    return display.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def is_host(text: str) -> bool:
    """Tell whether `text` can stand for a host: a name, an IPv4 literal, or an IPv6 one with or without brackets."""
    return _HOST.fullmatch(unbracketed(text)) is not None


def required_uri(name: str, value: object) -> SIPURI:
    """Return `value` if it is a SIPURI.

    Raises:
        TypeError: It is none.
    """
    if not isinstance(value, SIPURI):
        way = "; SIPURI.parse() reads one" if isinstance(value, str) else ""
        raise TypeError(f"{name} must be a SIPURI, not {type(value).__name__}{way}")
    return value
