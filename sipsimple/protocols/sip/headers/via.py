"""Via: the way back of a response (RFC 3261 §20.42, RFC 3581)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import number, port_number, split_list, split_values
from sipsimple.protocols.sip.headers.parameters import (
    Parameterized,
    Parameters,
    format_parameters,
    parse_parameters,
)
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

_VIA = re.compile(
    r"[Ss][Ii][Pp][ \t]*+/[ \t]*+2\.0[ \t]*+/[ \t]*+([A-Za-z0-9\-.!%*_+`'~]++)[ \t]++"
    r"(\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9_\-.]++)[ \t]*+(?::[ \t]*+([0-9]{1,5})[ \t]*+)?(;.*+)?",
    re.DOTALL,
)


class Via(Parameterized, Value):
    """One Via value. `host` keeps the brackets of an IPv6 address."""

    transport: str
    host: str
    port: int | None = None
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one Via value."""
        match = _VIA.fullmatch(text)
        if match is None:
            raise RemoteProtocolError(f"malformed Via: {text[:80]!r}")
        transport, host, port, parameters = match.groups()
        return cls(
            transport.upper(),
            host,
            port_number(port),
            parse_parameters(parameters) if parameters else (),
        )

    @classmethod
    def parse_top(cls, value: str) -> Self:
        """Read the first of a comma list only: the one that matters to whom the message came."""
        return cls.parse(split_list(value)[0] if "," in value else value)

    @classmethod
    def parse_many(cls, values: Iterable[str]) -> tuple[Self, ...]:
        """Read all Via values, topmost first."""
        return tuple([cls.parse(each) for each in split_values(values)])

    @property
    def branch(self) -> str | None:
        """The branch parameter, None where there is none."""
        return self.parameter("branch") or None

    @property
    def received(self) -> str | None:
        """Where the request came from, when that is not what the sender wrote."""
        return self.parameter("received") or None

    @property
    def rport(self) -> int | None:
        """The port that the request came from; None while unfilled or absent."""
        value = self.parameter("rport")
        return number(value, "rport", 65535) if value else None

    @property
    def wants_rport(self) -> bool:
        """Whether the sender asks for its responses at the port that it sent from (RFC 3581)."""
        return self.parameter("rport") is not None

    @property
    def sent_by(self) -> str:
        """Host and port as the sender wrote them, in lower case."""
        host = self.host.lower()
        return host if self.port is None else f"{host}:{self.port}"

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {self.host}{port}{format_parameters(self.parameters)}"
