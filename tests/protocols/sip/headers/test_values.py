"""The small header values: CSeq, media types, token lists, numbers, and the names of headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers import tokens
from sipsimple.protocols.sip.headers.cseq import CSeq
from sipsimple.protocols.sip.headers.media_type import MediaType
from sipsimple.protocols.sip.headers.names import KEYS, SPELLINGS, key_of


@given(st.integers(0, 2**31 - 1), st.sampled_from(["INVITE", "x-new.method"]))
def test_a_cseq_is_read_back_as_written(number, method):
    assert CSeq.parse(str(CSeq(number, method))) == CSeq(number, method)


def test_a_cseq_may_have_leading_zeros_and_several_blanks():
    assert CSeq.parse("0009 \t INVITE") == CSeq(9, "INVITE")


@pytest.mark.parametrize("text", ["", "1", "INVITE", "-1 INVITE", "2147483648 INVITE", "1 IN VITE", "1 <>", "9" * 5000])
def test_a_malformed_cseq_is_refused(text):
    with pytest.raises(RemoteProtocolError):
        CSeq.parse(text)


def test_a_media_type_is_read_without_regard_to_case():
    media_type = MediaType.parse('Multipart/Mixed ; Boundary="a;B"')

    assert media_type.essence == "multipart/mixed"
    assert media_type.parameter("boundary") == "a;B"
    assert str(media_type) == 'multipart/mixed;boundary="a;B"'


@pytest.mark.parametrize("text", ["", "text", "text/", "/plain", "text/plain x", "text/pla in", "a/b;"])
def test_a_malformed_media_type_is_refused(text):
    with pytest.raises(RemoteProtocolError):
        MediaType.parse(text)


def test_token_lists_join_all_values_and_pass_over_empty_places():
    assert tokens.parse_tokens(["100rel, timer,", "", " replaces"]) == ("100rel", "timer", "replaces")
    assert tokens.parse_tokens([]) == ()
    with pytest.raises(RemoteProtocolError):
        tokens.parse_tokens(["100 rel"])


def test_reasons_keep_their_own_syntax():
    assert tokens.parse_texts(['SIP;cause=200;text="a, b", Q.850;cause=16']) == (
        'SIP;cause=200;text="a, b"',
        "Q.850;cause=16",
    )


def test_each_number_has_its_limit():
    assert tokens.parse_max_forwards("0068") == 68
    assert tokens.parse_delta_seconds("1" * 100) == tokens.MAX_DELTA_SECONDS
    with pytest.raises(RemoteProtocolError):
        tokens.parse_max_forwards("256")
    with pytest.raises(RemoteProtocolError):
        tokens.parse_length("4294967296")


@pytest.mark.parametrize("text", ["18000;duration=3600", "18000 (in a meeting)", "18000"])
def test_retry_after_is_read_without_comment_and_parameters(text):
    assert tokens.parse_retry_after(text) == 18000


@pytest.mark.parametrize("name", ["Call-ID", "call-id", "CALL-ID", "i", "I", " call-Id\t"])
def test_every_spelling_of_a_name_has_one_key(name):
    assert key_of(name) == "call-id"


@pytest.mark.parametrize(
    ("letter", "name"),
    [
        tuple(each.split())
        for each in [
            *("a Accept-Contact", "b Referred-By", "c Content-Type", "d Request-Disposition", "e Content-Encoding"),
            *(
                "f From",
                "i Call-ID",
                "j Reject-Contact",
                "k Supported",
                "l Content-Length",
                "m Contact",
                "n Identity-Info",
            ),
            *(
                "o Event",
                "r Refer-To",
                "s Subject",
                "t To",
                "u Allow-Events",
                "v Via",
                "x Session-Expires",
                "y Identity",
            ),
        ]
    ],
)
def test_a_letter_stands_for_the_name_that_it_is_registered_for(letter, name):
    assert key_of(letter) == key_of(letter.upper()) == name.lower()


def test_an_unknown_name_is_its_own_key():
    assert key_of("X-New") == "x-new"


@pytest.mark.parametrize("name", ["", " ", "a b", "a\x00", "naïve", "a:"])
def test_a_name_that_is_no_token_is_refused(name):
    with pytest.raises(RemoteProtocolError):
        key_of(name)


def test_every_key_has_a_written_form():
    assert set(KEYS.values()) == set(SPELLINGS)
