"""The m=audio line: what of it this side can take, and what it shows of its own.

RFC: 3264 6.1, 8.4; 3551 6; 4568 (a=crypto).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sdp.direction import INACTIVE, SENDONLY
from sipsimple.protocols.sdp.harmless_audio import is_ipv4
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.media import Media

OFF, OPTIONAL, FORCED = "off", "optional", "forced"

PLAIN = frozenset({"RTP/AVP", "RTP/AVPF"})
SECURE = frozenset({"RTP/SAVP", "RTP/SAVPF"})

CODECS = {
    "0": "PCMU",
    "3": "GSM",
    "4": "G723",
    "8": "PCMA",
    "9": "G722",
    "10": "L16",
    "11": "L16",
    "15": "G728",
    "18": "G729",
}
"""The names of the static payload types that need no a=rtpmap (RFC 3551)."""

_INHERITED = ("ice-lite", "ice-ufrag", "ice-pwd", "ice-options", "crypto", "setup", "fingerprint")
_OF_THE_WORKER = frozenset({"ssrc", "X-nat"})


class AudioTerms(Value):
    """Which audio lines can be taken; shared by all calls of one configuration.

    Attributes:
        codecs: Names, such as `PCMU`, in any case.
        srtp: `off`, `optional` or `forced`.
    """

    codecs: tuple[str, ...] = ("PCMU", "PCMA", "G722")
    srtp: str = OFF


def self_contained(document: SessionDescription, index: int) -> Media:
    """Return a line with all in it that holds for it: c=, direction, and what ICE and SRTP say for the session.

    The null address, by which RFC 2543 held a call, becomes a direction in which the peer does not receive.
    """
    media = document.media[index]
    connection = document.connection_of(media)
    direction = document.direction_of(media)
    if connection is not None and connection.is_unspecified:
        direction = direction if direction == SENDONLY else INACTIVE
    own = {each.name for each in media.attributes}
    inherited = [each for each in document.attributes if each.name in _INHERITED and each.name not in own]
    media = replace(media, connection=connection, attributes=(*media.attributes, *inherited))
    return media.with_direction(direction)


def codec_names(media: Media) -> tuple[str, ...]:
    """Return the names of the formats of a line, in its order; one that is not named is left out."""
    named = {}
    for value in media.all("rtpmap"):
        payload_type, _, description = value.partition(" ")
        named[payload_type] = description.strip().partition("/")[0]
    names = [named.get(each) or CODECS.get(each) for each in media.formats]
    return tuple([each for each in names if each])


def has_common_codec(media: Media, codecs: Iterable[str]) -> bool:
    """Whether a line has one of `codecs`, in any case."""
    ours = {each.lower() for each in codecs}
    return any(each.lower() in ours for each in codec_names(media))


def refusal(media: Media, terms: AudioTerms) -> str | None:
    """Tell why a self-contained line cannot be taken; None when it can."""
    return _refused_transport(media, terms.srtp) or _refused_address(media) or _refused_codecs(media, terms.codecs)


def _refused_transport(media: Media, srtp: str) -> str | None:
    protocol = media.protocol.upper()
    if protocol in PLAIN:
        return "plain RTP where SRTP is required" if srtp == FORCED else None
    if protocol not in SECURE:
        return f"audio over {media.protocol}"
    if srtp == OFF:
        return "SRTP where it is off"
    return None if media.attribute("crypto") is not None else "SRTP without a=crypto"


def _refused_address(media: Media) -> str | None:
    if media.connection is None:
        return "audio without an address"
    if media.connection.address_type.upper() != "IP4":
        return f"audio over {media.connection.address_type}"
    if not is_ipv4(media.connection.address):  # a name would be looked up while other calls wait
        return f"audio at {media.connection.address}, which is no IPv4 address"
    return None


def _refused_codecs(media: Media, codecs: Iterable[str]) -> str | None:
    return None if has_common_codec(media, codecs) else "no codec in common"


def outward(media: Media) -> Media:
    """Return what is shown outside of the line that an audio worker wrote: without bandwidth and source names."""
    attributes = tuple([each for each in media.attributes if each.name not in _OF_THE_WORKER])
    others = tuple([each for each in media.others if not each.startswith("b=")])
    return replace(media, attributes=attributes, others=others)


def is_reached_alike(told: Media, now: Media) -> bool:
    """Whether a peer that was told the line `told` reaches a stream that is now as `now` says: address, keys, ICE."""
    same = (told.port, told.protocol, told.connection) == (now.port, now.protocol, now.connection)
    ice = all(told.attribute(name) == now.attribute(name) for name in ("ice-ufrag", "ice-pwd"))
    return same and ice and _keys(now) <= _keys(told)


def is_found_by_ice(told: Media, now: Media) -> bool:
    """Whether ICE leads a peer that was told `told` to a stream that is now as `now` says, whatever their c= lines are.

    It is one ICE session then: only the default of its candidates is another one (RFC 8839 4.4.1).
    """
    ice = [(told.attribute(name), now.attribute(name)) for name in ("ice-ufrag", "ice-pwd")]
    same = all(before is not None and before == after for before, after in ice)
    return same and told.protocol == now.protocol and _keys(now) <= _keys(told)


def crossed(mine: Media, theirs: Media) -> tuple[Media, Media] | None:
    """Make two offers that met into answers to each other; None where their keys allow it to none.

    Of several a=crypto lines an answer has the one that it takes (RFC 4568 5.1.2).
    """
    ours, others = mine.all("crypto"), theirs.all("crypto")
    if not others:
        return (_with_crypto(mine, None), theirs) if mine.protocol.upper() in PLAIN else None
    names = {_suite(each): each for each in others}
    for each in ours:
        if _suite(each) in names:
            return _with_crypto(mine, each), _with_crypto(theirs, names[_suite(each)])
    return None


def _suite(value: str) -> tuple[str, ...]:
    """The tag and the suite of a crypto line."""
    return tuple(value.split()[:2])


def _with_crypto(media: Media, value: str | None) -> Media:
    kept = [each for each in media.attributes if each.name != "crypto" or each.value == value]
    return replace(media, attributes=tuple(kept))


def _keys(media: Media) -> set[str]:
    """The keys of the a=crypto lines: what stands behind their tags."""
    return {value.partition(" ")[2].strip() for value in media.all("crypto")}
