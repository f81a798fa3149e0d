"""Session-Expires and Min-SE: how long a session lives without a refresh, and who refreshes it (RFC 4028 §4, §5)."""

from __future__ import annotations

from typing import Self

from sipsimple.protocols.sip.headers.parameters import Parameterized, Parameters, format_parameters, parse_parameters
from sipsimple.protocols.sip.headers.tokens import parse_delta_seconds
from sipsimple.protocols.values import Value

UAC, UAS = "uac", "uas"
"""Who refreshes: the sender of this request, or its receiver."""


class SessionExpires(Parameterized, Value):
    """The interval in seconds, and parameters."""

    seconds: int
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a Session-Expires value."""
        seconds, semicolon, rest = text.partition(";")
        return cls(parse_delta_seconds(seconds.strip()), parse_parameters(semicolon + rest))

    @property
    def refresher(self) -> str | None:
        """`UAC` or `UAS`; None where neither is named."""
        named = (self.parameter("refresher") or "").lower()
        return named if named in (UAC, UAS) else None

    def __str__(self) -> str:
        return f"{self.seconds}{format_parameters(self.parameters)}"


def parse_min_se(text: str) -> int:
    """Read the seconds of Min-SE; its parameters are passed over."""
    return SessionExpires.parse(text).seconds
