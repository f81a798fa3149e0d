"""CSeq: the number and method that order requests in a dialog (RFC 3261 §20.16)."""

from __future__ import annotations

import re
from typing import Self

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.values import Value

_CSEQ = re.compile(r"([0-9]{1,20})[ \t]++([A-Za-z0-9\-.!%*_+`'~]++)")
_LIMIT = 2**31 - 1


class CSeq(Value):
    """A sequence number below 2**31 and the method of the request."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a CSeq value."""
        match = _CSEQ.fullmatch(text)
        if match is None or (number := int(match[1])) > _LIMIT:
            raise RemoteProtocolError(f"malformed CSeq: {text[:80]!r}")
        return cls(number, match[2])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"
