"""Who calls and by which way: `Credentials` and `Route`."""

from __future__ import annotations

import re
import secrets
import string

from sipsimple.api import checking
from sipsimple.api.uri import SIPURI, is_host
from sipsimple.errors import SIPCoreError

TRANSPORTS = ("udp", "tcp", "tls")
_TOKEN = re.compile(r"[A-Za-z0-9\-_.!~*'()&=+$,;?/]+")
_ALPHABET = string.ascii_letters + string.digits


class Credentials:
    """The local address and the password for it.

    Args:
        uri: The account's address, which goes into From.
        password: None: no authentication is attempted.
        token: User part of Contact, as it stands there; ten random letters and digits when not given.
    """

    __slots__ = ("_token", "password", "uri")

    def __init__(self, uri: SIPURI, password: str | None = None, token: str | None = None) -> None:
        if not isinstance(uri, SIPURI):
            raise TypeError(f"uri must be a SIPURI, not {type(uri).__name__}")
        if password is not None and not isinstance(password, str):
            raise TypeError(f"password must be a str, not {type(password).__name__}")
        if token is not None and not (isinstance(token, str) and _TOKEN.fullmatch(token)):
            raise ValueError(f"token must be the user part of a SIP URI, not {token!r}")
        self.uri = uri
        self.password = password
        self._token = token or "".join(secrets.choice(_ALPHABET) for _ in range(10))

    @property
    def token(self) -> str:
        """User part of the Contact."""
        return self._token

    def copy(self) -> Credentials:
        """Return an equal object of its own."""
        return Credentials(self.uri.copy(), self.password, self._token)

    def __repr__(self) -> str:
        return f'<Credentials for "{self.uri}">'


class Route:
    """The outbound proxy, or the peer itself.

    Args:
        address: IP literal or host name.
        port: 0 to 65535.
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


def checked_credentials(credentials: Credentials) -> Credentials:
    """Return a copy, or say what is wrong with it."""
    if not isinstance(credentials, Credentials):
        raise TypeError(f"credentials must be a Credentials, not {type(credentials).__name__}")
    if not isinstance(credentials.uri, SIPURI):
        raise SIPCoreError("credentials without a URI")
    return credentials.copy()
