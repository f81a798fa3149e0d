"""What a URI asks for, and the targets that come of it: which is tried first, and which after a failure.

RFC: 3263 4, 4.3; 3261 8.1.2, 18.1.1, 26.2.2; 5922 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sipsimple.protocols.sip.grammar import is_ip_literal, unbracketed
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.transport import default_port
from sipsimple.protocols.sip.uri import URI
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from sipsimple.protocols.sip.transport import HostPort

Way = tuple[str, "HostPort"]
"""A transport and a numeric address: what failed, or was tried."""


class Target(Value):
    """One server and how it is reached.

    Attributes:
        transport: "udp", "tcp" or "tls".
        host: Numeric, an IPv6 address without brackets.
        port: Its port.
        server_name: The domain that a TLS server must prove to be; None when the URI names none but the address.
    """

    transport: str
    host: str
    port: int
    server_name: str | None = None

    @property
    def way(self) -> Way:
        """Its transport and address."""
        return self.transport, (self.host, self.port)


class Destination(Value):
    """Where a request is to go, as far as its next hop's URI says.

    Attributes:
        host: What is looked up: the `maddr` parameter, else the host; without brackets, in lower case.
        port: None when none is written.
        transport: None when it is to be found out.
        is_secure: The URI is a `sips:` URI: only TLS will do.
        domain: The host of the URI: whom a TLS server must prove to be.
    """

    host: str
    port: int | None = None
    transport: str | None = None
    is_secure: bool = False
    domain: str = ""

    @classmethod
    def parse(cls, text: str, transport: str | None = None) -> Self:
        """Read a Route value or a URI; `transport` overrides what it says, though never that `sips:` means TLS.

        Raises:
            RemoteProtocolError: It is no URI.
        """
        uri = Address.parse(text).uri if "<" in text else URI.parse(text)
        domain = _host(uri.host)
        is_secure = uri.scheme == "sips"
        asked = (transport or uri.transport or "").lower() or None
        if is_secure and asked is not None:
            asked = "tls"
        return cls(_host(uri.parameter("maddr") or "") or domain, uri.port, asked, is_secure, domain)

    @property
    def is_numeric(self) -> bool:
        """Whether nothing has to be looked up."""
        return is_ip_literal(self.host)

    def at(self, transport: str, address: str, port: int | None) -> Target:
        """Return the target at a numeric address."""
        name = None if is_ip_literal(self.domain) and self.domain == address else self.domain
        return Target(transport, address, port or default_port(transport), name)


def chosen(targets: Iterable[Target], tried: Container[Way] = (), avoided: Container[Way] = ()) -> Target | None:
    """Return the target to try: the first that was not tried, those to avoid only when no other is left.

    RFC 3263 4.3: each target is tried once for a request. What is avoided for
    a while because it failed others is better than giving up.
    """
    last_resort = None
    for each in targets:
        if each.way in tried:
            continue
        if each.way not in avoided:
            return each
        last_resort = last_resort or each
    return last_resort


def _host(text: str) -> str:
    return unbracketed(text).lower().rstrip(".")
