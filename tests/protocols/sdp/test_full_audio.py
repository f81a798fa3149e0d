"""All codecs in the offer that a peer leaves to us (RFC 3261 14.2)."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sdp.full_audio import full
from sipsimple.protocols.sdp.media import Media

OURS = ("G722", "PCMU", "pcma", "speex", "L16", "GSM")


def line(*formats: str, maps: tuple[str, ...] = ()) -> Media:
    return Media.parse([f"m=audio 4000 RTP/AVP {' '.join(formats)}", *(f"a=rtpmap:{each}" for each in maps)])


def test_the_codecs_with_a_fixed_number_follow_those_that_are_in_use():
    wide = full(line("8", "101", maps=("8 PCMA/8000", "101 telephone-event/8000")), OURS)
    assert wide.formats == ("8", "101", "9", "0", "3")
    assert wide.all("rtpmap") == (
        "8 PCMA/8000",
        "101 telephone-event/8000",
        "9 G722/8000",
        "0 PCMU/8000",
        "3 GSM/8000",
    )


@pytest.mark.parametrize(
    "media", [line("0", "8"), line("0", "96", maps=("96 pcma/8000",)), line("0", "8", maps=("8 other/8000",))]
)
def test_nothing_is_named_twice(media: Media):
    assert full(media, ("PCMU", "PCMA")) == media


def test_a_codec_that_is_off_is_not_offered():
    assert full(line("0"), ("PCMU",)) == line("0")
