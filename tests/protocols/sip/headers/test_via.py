"""Via values."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.via import Via


def test_all_parts_are_read():
    via = Via.parse("SIP/2.0/udp [2001:DB8::1]:5070;branch=z9hG4bK1;received=192.0.2.1;rport=4000")

    assert (via.transport, via.host, via.port) == ("UDP", "[2001:DB8::1]", 5070)
    assert (via.branch, via.received, via.rport, via.wants_rport) == ("z9hG4bK1", "192.0.2.1", 4000, True)
    assert via.sent_by == "[2001:db8::1]:5070"


def test_what_is_absent_is_none():
    via = Via.parse("SIP/2.0/TCP example.com")

    assert (via.port, via.branch, via.received, via.rport, via.wants_rport) == (None, None, None, None, False)
    assert via.sent_by == "example.com"


def test_an_rport_without_value_is_wanted_and_not_known():
    via = Via.parse("SIP/2.0/UDP h;rport;branch=x")

    assert (via.wants_rport, via.rport) == (True, None)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("sip / 2.0 / TCP \t h : 5060 ; branch = x", "SIP/2.0/TCP h:5060;branch=x"),
        ("SIP/2.0/UDP my_host", "SIP/2.0/UDP my_host"),
        ("SIP/2.0/X-NEW h;received=2001:db8::1", "SIP/2.0/X-NEW h;received=2001:db8::1"),
        ("SIP/2.0/UDP h;received=[2001:db8::1]", "SIP/2.0/UDP h;received=[2001:db8::1]"),
    ],
)
def test_blanks_are_allowed_and_not_written(text, written):
    assert str(Via.parse(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/7.0/UDP h",
        "SIP/2.0 h",
        "HTTP/2.0/UDP h",
        "SIP/2.0/UDP h:65536",
        "SIP/2.0/UDP h:",
        "SIP/2.0/UDP h h",
        "SIP/2.0/UDP 2001:db8::1",
        "SIP/2.0/UDP 192.0.2.15;;,;,,",
        "SIP/2.0/" + "U" * 60000,
        "SIP" + " " * 60000,
    ],
)
def test_a_malformed_via_is_refused(text):
    with pytest.raises(RemoteProtocolError):
        Via.parse(text)


@pytest.mark.parametrize("rport", ["x", "65536", "-1", "1 2"])
def test_an_rport_that_is_no_port_is_refused_when_read(rport):
    with pytest.raises(RemoteProtocolError):
        _ = Via.parse(f"SIP/2.0/UDP h;rport={rport}").rport


def test_the_top_via_is_the_first_of_a_list():
    text = 'SIP/2.0/UDP a;x="1,2", SIP/2.0/UDP b'

    assert Via.parse_top(text).host == "a"
    assert [via.host for via in Via.parse_many([text, "SIP/2.0/UDP c"])] == ["a", "b", "c"]
