"""Reading authentication headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols import challenge

PIECES = [
    "Digest ",
    "Basic ",
    "realm=",
    '"a"',
    '"',
    "\\",
    ",",
    " ",
    "=",
    "nonce=x",
    'qop="auth,auth-int"',
    "\r\n ",
    "é",
]


def test_parameters_are_unquoted_and_their_names_lower_case():
    read = challenge.parse('Digest Realm="a \\"b\\" \\\\c", NONCE = xyz ,qop="auth,auth-int"')
    assert read.scheme == "digest"
    assert read.parameters == {"realm": 'a "b" \\c', "nonce": "xyz", "qop": "auth,auth-int"}


def test_several_challenges_may_share_a_line_or_have_one_each():
    line = 'Digest realm="a", nonce="1", Basic realm="b", DIGEST realm="c",nonce="2"'
    schemes = [(each.scheme, each.get("realm")) for each in challenge.parse_all([line, 'Digest realm="d"'])]
    assert schemes == [("digest", "a"), ("basic", "b"), ("digest", "c"), ("digest", "d")]


def test_a_scheme_may_have_no_parameters():
    assert [each.scheme for each in challenge.parse_all(["Negotiate, Digest realm=x"])] == ["negotiate", "digest"]


def test_parameters_without_a_scheme_are_those_of_authentication_info():
    assert challenge.parse_parameters('nextnonce="a,b", nc=00000001') == {"nextnonce": "a,b", "nc": "00000001"}


@pytest.mark.parametrize(
    "text",
    [
        'realm="a"',
        'Digest realm="a',
        "Digest realm=a, realm=b",
        'Digest "a"',
        "Digest =a",
        "",
        "Digest a=1, Digest b=2",
    ],
)
def test_what_is_no_single_challenge_is_refused(text):
    with pytest.raises(RemoteProtocolError):
        challenge.parse(text)


def test_a_scheme_among_parameters_is_refused():
    with pytest.raises(RemoteProtocolError):
        challenge.parse_parameters("nc=1, Digest a=b")


def test_a_missing_parameter_is_named():
    with pytest.raises(RemoteProtocolError, match="without nonce"):
        challenge.parse("Digest realm=a").required("nonce")


def test_there_are_limits():
    with pytest.raises(RemoteProtocolError, match="too many"):
        challenge.parse("Digest " + ",".join(f"a{number}=1" for number in range(challenge.MAX_PARAMETERS + 1)))
    with pytest.raises(RemoteProtocolError, match="more than"):
        challenge.parse_all(["Digest, " * (challenge.MAX_CHALLENGES + 1)])
    with pytest.raises(RemoteProtocolError, match="more than"):
        challenge.parse_all(["Digest"] * (challenge.MAX_CHALLENGES + 1))


def test_what_would_break_the_header_is_not_written():
    with pytest.raises(LocalProtocolError):
        challenge.quote("a\r\nTo-Path: b")


def test_the_extended_notation_is_utf_8():
    """RFC 7616 section 3.9.2."""
    assert challenge.extended("UTF-8''J%C3%A4s%C3%B8n%20Doe") == "J\u00e4s\u00f8n Doe"
    assert challenge.extended("utf-8'en'a") == "a"
    assert challenge.extended("latin-1''a") is None
    assert challenge.extended("UTF-8''%ff") is None
    assert challenge.extended("UTF-8 a") is None


@given(st.text().filter(lambda text: not any(ord(each) < 32 or ord(each) == 127 for each in text)))
def test_what_is_quoted_is_read_back(text):
    assert challenge.parse(f"Digest realm={challenge.quote(text)}").get("realm") == text


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=80))
def test_any_text_is_read_or_refused(text):
    read, status = (), 400
    try:
        read = challenge.parse_all([text])
    except RemoteProtocolError as error:
        status = error.status
    assert status == 400
    assert len(read) <= challenge.MAX_CHALLENGES


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data):
    status = 400
    try:
        challenge.parse_parameters(data.decode("utf-8", "surrogateescape"))
    except RemoteProtocolError as error:
        status = error.status
    assert status == 400
