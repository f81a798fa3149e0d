"""What two agreed lines say of the sound, before any of it is heard."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sdp.agreed_audio import agreed_audio, takes_events
from sipsimple.protocols.sdp.media import Media


def line(formats: str, *attributes: str, protocol: str = "RTP/AVP") -> Media:
    return Media.parse([f"m=audio 4000 {protocol} {formats}", *[f"a={each}" for each in attributes]])


@pytest.mark.parametrize(
    ("ours", "theirs", "codec", "rate"),
    [
        (line("0 8"), line("8 0"), "PCMA", 8000),
        (line("9 0 101", "rtpmap:101 telephone-event/8000"), line("9"), "G722", 16000),
        (
            line("101 0", "rtpmap:101 telephone-event/8000"),
            line("101 0", "rtpmap:101 telephone-event/8000"),
            "PCMU",
            8000,
        ),
        (line("96", "rtpmap:96 speex/16000"), line("97", "rtpmap:97 SPEEX/16000/1"), "SPEEX", 16000),
        (line("0", "rtpmap:0 PCMU/8000"), line("0", "rtpmap:0 PCMU/nonsense"), "PCMU", 8000),
        (line("96", "rtpmap:96 L16/16000"), line("97", "rtpmap:97 L16/16000"), "L16", 16000),
        (line("11", "rtpmap:11 L16/44100"), line("11"), "L16", 44100),
        (line("9"), line("9", "rtpmap:9 g722/8000"), "g722", 16000),
        (line("0", "rtpmap:0 PCMU/8000"), line("0", "rtpmap:0 PCMU/80000000"), "PCMU", 8000),
        (line("96", "rtpmap:96 speex/16000"), line("97", "rtpmap:97  speex/16000"), "speex", 16000),
        (line("10", "rtpmap:10 L16/44100/2"), line("10"), "L16", 44100),
        (line("0"), line("8"), None, None),
        (line("0"), line("13 0"), "PCMU", 8000),
    ],
)
def test_the_peers_first_codec_that_is_ours_is_heard(ours: Media, theirs: Media, codec: str, rate: int) -> None:
    assert agreed_audio(ours, theirs)[:2] == (codec, rate)


def test_the_suite_is_the_one_that_both_have_under_one_tag() -> None:
    ours = line("0", "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:a", "crypto:2 AES_CM_128_HMAC_SHA1_32 inline:b")
    assert (
        agreed_audio(ours, line("0", "crypto:2 AES_CM_128_HMAC_SHA1_32 inline:c")).srtp_suite
        == "AES_CM_128_HMAC_SHA1_32"
    )
    assert agreed_audio(ours, line("0", "crypto:2 AES_CM_128_HMAC_SHA1_80 inline:c")).srtp_suite == ""
    assert agreed_audio(ours, line("0", "crypto:1")).srtp_suite == ""


def test_digits_are_taken_by_whom_names_their_events() -> None:
    assert takes_events(line("0 97", "rtpmap:97 Telephone-Event/8000"))
    assert not takes_events(line("0 101"))
