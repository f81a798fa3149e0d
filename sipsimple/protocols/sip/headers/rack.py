"""RSeq and RAck: the number of a reliable provisional response, and what PRACK says of it (RFC 3262 §7.1, §7.2)."""

from __future__ import annotations

import re
from typing import Self

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import number
from sipsimple.protocols.sip.headers.cseq import CSeq
from sipsimple.protocols.values import Value

MAX_RSEQ = 2**32 - 1

_RACK = re.compile(r"([0-9]{1,20})[ \t]++(.++)", re.DOTALL)


def parse_rseq(text: str) -> int:
    """Read RSeq, which is 1 or more."""
    value = number(text, "RSeq", MAX_RSEQ)
    if not value:
        raise RemoteProtocolError("RSeq 0")
    return value


class RAck(Value):
    """The RSeq of a response, and the CSeq of its request."""

    rseq: int
    cseq: CSeq

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a RAck value."""
        match = _RACK.fullmatch(text)
        if match is None:
            raise RemoteProtocolError(f"malformed RAck: {text[:80]!r}")
        return cls(parse_rseq(match[1]), CSeq.parse(match[2]))

    def __str__(self) -> str:
        return f"{self.rseq} {self.cseq}"
