"""Via on the way out, received and rport on the way in, and identifiers."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip import ids
from sipsimple.protocols.sip.headers.via import Via
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.status import REASON_PHRASES, reason_phrase
from sipsimple.protocols.sip.transport import (
    Flow,
    response_target,
    sent_by,
    stamp_received,
    too_big_for_udp,
    via_value,
)


def stamped(*vias: str, host: str = "192.0.2.9") -> list[str]:
    return stamp_received(Request("INFO", "sip:h", [("Via", via) for via in vias]), host, 4000).get_all("via")


def test_a_source_that_the_sender_named_itself_needs_no_stamp():
    request = Request("INFO", "sip:h", [("Via", "SIP/2.0/UDP 192.0.2.9:5070;branch=x")])

    assert stamp_received(request, "192.0.2.9", 4000) is request
    assert stamped("SIP/2.0/TCP [2001:DB8::1]", host="2001:db8::1") == ["SIP/2.0/TCP [2001:DB8::1]"]


@pytest.mark.parametrize(
    ("via", "written"),
    [
        ("SIP/2.0/UDP h;branch=x", "SIP/2.0/UDP h;branch=x;received=192.0.2.9"),
        ("SIP/2.0/UDP 192.0.2.9;rport;branch=x", "SIP/2.0/UDP 192.0.2.9;rport=4000;branch=x;received=192.0.2.9"),
        ("SIP/2.0/UDP 192.0.2.9;received=10.6.6.6", "SIP/2.0/UDP 192.0.2.9;received=192.0.2.9"),
        ("SIP/2.0/UDP 192.0.2.9;rport=6666", "SIP/2.0/UDP 192.0.2.9;rport=4000;received=192.0.2.9"),
    ],
)
def test_the_source_is_stamped_where_it_differs_is_asked_for_or_was_forged(via, written):
    assert stamped(via) == [written]


def test_only_the_top_via_is_stamped():
    assert stamped("SIP/2.0/UDP a, SIP/2.0/UDP b", "SIP/2.0/UDP c") == [
        "SIP/2.0/UDP a;received=192.0.2.9",
        "SIP/2.0/UDP b",
        "SIP/2.0/UDP c",
    ]


@pytest.mark.parametrize(
    ("via", "target"),
    [
        ("SIP/2.0/UDP example.com", ("example.com", 5060)),
        ("SIP/2.0/TLS example.com", ("example.com", 5061)),
        ("SIP/2.0/UDP [2001:db8::1]:5070", ("2001:db8::1", 5070)),
        ("SIP/2.0/UDP h:5070;received=192.0.2.9", ("192.0.2.9", 5070)),
        ("SIP/2.0/UDP h:5070;received=192.0.2.9;rport=4000", ("192.0.2.9", 4000)),
        ("SIP/2.0/UDP h;received=[2001:db8::9]", ("2001:db8::9", 5060)),
        ("SIP/2.0/UDP h;maddr=203.0.113.5;received=192.0.2.9", ("192.0.2.9", 5060)),
    ],
)
def test_a_response_goes_where_the_via_says(via, target):
    assert response_target(Via.parse(via)) == target


@pytest.mark.parametrize(
    ("via", "target"),
    [
        ("SIP/2.0/TCP 192.0.2.2:5070;branch=x", ("192.0.2.2", 5070)),
        ("SIP/2.0/TCP 10.0.0.1:5070;rport=49152;received=192.0.2.2;branch=x", ("192.0.2.2", 5070)),
        ("SIP/2.0/TLS [2001:db8::1];branch=x", ("2001:db8::1", 5061)),
    ],
)
def test_a_response_whose_connection_is_gone_goes_to_the_port_that_the_sender_says(via, target):
    """RFC 3261 18.2.2: its rport is the port of the connection, where nobody listens."""
    assert sent_by(Via.parse(via)) == target


def test_a_response_goes_to_another_address_than_the_request_came_from_only_where_that_is_wanted():
    """RFC 3261 18.2.2; a forged maddr would aim our responses at a victim."""
    via = Via.parse("SIP/2.0/UDP h:5070;maddr=239.255.255.1;received=192.0.2.9")

    assert response_target(via) == ("192.0.2.9", 5070)
    assert response_target(via, follows_maddr=True) == ("239.255.255.1", 5070)


@pytest.mark.parametrize(
    ("transport", "local", "reliable", "text"),
    [
        ("udp", ("192.0.2.1", 5060), False, "SIP/2.0/UDP 192.0.2.1:5060;branch=b;rport"),
        ("tls", ("::1", 5061), True, "SIP/2.0/TLS [::1]:5061;branch=b;rport"),
        ("tcp", ("192.0.2.1", 0), True, "SIP/2.0/TCP 192.0.2.1;branch=b;rport"),
    ],
)
def test_a_flow_writes_our_via(transport, local, reliable, text):
    flow = Flow(transport, local, ("192.0.2.2", 5060))

    assert flow.reliable is reliable
    assert via_value(flow, "b") == text
    assert Via.parse(text).wants_rport


def test_requests_above_1300_bytes_are_too_big_for_udp():
    assert [too_big_for_udp(size) for size in (1300, 1301)] == [False, True]


def test_identifiers_bear_their_marks():
    assert ids.branch("f00") == "z9hG4bKf00"
    assert (ids.call_id("f00"), ids.call_id("f00", "h")) == ("f00", "f00@h")


@pytest.mark.parametrize(
    ("branch", "unique"), [("z9hG4bKx", True), ("Z9HG4BKx", True), ("z9hG4bK", False), (None, False)]
)
def test_a_branch_is_unique_when_something_follows_the_cookie(branch, unique):
    assert ids.is_unique_branch(branch) is unique


def test_a_stateless_tag_depends_on_all_its_texts_and_nothing_else():
    assert ids.stateless_tag("a", "\udcff") == ids.stateless_tag("a", "\udcff")
    assert len({ids.stateless_tag("ab", "c"), ids.stateless_tag("a", "bc"), ids.stateless_tag("abc")}) == 3


def test_every_status_has_a_phrase():
    assert reason_phrase(486) == REASON_PHRASES[486] == "Busy Here"
    assert [reason_phrase(code) for code in (199, 299, 699, 700)] == [
        "Early Dialog Terminated",
        "OK",
        "Global Failure",
        "Unknown",
    ]
