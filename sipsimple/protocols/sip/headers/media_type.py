"""Content-Type and the ranges of Accept (RFC 3261 §20.15, §20.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import split_values
from sipsimple.protocols.sip.headers.parameters import (
    Parameterized,
    Parameters,
    format_parameters,
    parse_parameters,
)
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

_MEDIA_TYPE = re.compile(
    r"([A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+/[ \t]*+([A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+(;.*+)?", re.DOTALL
)


class MediaType(Parameterized, Value):
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


def accepts(values: Iterable[str], kind: str, subtype: str) -> bool:
    """Tell whether the ranges of Accept take `kind/subtype`; of several that fit, the narrowest decides.

    An Accept without a range takes nothing.

    RFC: 3261 §20.1.
    """
    ranges = [MediaType.parse(each) for each in split_values(values) if each]
    taken = {each.essence: not _is_refused(each.parameter("q")) for each in ranges}
    narrowest_first = (f"{kind}/{subtype}", f"{kind}/*", "*/*")
    return next((taken[each] for each in narrowest_first if each in taken), False)


def _is_refused(q: str | None) -> bool:
    return q is not None and q[:1] == "0" and not q.strip("0.")
