"""Content-Type and the ranges of Accept (RFC 3261 §20.15, §20.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.parameters import (
    Parameterized,
    Parameters,
    format_parameters,
    parse_parameters,
)

_MEDIA_TYPE = re.compile(
    r"([A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+/[ \t]*+([A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+(;.*+)?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class MediaType(Parameterized):
    """A media type; type and subtype are in lower case."""

    type: str
    subtype: str
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one media type."""
        match = _MEDIA_TYPE.fullmatch(text.strip())
        if match is None:
            raise RemoteProtocolError(f"malformed media type: {text[:80]!r}")
        kind, subtype, parameters = match.groups()
        return cls(kind.lower(), subtype.lower(), parse_parameters(parameters or ""))

    @property
    def essence(self) -> str:
        """`type/subtype` without the parameters."""
        return f"{self.type}/{self.subtype}"

    def __str__(self) -> str:
        return f"{self.essence}{format_parameters(self.parameters)}"
