"""From a URI to a flow."""

import pytest

from sipsimple.actors.wire.resolver import NextHop, next_hop
from sipsimple.errors import RemoteProtocolError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sip:bob@192.0.2.1", NextHop("192.0.2.1", 5060, "udp")),
        ("sip:bob@192.0.2.1:5070;transport=TCP", NextHop("192.0.2.1", 5070, "tcp")),
        ("<sip:proxy.example.com;lr;transport=tcp>", NextHop("proxy.example.com", 5060, "tcp")),
        ("sips:bob@example.com", NextHop("example.com", 5061, "tls")),
        ("sips:bob@example.com;transport=tcp", NextHop("example.com", 5061, "tls")),
        ("sip:bob@[2001:db8::1]:5080", NextHop("2001:db8::1", 5080, "udp")),
    ],
)
def test_the_uri_says_where_and_how(text, expected):
    """RFC 3263 4.1, 4.2 without DNS."""
    assert next_hop(text) == expected


def test_a_transport_that_is_asked_for_overrides_the_uri():
    """RFC 3261 18.1.1: a large request goes by TCP whatever the URI says."""
    assert next_hop("sip:bob@192.0.2.1:5070", "tcp") == NextHop("192.0.2.1", 5070, "tcp")


def test_what_is_no_uri_is_refused():
    """The caller turns it into a failed target."""
    with pytest.raises(RemoteProtocolError):
        next_hop("not a uri")
