"""What a URI asks for, and which target is next."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.resolve.targets import Destination, Target, chosen

ONE, TWO, THREE = (Target("udp", f"192.0.2.{number}", 5060) for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sip:bob@192.0.2.1", Destination("192.0.2.1", domain="192.0.2.1")),
        ("sip:bob@EXAMPLE.com.:5070;transport=TCP", Destination("example.com", 5070, "tcp", domain="example.com")),
        ("<sip:proxy.example.com;lr>", Destination("proxy.example.com", domain="proxy.example.com")),
        ("sips:bob@example.com", Destination("example.com", None, None, True, "example.com")),
        ("sips:bob@example.com;transport=udp", Destination("example.com", None, "tls", True, "example.com")),
        ("sip:bob@[2001:db8::1]:5080", Destination("2001:db8::1", 5080, domain="2001:db8::1")),
        ("sip:x@a.example;maddr=[2001:db8::9]", Destination("2001:db8::9", domain="a.example")),
        ("tel:+15551234", Destination("", domain="")),
    ],
)
def test_the_uri_says_where_and_how(text, expected):
    """RFC 3263 4.1."""
    assert Destination.parse(text) == expected


def test_what_is_no_uri_is_refused():
    with pytest.raises(RemoteProtocolError):
        Destination.parse("not a uri")


def test_targets_are_tried_in_order_each_once():
    """RFC 3263 4.3."""
    targets = (ONE, TWO, THREE)
    assert chosen(targets) == ONE
    assert chosen(targets, {ONE.way}) == TWO
    assert chosen(targets, {ONE.way, TWO.way, THREE.way}) is None


def test_what_is_avoided_is_tried_when_nothing_else_is_left():
    targets = (ONE, TWO)
    assert chosen(targets, avoided={ONE.way}) == TWO
    assert chosen(targets, avoided={ONE.way, TWO.way}) == ONE
    assert chosen(targets, tried={TWO.way}, avoided={ONE.way}) == ONE
    assert chosen(targets, tried={ONE.way}, avoided={ONE.way, TWO.way}) == TWO
