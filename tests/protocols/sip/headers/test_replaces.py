"""Replaces: read, written, refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.replaces import Replaces


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff",
            Replaces("98732@sip.example.com", "ff87ff", "r33th4x0r"),
        ),
        ("12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only", Replaces("12adf2f34456gs5", "12345", "54321", True)),
        (" a@b ; To-Tag = 1 ; from-tag=2;x=y", Replaces("a@b", "1", "2")),
    ],
)
def test_a_value_names_the_dialog_as_its_receiver_sees_it(text, value):
    assert Replaces.of([text]) == value
    assert Replaces.parse(str(value)) == value


def test_a_request_without_the_header_replaces_nothing():
    assert Replaces.of([]) is None


@pytest.mark.parametrize(
    "values",
    [
        ["a;to-tag=1;from-tag=2", "b;to-tag=1;from-tag=2"],
        ["a;to-tag=1;from-tag=2, b;to-tag=1;from-tag=2"],
        ["a;to-tag=1"],
        ["a;from-tag=1"],
        ["a;to-tag=1;to-tag=1;from-tag=2"],
        ["a;to-tag;from-tag=2"],
        [";to-tag=1;from-tag=2"],
        ["a b;to-tag=1;from-tag=2"],
        [""],
        ['a;to-tag="1\r\nX: 1";from-tag=2'],
    ],
)
def test_what_names_no_single_dialog_is_refused_with_400(values):
    with pytest.raises(RemoteProtocolError) as caught:
        Replaces.of(values)
    assert caught.value.status == 400


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(RemoteProtocolError):
        value = Replaces.parse(text)
        assert Replaces.parse(str(value)) == value
