"""What the look-up of a SIP server asks of the DNS, and what it is told (RFC 3263, RFC 2782, RFC 3403).

Names come and go without the final dot, in lower case; `"."` stays as it is.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from sipsimple.protocols.values import Value


class Kind(Enum):
    """The type of a record."""

    NAPTR = "NAPTR"
    SRV = "SRV"
    A = "A"
    AAAA = "AAAA"


class Query(Value):
    """Ask for the records of this kind that `name` has; the answer is `Answer`."""

    name: str
    kind: Kind


class NAPTR(Value):
    """One NAPTR record: a transport that the domain offers, and the name of its SRV records."""

    order: int
    preference: int
    flags: str
    service: str
    regexp: str
    replacement: str


class SRV(Value):
    """One SRV record: a server."""

    priority: int
    weight: int
    port: int
    target: str


Record: TypeAlias = NAPTR | SRV | str
"""The record of a host name is its address as text."""


class Answer(Value):
    """What was found.

    Attributes:
        query: What was asked.
        records: All of one kind; none when there are none.
        problem: Why it is not known whether there are any; None when it is.
    """

    query: Query
    records: tuple[Record, ...] = ()
    problem: str | None = None
