"""Where the next request of a dialog goes: RFC 3261 8.1.2, 12.2.1.1, 19.1.1."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.via import Via
from sipsimple.protocols.sip.next_hop import around, is_same, is_sender, still, towards
from sipsimple.protocols.sip.transport import Flow

UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5070))
OURS = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 5070), 7)
THEIRS = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 49152), 8, ("192.0.2.9", 5070))


@pytest.mark.parametrize("flow", [UDP, OURS, THEIRS])
@pytest.mark.parametrize("hop", ["sip:a@peer.example", "<sip:peer.example;lr>", "sip:x@192.0.2.9;maddr=peer.example"])
def test_a_name_is_to_be_looked_up(flow, hop):
    assert towards(flow, hop) is None
    assert still(flow, hop) is None
    assert around(flow, hop) is None


@pytest.mark.parametrize("hop", ["tel:+31", "sip:a@peer.example;transport=ws", "sip:a@192.0.2.77;transport=sctp"])
def test_what_no_transport_of_ours_reaches_is_left_to_the_flow(hop):
    assert towards(UDP, hop) is UDP
    assert around(UDP, hop) is None


@pytest.mark.parametrize(
    ("flow", "hop"),
    [
        (UDP, "sip:a@192.0.2.9:5070"),
        (OURS, "sip:a@192.0.2.9:5070;transport=tcp"),
        (OURS, "sip:a@192.0.2.9"),
        (THEIRS, "sip:a@192.0.2.9:49152;transport=tcp"),
        (THEIRS, "<sip:192.0.2.9:5070;transport=tcp;lr>"),
        (THEIRS, "sip:a@192.0.2.9"),
        (OURS, "sip:a@peer.example:5070;transport=tcp;maddr=192.0.2.9"),
    ],
)
def test_a_flow_that_leads_there_is_kept(flow, hop):
    """A connection whatever is said of the transport, and one of the peer at its listening port too."""
    assert towards(flow, hop) is flow
    assert still(flow, hop) is flow


@pytest.mark.parametrize(
    ("flow", "hop", "transport", "remote"),
    [
        (UDP, "sip:a@192.0.2.9", "udp", ("192.0.2.9", 5060)),
        (OURS, "sip:a@192.0.2.9:5071;transport=tcp", "tcp", ("192.0.2.9", 5071)),
        (THEIRS, "sip:a@192.0.2.9:5071;transport=tcp", "tcp", ("192.0.2.9", 5071)),
        (OURS, "sip:a@192.0.2.9:5071", "udp", ("192.0.2.9", 5071)),
        (UDP, "sips:a@192.0.2.9", "tls", ("192.0.2.9", 5061)),
        (UDP, "sip:a@192.0.2.9:5070;maddr=192.0.2.10", "udp", ("192.0.2.10", 5070)),
    ],
)
def test_another_address_is_another_flow(flow, hop, transport, remote):
    way = towards(flow, hop)
    assert (way.transport, way.remote, way.connection, way.back) == (transport, remote, None, None)
    assert still(flow, hop) is None


def test_a_lost_connection_leads_nowhere_though_the_hop_is_at_its_end():
    for hop, port in (("sip:a@192.0.2.9:5070;transport=tcp", 5070), ("sip:a@192.0.2.9;transport=tcp", 5060)):
        assert around(THEIRS, hop) == Flow("tcp", THEIRS.local, ("192.0.2.9", port))


def test_a_hop_that_cannot_be_read_leaves_the_flow_as_it_is():
    assert still(UDP, "<sip:") is UDP
    assert still(None, "sip:a@192.0.2.9") is None
    with pytest.raises(RemoteProtocolError):
        towards(UDP, "<sip:")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sip:a@peer.example", "<sip:b@PEER.example;lr>", True),
        ("sip:a@peer.example", "sip:a@peer.example:5060", False),
        ("sip:a@peer.example", "sip:a@peer.example;transport=tcp", False),
        ("sip:a@peer.example", "sips:a@peer.example", False),
        ("sip:a@192.0.2.9;ob", "sip:a@192.0.2.9", True),
    ],
)
def test_one_place_has_many_uris(one, other, same):
    assert is_same(one, other) is same


@pytest.mark.parametrize(
    ("sent_by", "hop", "expected"),
    [
        ("10.0.0.1:5060", "sip:a@10.0.0.1", True),
        ("10.0.0.1", "<sip:10.0.0.1:5060;lr>", True),
        ("10.0.0.1:5061", "sip:a@10.0.0.1", False),
        ("Proxy.example", "<sip:proxy.example;lr>", True),
        ("10.0.0.1", "sip:a@10.0.0.2", False),
        ("10.0.0.1", "sip:a@192.0.2.9:5070", True),
        ("[2001:db8::1]:5060", "sip:a@[2001:db8::1]", True),
    ],
)
def test_who_sent_the_request_is_known_by_its_via_or_its_connection(sent_by, hop, expected):
    """RFC 3261 18.2.2."""
    via = Via.parse(f"SIP/2.0/TCP {sent_by};branch=z9hG4bK1;received=192.0.2.9")
    assert is_sender(via, THEIRS, hop) is expected
