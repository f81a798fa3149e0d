"""From, To, Contact and their like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.address import Address, parse_contacts
from sipsimple.protocols.sip.uri import URI

ALICE = URI("sip", "alice", host="example.com")


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        ('"Alice" <sip:alice@example.com>;tag=1', "Alice", (("tag", "1"),)),
        ('"Bell, \\"Al\\" <x>"<sip:alice@example.com> ; tag = 1', 'Bell, "Al" <x>', (("tag", "1"),)),
        ("Mr. O'Neil (home) <sip:alice@example.com>", "Mr. O'Neil (home)", ()),
        ("caller<sip:alice@example.com>", "caller", ()),
        ('"" <sip:alice@example.com>', None, ()),
        ("<sip:alice@example.com>", None, ()),
        ("sip:alice@example.com", None, ()),
        ("sip:alice@example.com ;tag=1", None, (("tag", "1"),)),
        ("José <sip:alice@example.com>", "José", ()),
    ],
)
def test_an_address_is_read_in_all_its_forms(text, name, parameters):
    assert Address.parse(text) == Address(name, ALICE, parameters)


def test_parameters_inside_brackets_are_the_uris_and_outside_the_headers():
    inside = Address.parse("<sip:a@h;unknownparam>")
    outside = Address.parse("sip:a@h;unknownparam")

    assert (inside.uri.parameter("unknownparam"), inside.parameters) == ("", ())
    assert (outside.uri.parameters, outside.parameter("unknownparam")) == ((), "")


@given(st.none() | st.text(min_size=1, max_size=20), st.lists(st.sampled_from([("tag", "1"), ("lr", None)])))
def test_an_address_that_was_built_is_read_back_the_same(name, parameters):
    address = Address(name, ALICE, tuple(parameters))

    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";tag=1",
        '"open <sip:a@h>',
        '"name" sip:a@h',
        "Bell, Alexander <sip:a@h>",
        "<sip:a@h",
        "sip:a@h>",
        "<>",
        "<sip:a@h> x",
        "<sip:a@h>;",
        "sip:a@h?Subject=x",
        "sip:a@h,sip:b@h",
        "a\x00b <sip:a@h>",
        "<<sip:a@h>>",
    ],
)
def test_a_malformed_address_is_refused(text):
    with pytest.raises(RemoteProtocolError):
        Address.parse(text)


def test_the_uri_of_an_address_is_read_when_asked_for():
    address = Address.parse("<sip:a@h:99999>;tag=1")

    assert address.tag == "1"
    assert repr(address) == "Address('<sip:a@h:99999>;tag=1')"
    with pytest.raises(RemoteProtocolError, match="port"):
        _ = address.uri
    with pytest.raises(AttributeError):
        _ = address.user


def test_a_tag_is_set_once_and_replaced_after():
    address = Address.parse("Bob <sip:bob@example.com>;x=1")

    assert address.tag is None
    assert str(address.with_tag("2").with_tag("3")) == '"Bob" <sip:bob@example.com>;x=1;tag=3'


def test_many_addresses_come_from_comma_lists_and_repeated_headers():
    found = Address.parse_many(['"a, b" <sip:a@h>, <sip:b@h;x=1,2>', "<sip:c@h>"])

    assert [(each.display_name, each.uri.user) for each in found] == [("a, b", "a"), (None, "b"), (None, "c")]


def test_the_first_address_of_a_list_is_read_without_the_rest():
    first = Address.parse_first("<sip:a@h>, malformed")

    assert first is not None
    assert first.uri.user == "a"
    assert Address.parse_first("*") is None


def test_the_wildcard_contact_stands_alone():
    assert parse_contacts(["*"]) == "*"
    assert parse_contacts([]) == ()
    with pytest.raises(RemoteProtocolError):
        parse_contacts(["*", "<sip:a@h>"])
    with pytest.raises(RemoteProtocolError):
        parse_contacts(["*, <sip:a@h>"])
