"""What two agreed audio lines say of the sound: its codec, its rate, its encryption.

RFC: 3264 6.1; 3551 6; 4568 5.1.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sipsimple.protocols.sdp.audio_media import CODECS

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.media import Media

_RATES = {"L16": 44100, "G722": 16000}
"""Of the static payload types, where it is not 8000 (RFC 3551 6)."""
_MISNAMED = frozenset({"G722"})
"""G.722 says 8000 in its rtpmap by an old mistake, and samples at twice that (RFC 3551 4.5.2)."""


class AgreedAudio(NamedTuple):
    """What will be heard; None and empty where the lines do not say it.

    Attributes:
        codec: Name.
        sample_rate: Hz.
        srtp_suite: Crypto suite; empty: plain RTP.
    """

    codec: str | None
    sample_rate: int | None
    srtp_suite: str


EVENTS = "telephone-event"


def takes_events(media: Media) -> bool:
    """Tell whether a line takes DTMF digits as events (RFC 4733 5)."""
    return any(EVENTS in value.lower() for value in media.all("rtpmap"))


def agreed_audio(local: Media, remote: Media) -> AgreedAudio:
    """Return what both lines have in common, by the order of the peer's."""
    ours = {name.lower() for name, _ in _codecs(local)}
    suite = _suite(local, remote)
    common = (AgreedAudio(name, rate, suite) for name, rate in _codecs(remote) if name.lower() in ours)
    return next(common, AgreedAudio(None, None, suite))


def _codecs(media: Media) -> list[tuple[str, int]]:
    """Name the codecs of a line with their rates; events and comfort noise are none."""
    mapped: dict[str, tuple[str, int]] = {}
    for value in media.all("rtpmap"):
        payload_type, _, description = value.partition(" ")
        name, _, rate = description.strip().partition("/")
        rate = rate.partition("/")[0]
        mapped[payload_type] = name, int(rate) if rate.isdecimal() and len(rate) < 7 else 8000
    named = [mapped.get(each) or _static(CODECS.get(each, "")) for each in media.formats]
    return [
        _static(name) if name.upper() in _MISNAMED else (name, rate)
        for name, rate in named
        if name.lower() not in ("", EVENTS, "cn")
    ]


def _static(name: str) -> tuple[str, int]:
    return name, _RATES.get(name.upper(), 8000)


def _suite(local: Media, remote: Media) -> str:
    """Return the suite that both have under one tag."""
    ours = {tuple(value.split()[:2]) for value in local.all("crypto")}
    for value in remote.all("crypto"):
        words = tuple(value.split()[:2])
        if words in ours and len(words) == 2:
            return words[1]
    return ""
