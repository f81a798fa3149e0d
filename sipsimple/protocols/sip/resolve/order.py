"""In which order servers are tried: the NAPTR records that count, and SRV records by priority and weight.

Chance is an argument: the same entropy gives the same order.

RFC: 3263 4.1, 2782, 3403 4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sipsimple.protocols.sip.resolve.records import NAPTR, SRV

SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
"""What a NAPTR record calls our transports."""

_MULTIPLIER, _INCREMENT, _BITS = 6364136223846793005, 1442695040888963407, 64

_Item = TypeVar("_Item")


def mixed(entropy: int) -> int:
    """Return the next number of a sequence that begins with `entropy`: 64 bits, of which the high ones are the best."""
    return (entropy * _MULTIPLIER + _INCREMENT) % (1 << _BITS)


def services(records: Iterable[NAPTR], transports: Sequence[str]) -> list[tuple[str, str]]:
    """Return (transport, name of SRV records) of the records that name one of `transports`, the preferred first.

    Only those of the lowest order that can be used count: a higher order is no
    alternative (RFC 3403 4.1). What the domain prefers goes before what we prefer.
    """
    usable = [
        (each.order, each.preference, transports.index(transport), transport, each.replacement)
        for each in records
        if (transport := SERVICES.get(each.service.upper(), "")) in transports
        and each.flags.lower() == "s"
        and not each.regexp
        and each.replacement not in ("", ".")
    ]
    usable.sort()
    return [(transport, name) for order, _, _, transport, name in usable if order == usable[0][0]]


def by_weight(records: Iterable[SRV], entropy: int) -> list[SRV]:
    """Return the records by priority, those of equal priority by chance as their weights have it (RFC 2782)."""
    left = sorted(records, key=lambda each: (each.priority, each.weight))  # of equal priority, weight 0 first
    ordered: list[SRV] = []
    while left:
        equals = [each for each in left if each.priority == left[0].priority]
        entropy = mixed(entropy)
        chosen = _drawn(equals, entropy)
        ordered.append(chosen)
        left.remove(chosen)
    return ordered


def _drawn(equals: list[SRV], entropy: int) -> SRV:
    """Draw one: the first whose running sum of weights reaches a number from 0 to the sum of all, inclusive."""
    point = entropy * (sum(each.weight for each in equals) + 1) >> _BITS
    for each in equals:
        point -= each.weight
        if point <= 0:
            return each
    raise AssertionError("the running sum ends at the sum of all")


def rotated(items: Sequence[_Item], entropy: int) -> list[_Item]:
    """Return the items beginning at one of them by chance: equal addresses share the load."""
    start = mixed(entropy) * len(items) >> _BITS
    return [*items[start:], *items[:start]]
