"""The m=audio line: RFC 3264 6.1, 8.4; RFC 3551; RFC 4568."""

import pytest

from sipsimple.protocols.sdp import audio_media
from sipsimple.protocols.sdp.audio_media import (
    AudioTerms,
    crossed,
    has_common_codec,
    is_found_by_ice,
    is_reached_alike,
    outward,
    refusal,
)
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Media

HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:key"


def contained(media, *session, connection="c=IN IP4 192.0.2.1"):
    head = HEAD + "".join(f"{each}\r\n" for each in ([connection] if connection else []))
    text = head + "t=0 0\r\n" + "".join(f"{each}\r\n" for each in (*session, *media))
    return audio_media.self_contained(SessionDescription.parse(text), 0)


def line(*more, formats="0 8 101", protocol="RTP/AVP", port=4000):
    return Media.parse([f"m=audio {port} {protocol} {formats}", "c=IN IP4 192.0.2.1", *more])


def test_a_line_takes_from_the_session_what_it_lacks():
    media = contained(
        ["m=audio 4000 RTP/AVP 0", "a=ice-ufrag:own"],
        *("a=sendonly", "a=ice-ufrag:theirs", "a=ice-pwd:secret", "a=setup:active", "a=tool:x"),
    )
    assert str(media.connection) == "IN IP4 192.0.2.1"
    assert media.own_direction == "sendonly"
    assert media.all("ice-ufrag") == ("own",)
    assert media.attribute("ice-pwd") == "secret"
    assert media.attribute("setup") == "active"
    assert media.attribute("tool") is None


def test_a_line_keeps_what_is_its_own():
    media = contained(["m=audio 4000 RTP/AVP 0", "c=IN IP4 192.0.2.9", "a=rtcp:4009", "a=recvonly"], "a=inactive")
    assert media.connection.address == "192.0.2.9"
    assert (media.direction, media.attribute("rtcp")) == ("recvonly", "4009")


@pytest.mark.parametrize(
    ("direction", "becomes"),
    [
        (None, "inactive"),
        ("sendrecv", "inactive"),
        ("recvonly", "inactive"),
        ("sendonly", "sendonly"),
        ("inactive", "inactive"),
    ],
)
def test_the_null_address_lets_the_peer_receive_nothing(direction, becomes):
    attributes = [] if direction is None else [f"a={direction}"]
    media = contained(["m=audio 4000 RTP/AVP 0", *attributes], connection="c=IN IP4 0.0.0.0")
    assert media.own_direction == becomes


@pytest.mark.parametrize(
    ("media", "codecs", "is_common"),
    [
        (line(formats="0"), ["pcmu"], True),
        (line(formats="9"), ["G722"], True),
        (line(formats="3"), ["PCMU", "PCMA"], False),
        (line("a=rtpmap:96 speex/16000", formats="96"), ["Speex"], True),
        (line("a=rtpmap:0 L16/44100", formats="0"), ["PCMU"], False),
        (line("a=rtpmap:101 telephone-event/8000", formats="101"), ["PCMU"], False),
        (line(formats="96"), ["PCMU"], False),
        (line("a=rtpmap:96", formats="96"), ["PCMU"], False),
    ],
)
def test_codecs_are_compared_by_name_whatever_their_number(media, codecs, is_common):
    assert has_common_codec(media, codecs) is is_common


@pytest.mark.parametrize(
    ("media", "srtp", "why"),
    [
        (line(), "off", None),
        (line(), "optional", None),
        (line(), "forced", "required"),
        (line(CRYPTO), "off", None),
        (line(CRYPTO), "forced", "required"),
        (line(CRYPTO, protocol="RTP/SAVP"), "off", "off"),
        (line(CRYPTO, protocol="RTP/SAVP"), "optional", None),
        (line(CRYPTO, protocol="rtp/savp"), "forced", None),
        (line(CRYPTO, protocol="RTP/SAVPF"), "forced", None),
        (line("a=fingerprint:SHA-256 AA", protocol="RTP/SAVP"), "optional", "without a=crypto"),
        (line("a=fingerprint:SHA-256 AA", protocol="UDP/TLS/RTP/SAVP"), "optional", "UDP/TLS/RTP/SAVP"),
        (line(protocol="TCP/RTP/AVP"), "off", "TCP/RTP/AVP"),
        (line(formats="3"), "off", "codec"),
        (Media.parse(["m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"]), "off", "IP6"),
        (Media.parse(["m=audio 4000 RTP/AVP 0"]), "off", "address"),
        (Media.parse(["m=audio 4000 RTP/AVP 0", "c=IN IP4 media.example.com"]), "off", "media.example.com"),
        (Media.parse(["m=audio 4000 RTP/AVP 0", "c=IN IP4 239.1.1.1/127"]), "off", "239.1.1.1/127"),
    ],
)
def test_a_line_is_refused_for_its_profile_its_address_or_its_codecs(media, srtp, why):
    reason = refusal(media, AudioTerms(srtp=srtp))
    assert (reason is None) if why is None else (why in reason)


def test_what_a_worker_writes_for_itself_is_not_shown():
    media = outward(
        line("b=AS:84", "b=TIAS:64000", "a=ssrc:1 cname:x", "a=X-nat:0", "a=rtcp:4001", CRYPTO, "a=sendrecv")
    )
    assert media.others == ()
    assert [each.name for each in media.attributes] == ["rtcp", "crypto", "sendrecv"]


@pytest.mark.parametrize(
    ("now", "alike"),
    [
        (line("a=recvonly", CRYPTO, formats="0"), True),
        (line("a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:key"), True),
        (line(), True),
        (line(CRYPTO, port=4002), False),
        (line("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:other"), False),
        (line(CRYPTO, "a=ice-ufrag:new"), False),
        (line(CRYPTO, protocol="RTP/SAVP"), False),
    ],
)
def test_a_peer_reaches_a_stream_as_long_as_address_and_keys_are_those_that_it_was_told(now, alike):
    assert is_reached_alike(line(CRYPTO), now) is alike


ICE = ("a=ice-ufrag:u", "a=ice-pwd:p")


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (line(*ICE, CRYPTO, port=4000), True),
        (line(*ICE, CRYPTO, port=5000), True),
        (line(*ICE), True),
        (line("a=ice-ufrag:u", "a=ice-pwd:q", CRYPTO), False),
        (line("a=ice-ufrag:v", "a=ice-pwd:p", CRYPTO), False),
        (line(CRYPTO), False),
        (line(*ICE, CRYPTO + "2"), False),
        (line(*ICE, CRYPTO, protocol="RTP/SAVP"), False),
    ],
)
def test_ice_finds_a_stream_as_long_as_its_session_and_its_keys_are_those_that_were_told(now, found):
    assert is_found_by_ice(line(*ICE, CRYPTO), now) is found
    assert not is_found_by_ice(line(CRYPTO), now), "no ICE was told"


def test_offers_without_keys_that_meet_answer_each_other_as_they_are():
    assert crossed(line(), line(port=5000)) == (line(), line(port=5000))


def test_a_key_that_the_peer_does_not_know_of_is_dropped_where_it_may_be():
    assert crossed(line(CRYPTO), line()) == (line(), line())
    assert crossed(line(CRYPTO, protocol="RTP/SAVP"), line()) is None


def test_of_keys_that_meet_the_first_suite_in_common_is_taken_on_both_sides():
    second = "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:"
    both = crossed(line(CRYPTO, second + "a"), line("a=crypto:9 X inline:q", second + "b"))
    assert both == (line(second + "a"), line(second + "b"))
    assert crossed(line(CRYPTO), line(second + "b")) is None
