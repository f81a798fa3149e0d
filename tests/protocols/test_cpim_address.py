"""Addresses in a CPIM wrapper: who is meant."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.cpim_address import format_address, parse_address, same_address


@pytest.mark.parametrize(
    ("value", "display_name", "uri"),
    [
        ("<sip:bob@b>", None, "sip:bob@b"),
        ("Bob <sip:bob@b>", "Bob", "sip:bob@b"),
        ('"Bob B." <sip:bob@b;x=y>', "Bob B.", "sip:bob@b;x=y"),
        ('"" <im:bob@b>', None, "im:bob@b"),
        ('" <im:bob@b>', '"', "im:bob@b"),
        ("sip:bob@b", None, "sip:bob@b"),
        (" bob@b ", None, "sip:bob@b"),
        ("<bob@b:5060>", None, "sip:bob@b:5060"),
        ("<host>", None, "sip:host"),
        ("tel:+1", None, "tel:+1"),
    ],
)
def test_an_address_may_have_a_name_and_need_not_have_a_scheme(value, display_name, uri):
    assert parse_address(value) == (display_name, uri)


@pytest.mark.parametrize("value", ["", "Bob", "Bob <>", "<>", "<sip:bob@b", '"Bob"'])
def test_what_names_nobody_is_refused(value):
    with pytest.raises(RemoteProtocolError):
        parse_address(value)


@pytest.mark.parametrize(
    ("name", "written"), [(None, "<sip:b@b>"), ("", "<sip:b@b>"), ('B "o"', '"B \\"o\\"" <sip:b@b>')]
)
def test_a_name_is_quoted_and_none_is_left_out(name, written):
    assert format_address("sip:b@b", name) == written


@pytest.mark.parametrize(
    "other",
    [
        "<sip:bob@b.example>",
        "sip:bob@b.example",
        '"Bob" <sips:bob@B.EXAMPLE;transport=tcp;x=y>',
        "<im:bob@b.example?Subject=a;b>",
        "< SIP:bob@b.example >",
        "<bob@b.example>",
    ],
)
def test_user_and_host_tell_who_it_is_whatever_the_scheme_and_the_parameters(other):
    assert same_address("Bob <sip:bob@b.example>", other)


@pytest.mark.parametrize(
    "other", ["<sip:Bob@b.example>", "<sip:bob@c.example>", "<sip:b.example>", "<sip:bobby@b.example>"]
)
def test_another_user_or_host_is_somebody_else(other):
    assert not same_address("<sip:bob@b.example>", other)
