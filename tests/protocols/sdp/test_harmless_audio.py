"""What the audio engine is given of a peer's line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sdp.harmless_audio import MOST_FORMATS, harmless, is_ipv4
from sipsimple.protocols.sdp.media import Media


def line(formats: str, *attributes: str) -> Media:
    head = [f"m=audio 4000 RTP/AVP {formats}", "c=IN IP4 192.0.2.1", "b=AS:64"]
    return Media.parse([*head, *[f"a={each}" for each in attributes]])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0 8 101", "0 8"),
        ("0 120 abc 300 0", "0"),
        ("0 ² 0008 -1", "0"),
        ("13 19 95", "13 19 95"),
        ("0 96", "0"),
    ],
)
def test_a_format_without_a_name_does_not_cost_the_others(given: str, kept: str) -> None:
    assert harmless(line(given)).formats == tuple(kept.split())


@pytest.mark.parametrize("description", ["101", "101 telephone-event", "101 telephone-event/", "101 x/8000/z", "x"])
def test_a_name_that_is_none_does_not_count(description: str) -> None:
    assert harmless(line("0 101", f"rtpmap:{description}")).formats == ("0",)


def test_a_payload_type_is_a_number_of_seven_bits() -> None:
    given = line("96 127 128", *[f"rtpmap:{each} speex/8000" for each in (96, 127, 128)])
    assert harmless(given).formats == ("96", "127")


def test_names_and_parameters_go_with_their_formats() -> None:
    found = harmless(line("0 101", "rtpmap:101 telephone-event/8000", "fmtp:101 0-15", "rtpmap:97 speex/8000", "fmtp:"))
    assert [str(each) for each in found.attributes] == ["rtpmap:101 telephone-event/8000", "fmtp:101 0-15"]


@pytest.mark.parametrize(
    ("attribute", "is_kept"),
    [
        ("rtcp:4001", True),
        ("rtcp:4001 IN IP4 192.0.2.1", True),
        ("rtcp:4001 IN IP4 media.example.com", False),
        ("rtcp:", False),
        ("candidate:1 1 UDP 2130706431 192.0.2.1 4000 typ host", True),
        ("candidate:1 1 UDP 2130706431 2001:db8::1 4000 typ host", True),
        ("candidate:1 1 UDP 2130706431 4f2a.local 4000 typ host", False),
        ("candidate:1", False),
        ("remote-candidates:1 media.example.com 4000", False),
        ("crypto:1 AES_CM_128_HMAC_SHA1_80 inline:key", True),
        ("sendonly", True),
        ("ssrc:1 cname:x", False),
        ("extmap:1 urn:x", False),
    ],
)
def test_no_name_has_to_be_looked_up_and_nothing_foreign_is_passed_on(attribute: str, is_kept: bool) -> None:
    assert [str(each) for each in harmless(line("0", attribute)).attributes] == ([attribute] if is_kept else [])


def test_so_many_formats_are_passed_on_as_the_engine_reads() -> None:
    assert len(harmless(line(" ".join(str(each) for each in range(96)))).formats) == MOST_FORMATS


def test_what_an_ordinary_line_says_stays_but_for_its_bandwidth() -> None:
    before = line("8 101", "rtpmap:8 PCMA/8000", "rtpmap:101 telephone-event/8000", "ptime:20", "recvonly")
    assert harmless(before) == before.with_(others=())


@given(st.text(), st.text())
def test_whatever_a_peer_writes_is_taken_without_an_error_and_twice_is_as_once(name: str, value: str) -> None:
    try:
        before = line("0 101", f"{name}:{value}", f"rtpmap:{value}", f"rtcp:{value}", f"candidate:{value}")
    except ValueError:
        return
    assert harmless(harmless(before)) == harmless(before)


@pytest.mark.parametrize(
    ("text", "is_one"), [("192.0.2.1", True), ("192.0.2.1/127", False), ("a.example", False), ("::1", False)]
)
def test_an_address_is_told_from_a_name(text: str, is_one: bool) -> None:
    assert is_ipv4(text) is is_one
