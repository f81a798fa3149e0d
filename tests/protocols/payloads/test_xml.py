"""XML as a value: whole round trips, and what no peer may make us read."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.payloads.xml import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, Element, parse_xml

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
SPACES = st.sampled_from(["", "urn:a", "urn:b", "urn:ietf:params:xml:ns:pidf"])
LOCALS = st.sampled_from(["a", "b", "note", "x-y"])


def _name(space: str, local: str) -> str:
    return f"{{{space}}}{local}" if space else local


NAMES = st.builds(_name, SPACES, LOCALS)
ATTRIBUTES = st.dictionaries(NAMES, TEXT | st.just("\r\n\t\"'<&>"), max_size=3).map(lambda found: tuple(found.items()))
LEAVES = st.builds(Element, NAMES, ATTRIBUTES, TEXT.map(lambda text: (text,) if text else ()))
TREES = st.recursive(
    LEAVES, lambda inner: st.builds(Element, NAMES, ATTRIBUTES, st.lists(inner, min_size=1, max_size=4).map(tuple))
)


@given(TREES)
def test_what_is_written_is_read_as_it_was(element):
    assert parse_xml(bytes(element)) == element


@given(TREES)
def test_writing_what_was_read_changes_nothing(element):
    once = bytes(element)
    assert bytes(parse_xml(once)) == once


@given(st.binary(max_size=200) | TREES.map(lambda tree: bytes(tree)[3:]))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(RemoteProtocolError):
        parse_xml(data)


def test_prefixes_stay_as_the_sender_chose_them():
    data = b'<q:a xmlns:q="urn:q" q:type="q:thing"><q:b/></q:a>'
    assert data in bytes(parse_xml(data))


def test_text_between_elements_is_kept_and_white_space_is_not():
    assert parse_xml(b"<a>\n  <b/> and <c/>\n</a>").children == (Element("b"), " and ", Element("c"))


BOMB = b'<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>'
EXTERNAL = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
REFUSED = {
    "entities": BOMB,
    "external entities": EXTERNAL,
    "a document type": b'<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>',
    "an unknown encoding": b'<?xml version="1.0" encoding="nonesuch"?><a/>',
    "an encoding that is no charset": b'<?xml version="1.0" encoding="hex"?><a/>',
    "a prefix that nobody declared": b"<x:a/>",
    "two roots": b"<a/><b/>",
    "an open end": b"<a>",
    "nothing": b"",
    "an undeclared entity": b"<a>&nbsp;</a>",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_no_plain_document_is_refused(data):
    with pytest.raises(RemoteProtocolError):
        parse_xml(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
        b"<a>" * 200_000,
        b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>",
        b"<a>" + b"x" * MAX_BYTES + b"</a>",
    ],
    ids=["deep", "deeper", "wide", "long"],
)
def test_a_document_without_measure_is_refused_with_413(data):
    with pytest.raises(RemoteProtocolError) as refused:
        parse_xml(data)
    assert refused.value.status == 413


def test_as_deep_as_allowed_is_read_and_written():
    data = b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH
    assert parse_xml(bytes(parse_xml(data))) == parse_xml(data)


@pytest.mark.parametrize(
    "element",
    [Element("a", (), ("\0",)), Element("a b"), Element("a", (("x", "\ud800"),)), Element(""), Element("a><b")],
    ids=["control", "space", "surrogate", "no name", "markup"],
)
def test_ours_is_refused_when_xml_cannot_carry_it(element):
    with pytest.raises(LocalProtocolError):
        bytes(element)


def test_ours_is_refused_when_it_is_too_deep():
    element = Element("a")
    for _ in range(MAX_DEPTH):
        element = Element("a", (), (element,))
    with pytest.raises(LocalProtocolError):
        bytes(element)
