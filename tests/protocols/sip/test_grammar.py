"""The lexical rules that all SIP text shares."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip import grammar


@given(st.text())
def test_a_quoted_string_says_what_was_quoted(text):
    quoted = grammar.quote(text)

    assert grammar.end_of_quoted(quoted) == len(quoted)
    assert grammar.unquote(quoted) == text


@pytest.mark.parametrize("text", ["token", '"', "", '"open'])
def test_text_without_quotes_at_both_ends_is_not_unquoted(text):
    assert grammar.unquote(text) == text


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a", ["a"]),
        (" a , b,c ", ["a", "b", "c"]),
        ('"x,y" <sip:a>, <sip:b,c>', ['"x,y" <sip:a>', "<sip:b,c>"]),
        ('"say \\",\\"" <sip:a>, b', ['"say \\",\\"" <sip:a>', "b"]),
        ("<sip:a>,,b", ["<sip:a>", "", "b"]),
    ],
)
def test_a_list_is_split_at_commas_outside_quotes_and_brackets(text, pieces):
    assert grammar.split_list(text) == pieces


@pytest.mark.parametrize("text", ['a, "open', "a, <open", '"\\", b', ",".join("a" * 129), "<a>," * 129])
def test_an_open_quote_an_open_bracket_or_too_long_a_list_is_refused(text):
    with pytest.raises(RemoteProtocolError):
        grammar.split_list(text)


def test_the_bound_of_a_list_counts_all_values_of_the_header():
    values = [",".join("a" * 100)] * 2

    assert len(grammar.split_values(values[:1])) == 100
    with pytest.raises(RemoteProtocolError):
        grammar.split_values(values)


@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_a_number_may_have_leading_zeros(value, zeros):
    assert grammar.number("0" * zeros + str(value), "it") == value


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1 ", "1e3", "٣", "²", "x" * 70000])
def test_what_is_no_decimal_number_is_refused(text):
    with pytest.raises(RemoteProtocolError, match="is not a number"):
        grammar.number(text, "it")


@pytest.mark.parametrize("text", ["256", "1" * 19, "9" * 60000, "0" * 30 + "256"])
def test_a_number_above_its_limit_is_refused_or_clamped(text):
    assert grammar.number(text, "it", 255, clamp=True) == 255
    with pytest.raises(RemoteProtocolError, match="it is too large"):
        grammar.number(text, "it", 255)


def test_a_port_has_sixteen_bits():
    assert grammar.port_number("65535") == 65535
    assert grammar.port_number(None) is None
    with pytest.raises(RemoteProtocolError):
        grammar.port_number("65536")


@pytest.mark.parametrize(("bare", "text"), [("::1", "[::1]"), ("10.0.0.1", "10.0.0.1"), ("example.com", "example.com")])
def test_an_ipv6_address_stands_in_brackets_in_text_only(bare, text):
    assert grammar.bracketed(bare) == text
    assert grammar.bracketed(text) == text
    assert grammar.unbracketed(text) == bare


@pytest.mark.parametrize(
    ("host", "literal"),
    [
        ("192.0.2.1", True),
        ("::1", True),
        ("[2001:db8::1]", True),
        ("example.com", False),
        ("192.0.2", False),
        ("", False),
    ],
)
def test_an_address_is_told_from_a_name(host, literal):
    assert grammar.is_ip_literal(host) is literal


def test_a_host_that_is_too_long_for_an_address_is_not_kept():
    """Peers choose the hosts: as many long ones as are remembered would fill the memory."""
    host = "a" * 60_000
    before = sys.getrefcount(host)
    assert not grammar.is_ip_literal(host)
    assert sys.getrefcount(host) == before
