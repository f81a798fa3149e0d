"""A peer's audio line as the audio engine is given it: nothing in it that would cost the whole line, or the engine.

The engine refuses a line for one format without a name, and looks up the name of
a host while everything else in its process waits. So it never sees either; what
it does not know it has no use for.

RFC: 8866 6.6 (a=rtpmap), 9; 3605 (a=rtcp); 8839 5.1 (a=candidate).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

from sipsimple.protocols.sdp.direction import DIRECTIONS
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.media import Attribute, Media

LOWEST_DYNAMIC, HIGHEST = 96, 127
"""Payload types: those before the first have a meaning of their own (RFC 3551 6), the last is what RTP can carry."""

MOST_FORMATS = 32
"""The engine reads no more; of each there may be a name and parameters."""

_RTPMAP = re.compile(r"(\d{1,3}) +[^/ ]+/\d{1,6}(?:/\d{1,3})?", re.ASCII)
_KNOWN = DIRECTIONS | {
    "rtpmap", "fmtp", "ptime", "maxptime", "rtcp", "rtcp-mux", "crypto",
    "candidate", "ice-ufrag", "ice-pwd", "ice-lite", "ice-options", "ice-mismatch",
}  # fmt: skip


def is_ipv4(text: str) -> bool:
    """Tell whether an address is an IPv4 literal, which needs no look-up."""
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def harmless(media: Media) -> Media:
    """Return the line without formats that have no name, names of hosts, and what the engine does not know."""
    mapped = {found[1] for each in media.all("rtpmap") if (found := _RTPMAP.fullmatch(each.strip()))}
    formats = [each for each in dict.fromkeys(media.formats) if _is_known(each, mapped)][:MOST_FORMATS]
    attributes = tuple([each for each in media.attributes if _is_harmless(each, frozenset(formats))])
    return replace(media, formats=tuple(formats), attributes=attributes, others=())


def _is_known(payload_type: str, mapped: set[str]) -> bool:
    if not payload_type.isascii() or not payload_type.isdecimal() or len(payload_type) > 3:
        return False
    return int(payload_type) < LOWEST_DYNAMIC or (payload_type in mapped and int(payload_type) <= HIGHEST)


def _is_harmless(attribute: Attribute, formats: frozenset[str]) -> bool:
    name, words = attribute.name, (attribute.value or "").split()
    if name in ("rtpmap", "fmtp"):
        return bool(words) and words[0] in formats
    if name == "rtcp":
        return len(words) == 1 or (len(words) == 4 and is_ipv4(words[3]))
    if name == "candidate":
        return len(words) > 4 and _is_numeric(words[4])
    return name in _KNOWN


def _is_numeric(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
