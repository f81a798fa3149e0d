"""Who calls and by which way: `Credentials` and `Route`."""

from __future__ import annotations

import re
import secrets
import string
from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.uri import SIPURI, is_host, required_uri
from sipsimple.errors import SIPCoreError
from sipsimple.protocols.sip.authorization import Account

if TYPE_CHECKING:
    from collections.abc import Mapping

TRANSPORTS = ("udp", "tcp", "tls")
_TOKEN = re.compile(r"[A-Za-z0-9\-_.!~*'()&=+$,;?/]+")
_ALPHABET = string.ascii_letters + string.digits


class Credentials:
    """The local address and the passwords for it.

    Args:
        uri: The account's address, which goes into From.
        password: For any realm that is not among `realms`; None: no authentication is attempted there.
        token: User part of Contact, as it stands there; ten random letters and digits when not given.
        username: The name that the password belongs to; by default the user of `uri`.
        realms: By the realm that asks, as it writes itself: name and password.
    """

    __slots__ = ("_token", "password", "realms", "uri", "username")

    def __init__(
        self,
        uri: SIPURI,
        password: str | None = None,
        token: str | None = None,
        *,
        username: str | None = None,
        realms: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        required_uri("uri", uri)
        if password is not None and not isinstance(password, str):
            raise TypeError(f"password must be a str, not {type(password).__name__}")
        if token is not None and not (isinstance(token, str) and _TOKEN.fullmatch(token)):
            raise ValueError(f"token must be the user part of a SIP URI, not {token!r}")
        self.uri = uri
        self.password = password
        self.username = None if username is None else checking.line("username", username)
        self.realms = _checked_realms(realms)
        self._token = token or "".join(secrets.choice(_ALPHABET) for _ in range(10))

    @property
    def token(self) -> str:
        """User part of the Contact."""
        return self._token

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What challenges are answered with; empty without any password."""
        known = [Account(username, password, realm) for realm, (username, password) in self.realms.items()]
        username = self.username or self.uri.user
        if self.password is not None and username is not None:
            known.append(Account(username, self.password))
        return tuple(known)

    def copy(self) -> Credentials:
        """Return an equal object of its own."""
        return Credentials(
            self.uri.copy(), self.password, self._token, username=self.username, realms=dict(self.realms)
        )

    def __repr__(self) -> str:
        return f'<Credentials for "{self.uri}">'


class Route:
    """The outbound proxy, or the peer itself.

    Args:
        address: IP literal or host name.
        port: 1 to 65535, for TLS usually 5061; 0: what the DNS says of the address (RFC 3263).
        transport: `"udp"`, `"tcp"` or `"tls"`, in any case.
    """

    __slots__ = ("address", "port", "transport")

    def __init__(self, address: str, port: int = 5060, transport: str = "udp") -> None:
        if not isinstance(address, str) or not is_host(address):
            raise ValueError(f"address must be a host name or an IP literal, not {address!r}")
        if not isinstance(transport, str):
            raise TypeError(f"transport must be a str, not {transport!r}")
        if transport.lower() not in TRANSPORTS:
            raise ValueError(f"transport must be one of {', '.join(TRANSPORTS)}, not {transport!r}")
        self.address = address
        self.port = checking.port("port", port)
        self.transport = transport.lower()

    def copy(self) -> Route:
        """Return an equal object of its own."""
        return Route(self.address, self.port, self.transport)

    def header_value(self) -> str:
        """Return the loose Route header value."""
        parameters: dict[str, str | None] = {"lr": None}
        if self.transport != "udp":
            parameters["transport"] = self.transport
        return f"<{SIPURI(self.address, port=self.port or None, parameters=parameters).uri()}>"

    def __repr__(self) -> str:
        return f'<Route "{self.address}:{self.port};transport={self.transport}">'


def _checked_realms(realms: Mapping[str, tuple[str, str]] | None) -> dict[str, tuple[str, str]]:
    """Return a copy; what is wrong is told without the password."""
    checked = {}
    for realm, known in checking.mapping("realms", realms).items():
        if not isinstance(realm, str) or not isinstance(known, tuple | list) or len(known) != 2:
            raise TypeError(f"realms must be name and password by realm, not so for {realm!r}")
        username, password = known
        if not isinstance(password, str):
            raise TypeError(f"realms must have passwords that are texts, not so for {realm!r}")
        checked[realm] = checking.line("username", username), password
    return checked


def checked_credentials(credentials: Credentials | None) -> Credentials:
    """Return a copy, or say what is wrong with it."""
    if not isinstance(credentials, Credentials):
        raise TypeError(f"credentials must be a Credentials, not {type(credentials).__name__}")
    if not isinstance(credentials.uri, SIPURI):
        raise SIPCoreError("credentials without a URI")
    return credentials.copy()


def checked_route(route: Route | None) -> Route | None:
    """Return a copy, or say what is wrong with it."""
    if route is None:
        return None
    if not isinstance(route, Route):
        raise TypeError(f"route must be a Route, not {type(route).__name__}")
    return route.copy()


class Sender:
    """Sends requests in somebody's name, perhaps by way of a proxy."""

    _headers: dict[str, str]

    def __init__(self, credentials: Credentials, route: Route | None) -> None:
        super().__init__()
        self._credentials = checked_credentials(credentials)
        self._route = checked_route(route)

    @property
    def credentials(self) -> Credentials:
        """In whose name, and the passwords; a copy."""
        return self._credentials.copy()

    @property
    def route(self) -> Route | None:
        """The outbound proxy; a copy."""
        return checked_route(self._route)

    @property
    def extra_headers(self) -> dict[str, str]:
        """Header lines that each request has besides; a copy."""
        return dict(self._headers)
