"""Multipart bodies: RFC 2046 5.1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.multipart import MOST_HEADER_BYTES, MOST_PARTS, Part, parts

TWO = b"before\r\n--b\r\nContent-Type: a/b;\r\n  c=d\r\n\r\none\r\n\r\n--b \t\r\n\r\ntwo\r\n--b--\r\nafter\r\n--b\r\nx"


def test_the_parts_between_the_boundaries_are_read_and_nothing_else():
    assert parts(TWO, "b") == (Part((("content-type", "a/b; c=d"),), b"one\r\n"), Part((), b"two"))


def test_a_header_is_found_by_its_name_and_the_first_of_two_counts():
    (part,) = parts(b"--b\r\nX-Y : 1\r\nx-y:2\r\n\r\n--b--", "b")
    assert (part.get("x-y"), part.get("z"), part.body) == ("1", None, b"")


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (TWO, ""),
        (TWO.replace(b"--b", b"--" + b"b" * 71), "b" * 71),
        (TWO, "x"),
        (b"", "b"),
        (b"--b\r\n\r\none", "b"),
        (b"--bb\r\n\r\none\r\n--b--", "b"),
        (b"--b", "b"),
        (b"--b\r\nno header\r\n\r\none\r\n--b--", "b"),
        (b"--b\r\nContent-Type: a/b\r\n--b--", "b"),
        (b"--b\r\nX: " + b"x" * MOST_HEADER_BYTES + b"\r\n\r\n\r\n--b--", "b"),
        (b"--b\r\n\r\n\r\n" * (MOST_PARTS + 1) + b"--b--", "b"),
    ],
)
def test_what_cannot_be_cut_is_refused(body, boundary):
    with pytest.raises(RemoteProtocolError) as error:
        parts(body, boundary)
    assert error.value.status == 400


def test_a_boundary_may_be_as_long_as_the_rfc_lets_it():
    assert len(parts(TWO.replace(b"--b", b"--" + b"b" * 70), "b" * 70)) == 2


def test_as_many_parts_as_may_be_are_taken():
    assert len(parts(b"--b\r\n\r\n\r\n" * MOST_PARTS + b"--b--", "b")) == MOST_PARTS


@given(st.binary(max_size=200), st.text(max_size=5))
def test_any_bytes_are_cut_or_refused(body, boundary):
    try:
        found = parts(body, boundary)
    except RemoteProtocolError:
        return
    assert sum(len(each.body) for each in found) <= len(body)


@given(st.lists(st.binary(max_size=30).filter(lambda each: b"--b" not in each), max_size=5))
def test_what_was_put_together_is_cut_again(bodies):
    whole = b"".join(b"\r\n--b\r\nA: 1\r\n\r\n" + each for each in bodies) + b"\r\n--b--"
    assert [each.body for each in parts(whole, "b")] == bodies
