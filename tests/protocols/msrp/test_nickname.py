import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.msrp import MSRPData
from sipsimple.protocols.msrp.nickname import prepared, request, wanted
from tests.protocols.msrp.conftest import ALICE, BOB


def asking(text):
    fields = {"To-Path": BOB, "From-Path": ALICE, "Use-Nickname": text}
    return MSRPData("tid1", "NICKNAME", None, None, None, b"", "$", fields)


@given(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=40))
def test_what_is_asked_for_is_what_is_read(name):
    try:
        name = prepared(name)
    except LocalProtocolError:
        return
    assert wanted(request("tid1", BOB, ALICE, name)) == name


@pytest.mark.parametrize("name", ["Alice", 'the "real" Bob', "back\\slash", "Žofie", ""])
def test_a_name_goes_over_the_wire_as_it_is(name):
    data = request("tid1", BOB, ALICE, name).encode()
    assert data.startswith(b"MSRP tid1 NICKNAME\r\nTo-Path: ")
    assert data.endswith(b"\r\n-------tid1$\r\n")
    assert wanted(request("tid1", BOB, ALICE, name)) == name


@pytest.mark.parametrize(
    ("given_name", "known"),
    [
        ("  Alice  Cooper ", "Alice Cooper"),
        ("\u00a0Alice\u3000\u1680Cooper", "Alice Cooper"),
        ("\uff21lice", "Alice"),
    ],
)
def test_names_that_look_alike_are_alike(given_name, known):
    assert prepared(given_name) == known


@pytest.mark.parametrize("name", ["a\r\nb", "Alice\n", "a\x00", "\u200bAlice", "a\u202eb", "x" * 1024])
def test_what_cannot_be_shown_is_no_name(name):
    with pytest.raises(LocalProtocolError):
        prepared(name)


@pytest.mark.parametrize("text", ["Alice", '"Alice', 'Alice"', '"', '"a"b"', '"a\\"', '"\x07"', '"\udcff"', ""])
def test_a_malformed_name_is_424(text):
    """RFC 7701 section 7.1."""
    with pytest.raises(RemoteProtocolError) as refused:
        wanted(asking(text))
    assert refused.value.code == 424


def test_a_request_without_a_name_is_400():
    with pytest.raises(RemoteProtocolError) as refused:
        wanted(MSRPData("tid1", "NICKNAME", None, None, None, b"", "$", {"To-Path": BOB, "From-Path": ALICE}))
    assert refused.value.code == 400
