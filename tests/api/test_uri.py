"""SIPURI: what is read, what is written, what is equal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.core import SIPURI, Credentials, Engine, SIPCoreError
from sipsimple.session import Session

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
HOSTS = st.sampled_from(["example.com", "192.0.2.1", "::1", "2001:db8::5", "localhost"])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sip:alice@example.com", None),
        ("sips:example.com:5061", None),
        ("sip:alice:secret@example.com;transport=tcp;lr?subject=hi", None),
        ("sip:bob@[2001:db8::1]:5070", None),
        ('"Alice A." <sip:alice@example.com>;tag=x', '"Alice A." <sip:alice@example.com>'),
        ("<sip:alice@example.com;transport=tcp>", "sip:alice@example.com;transport=tcp"),
        ("Bob <sips:bob@example.com>", '"Bob" <sips:bob@example.com>'),
    ],
)
def test_what_is_read_is_written_again(text, written):
    uri = SIPURI.parse(text)
    assert str(uri) == (written or text)
    assert repr(uri) == f'<SIPURI "{uri}">'
    assert SIPURI.parse(str(uri)) == uri


def test_the_host_of_an_ipv6_address_has_no_brackets_and_its_text_has():
    for host in ("2001:db8::1", "[2001:db8::1]"):
        uri = SIPURI(host, "bob", port=5070)
        assert uri.host == "2001:db8::1"
        assert str(uri) == "sip:bob@[2001:db8::1]:5070"


@pytest.mark.parametrize(
    "text",
    ["", "alice", "sip:", "sip:alice@", "sip:a@b:99999", "sip:a@b c", "tel:+1", "http://b", "sip:[::1", "<sip:a@b"],
)
def test_what_is_no_sip_uri_raises_sip_core_error(text):
    with pytest.raises(SIPCoreError, match="not a SIP URI"):
        SIPURI.parse(text)
    with pytest.raises(SIPCoreError):
        Engine().parse_sip_uri(text)


def test_only_text_is_read():
    with pytest.raises(TypeError, match="bytes"):
        SIPURI.parse(b"sip:a@b")


@pytest.mark.parametrize("host", ["", "a b", "a;b", "a@b", "a\r\nX: y", "a>b", None])
def test_a_host_that_would_break_the_line_is_refused(host):
    with pytest.raises(ValueError, match="host"):
        SIPURI(host)


@pytest.mark.parametrize("text", ["sip:bob@example.com", "bob@example.com", "example.com:5060"])
def test_who_gives_a_whole_uri_for_the_host_is_told_what_reads_one(text):
    with pytest.raises(ValueError, match=r"host must be .*; SIPURI.parse\(\) reads a whole URI"):
        SIPURI(text)


def test_who_gives_text_for_a_uri_is_told_what_reads_it():
    with pytest.raises(TypeError, match=r"uri must be a SIPURI, not str; SIPURI.parse\(\) reads one"):
        Credentials("sip:alice@example.com")
    with pytest.raises(TypeError, match=r"callee_uri must be a SIPURI, not str; SIPURI.parse\(\) reads one"):
        Session().connect("sip:bob@example.com", Credentials(SIPURI("example.com", "alice")), chat=True)


def test_a_display_name_that_would_break_the_line_and_a_port_out_of_range_are_refused():
    with pytest.raises(ValueError, match="display"):
        SIPURI("example.com", display="a\r\nX: y")
    with pytest.raises(ValueError, match="port"):
        SIPURI("example.com", port=65536)


@pytest.mark.parametrize("port", [True, 5060.5, 5060.0, "5060"])
def test_a_port_is_an_int(port):
    with pytest.raises(TypeError, match="port"):
        SIPURI("example.com", port=port)


@pytest.mark.parametrize("part", ["user", "password", "display"])
def test_text_that_utf_8_cannot_write_is_refused(part):
    with pytest.raises(ValueError, match=part):
        SIPURI("example.com", **{part: "a\ud800"})
    with pytest.raises(TypeError, match=part):
        SIPURI("example.com", **{part: b"a"})


def test_an_empty_user_is_none():
    assert str(SIPURI("example.com", "")) == "sip:example.com"


def test_a_display_name_of_a_peer_that_is_not_utf_8_is_shown_with_a_sign_for_it():
    uri = SIPURI.parse('"J\udcfcrgen" <sip:j%FC@example.com>')
    assert uri.display == "J\ufffdrgen"
    assert SIPURI.parse(str(uri)) == uri
    assert str(uri.uri()) == "sip:j%FC@example.com"


@pytest.mark.parametrize("text", ['"a\r\nX: y" <sip:a@b>', '"\ud800" <sip:a@b>', "sip:\ud800@b"])
def test_what_could_not_be_written_again_is_not_read(text):
    with pytest.raises(SIPCoreError, match="not a SIP URI"):
        SIPURI.parse(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@EXAMPLE.com", "sip:alice@example.com"),
        ("sip:a@b;Transport=TCP", "sip:a@b;transport=tcp"),
        ("sip:a@b;x=1;y=2", "sip:a@b;y=2;x=1"),
        ("sip:a@b;x=1", "sip:a@b"),
        ('"A" <sip:a@b>', "sip:a@b"),
    ],
)
def test_uris_that_mean_the_same_are_equal_and_hash_alike(one, other):
    left, right = SIPURI.parse(one), SIPURI.parse(other)
    assert left == right
    assert left.matches(right)
    assert hash(left) == hash(right)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:alice@b", "sip:Alice@b"),
        ("sip:a@b", "sips:a@b"),
        ("sip:a@b", "sip:a@b:5060"),
        ("sip:a@b", "sip:a@b;transport=udp"),
        ("sip:a@b", "sip:a:x@b"),
        ("sip:a@b", "sip:b"),
        ("sip:a@b?s=1", "sip:a@b"),
    ],
)
def test_uris_that_differ_by_rfc_3261_are_not_equal(one, other):
    assert SIPURI.parse(one) != SIPURI.parse(other)


def test_a_uri_is_not_equal_to_its_text():
    assert SIPURI("b") != "sip:b"


@pytest.mark.parametrize("way", [SIPURI.copy, SIPURI.twin])
def test_a_copy_is_equal_and_its_own(way):
    uri = SIPURI("b", "a", "p", 5060, "A", True, {"x": "1"}, {"h": "v"})
    copy = way(uri)
    assert (copy, str(copy)) == (uri, str(uri))
    assert {name: getattr(copy, name) for name in SIPURI.__slots__} == {
        name: getattr(uri, name) for name in SIPURI.__slots__
    }
    copy.parameters["x"] = "2"
    assert uri.parameters == {"x": "1"}


@given(user=TEXT, password=st.none() | TEXT, host=HOSTS, display=st.none() | TEXT, value=TEXT, secure=st.booleans())
def test_any_uri_that_can_be_made_can_be_written_and_read(user, password, host, display, value, secure):
    uri = SIPURI(host, user, password, 5060, display, secure, {"x": value, "flag": None}, {"h": value})
    again = SIPURI.parse(str(uri))
    assert again == uri
    assert (again.user, again.password, again.host, again.port) == (user, password, host, 5060)
    assert (again.parameters, again.headers) == ({"x": value, "flag": None}, {"h": value})


def test_what_is_read_twice_is_two_objects_and_a_change_of_one_is_none_of_the_other():
    one, other = SIPURI.parse("<sip:alice@example.org;lr>"), SIPURI.parse("<sip:alice@example.org;lr>")
    one.parameters["transport"] = "tcp"
    one.user = "bob"
    assert str(other) == str(SIPURI.parse("<sip:alice@example.org;lr>")) == "sip:alice@example.org;lr"
