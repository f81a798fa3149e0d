"""SIP URIs: reading, writing, and the comparison of RFC 3261 §19.1.4."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.uri import URI

NAMES = st.text("abcxyz0123456789-.!", min_size=1, max_size=8)
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


def test_all_parts_are_read():
    uri = URI.parse("SIPS:alice:secret@[2001:db8::1]:5061;Transport=TCP;lr?Subject=a%20b&x=")

    assert uri == URI(
        "sips",
        "alice",
        "secret",
        "[2001:db8::1]",
        5061,
        (("transport", "TCP"), ("lr", None)),
        (("subject", "a b"), ("x", "")),
    )
    assert uri.transport == "tcp"
    assert uri.is_loose_router
    assert "secret" not in repr(uri)


def test_what_is_absent_is_none():
    uri = URI.parse("sip:example.com")

    assert (uri.user, uri.password, uri.port, uri.transport, uri.parameter("lr")) == (None,) * 5
    assert not uri.is_loose_router


@pytest.mark.parametrize(
    "text",
    [
        "sip:%75ser@Example.COM;LR;x=%25",
        "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
        "sip:user;par=u%40example.net@example.com",
        "sip:alice:@example.com",
        "tel:+1-201-555-0123;phone-context=x",
        "urn:service:sos",
        "soap.beep://192.0.2.103:3002",
    ],
)
def test_a_uri_is_written_exactly_as_it_was_read(text):
    assert str(URI.parse(text)) == text


def test_escapes_are_decoded_in_the_parts_and_made_anew_when_a_part_is_replaced():
    uri = URI.parse("sip:sips%3Auser%40example.com@example.net;%6C%72;n%61me=v%61lue%25%34%31")

    assert uri.user == "sips:user@example.com"
    assert uri.parameters == (("lr", None), ("name", "value%41"))
    assert str(replace(uri, port=5060)) == "sip:sips%3Auser%40example.com@example.net:5060;lr;name=value%2541"


def test_bytes_that_are_no_utf8_survive():
    raw = b"sip:caf\xe9@h".decode("utf-8", "surrogateescape")

    assert URI.parse(raw).user == URI.parse("sip:caf%E9@h").user


@given(
    st.builds(
        URI,
        st.sampled_from(["sip", "sips"]),
        st.none() | TEXTS,
        st.none(),
        st.sampled_from(["example.com", "[::1]", "192.0.2.1", "my_host", "x.svc2"]),
        st.none() | st.integers(0, 65535),
        st.lists(st.tuples(NAMES, st.none() | TEXTS), max_size=3).map(tuple),
        st.lists(st.tuples(NAMES, TEXTS), max_size=3).map(tuple),
    )
)
def test_a_uri_that_was_built_is_read_back_the_same(uri):
    assert URI.parse(str(uri)) == uri


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:",
        "sip",
        "user@example.com",
        "sip:@example.com",
        "sip:alice@",
        "sip:alice@exa mple.com",
        " sip:alice@example.com",
        "<sip:alice@example.com>",
        "sip:alice@example.com:99999",
        "sip:alice@example.com:x",
        "sip:2001:db8::10",
        "sip:[2001:db8::10",
        "sip:alice@example.com;",
        "sip:alice@example.com;=x",
        "sip:alice@example.com?a",
        "sip:alice@example.com?=b",
        "sip:al%ice@example.com",
        "sip:a@h;x=%",
        "sip:a@h;x=" + "%41" * 3000,
        "1tel:x",
        "tel:",
        "sip:h" + ";a" * 65,
        "sip:h?a=b" + "&a=b" * 64,
    ],
)
def test_a_malformed_uri_is_refused(text):
    with pytest.raises(RemoteProtocolError) as refused:
        URI.parse(text)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com"),
        ("sip:biloxi.com;transport=tcp;method=REGISTER?to=b", "sip:biloxi.com;method=REGISTER;transport=tcp?To=b"),
        ("sip:a@h?subject=project%20x&priority=urgent", "sip:a@h?priority=urgent&subject=project%20x"),
        ("sip:a%3bb@h", "sip:a%3Bb@h"),
        ("tel:+1", "TEL:+1"),
    ],
)
def test_equivalent_uris_match(one, other):
    assert URI.parse(one).matches(URI.parse(other))
    assert URI.parse(other).matches(URI.parse(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sips:bob@biloxi.com"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:biloxi.com", "sip:bob@biloxi.com"),
        ("sip:bob@biloxi.com", "sip:bob:secret@biloxi.com"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:a@h", "sip:a@h;maddr=192.0.2.1"),
        ("sip:a@h", "sip:a@h;user=ip"),
        ("sip:a@h", "sip:a@h;ttl=1"),
        ("sip:a@h;method=INVITE", "sip:a@h"),
        ("sip:a%3Bb@h", "sip:a;b@h"),
        ("tel:+1", "tel:+2"),
        ("tel:+1", "sip:a@h"),
    ],
)
def test_uris_that_are_not_equivalent_do_not_match(one, other):
    assert not URI.parse(one).matches(URI.parse(other))
    assert not URI.parse(other).matches(URI.parse(one))
