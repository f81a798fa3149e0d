"""What Via and Contact say behind NAT and in containers."""

from __future__ import annotations

import pytest

from sipsimple.actors.runtime import SupervisorSpec
from sipsimple.actors.wire.own_address import Advertised, OwnAddresses, seen_from_outside
from sipsimple.actors.wire.transports import Transports
from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.headers.via import Via
from sipsimple.protocols.sip.message import parse, response_to
from sipsimple.protocols.sip.transport import stamp_received
from tests.actors.wire.loopback import Inbox, options

HOST = "127.0.0.1"
PEER = ("198.51.100.9", 5060)
BOUND = ("10.0.0.5", 5060)


def test_far_ends_are_told_the_address_that_is_advertised():
    own = OwnAddresses()
    own.advertise("udp", Advertised("203.0.113.1", 15060))
    own.advertise("tls", Advertised("sip.example.com"))
    assert own.towards("udp", PEER, BOUND) == ("203.0.113.1", 15060)
    assert own.towards("tls", PEER, BOUND) == ("sip.example.com", 5060)
    assert own.towards("tcp", PEER, BOUND) == BOUND
    own.advertise("udp", None)
    assert own.towards("udp", PEER, BOUND) == BOUND


def test_hosts_inside_are_told_our_own_address():
    own = OwnAddresses()
    own.advertise("udp", Advertised("203.0.113.1", None, ("10.0.0.0/8", "2001:db8::/32")))
    assert own.towards("udp", ("10.9.9.9", 5060), BOUND) == BOUND
    assert own.towards("udp", PEER, BOUND) == ("203.0.113.1", 5060)


def test_an_address_is_advertised_to_its_own_family_only():
    assert Advertised("203.0.113.1").address_for("2001:db8::9", ("2001:db8::5", 5060)) == ("2001:db8::5", 5060)
    assert Advertised("x.example").address_for("2001:db8::9", ("2001:db8::5", 5060)) == ("x.example", 5060)


@pytest.mark.parametrize(
    "fields", [("bad host",), ("203.0.113.1", 0), ("203.0.113.1", 70_000), ("203.0.113.1", 1, ("10.0.0.1/8",)), ("",)]
)
def test_what_cannot_be_advertised_is_refused(fields):
    with pytest.raises(LocalProtocolError, match="advertise"):
        Advertised(*fields)


@pytest.mark.parametrize(
    ("parameters", "seen"),
    [
        (";received=203.0.113.1;rport=4444", ("203.0.113.1", 4444)),
        (";received=2001:db8::1;rport=4444", ("2001:db8::1", 4444)),
        (";received=[2001:db8::1];rport=4444", ("2001:db8::1", 4444)),
        (";received=203.0.113.1", None),
        (";rport=4444", None),
        (";received=203.0.113.1;rport", None),
        (";received=x.example;rport=1", None),
        (";received=203.0.113.1;rport=70000", None),
        ("", None),
    ],
)
def test_a_response_tells_where_the_request_was_seen_to_come_from(parameters, seen):
    """RFC 3581 4."""
    assert seen_from_outside(Via.parse(f"SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKx{parameters}")) == seen


def test_what_a_far_end_tells_counts_for_that_far_end():
    own = OwnAddresses()
    own.learn("udp", PEER, BOUND, ("203.0.113.1", 4444))
    assert own.towards("udp", PEER, BOUND) == ("203.0.113.1", 4444)
    assert own.towards("udp", ("198.51.100.10", 5060), BOUND) == BOUND
    assert own.towards("tcp", PEER, BOUND) == BOUND


def test_what_is_advertised_goes_before_what_was_learned():
    """The port that a far end sees may be that of a mapping, and gone tomorrow."""
    own = OwnAddresses()
    own.advertise("udp", Advertised("203.0.113.1"))
    own.learn("udp", PEER, BOUND, ("203.0.113.1", 4444))
    assert own.towards("udp", PEER, BOUND) == ("203.0.113.1", BOUND[1])


def test_a_far_end_that_sees_our_own_host_sees_no_nat():
    """The port of an outgoing connection is not where we listen."""
    own = OwnAddresses()
    own.learn("tcp", PEER, BOUND, (BOUND[0], 43210))
    assert own.towards("tcp", PEER, BOUND) == BOUND
    own.learn("udp", PEER, BOUND, ("203.0.113.1", 4444))
    own.learn("udp", PEER, BOUND, BOUND)
    assert own.towards("udp", PEER, BOUND) == BOUND


def test_saying_the_same_again_is_no_change():
    own = OwnAddresses()
    own.learn("udp", PEER, BOUND, ("203.0.113.1", 4444))
    version = own.version
    own.learn("udp", PEER, BOUND, ("203.0.113.1", 4444))
    own.learn("tcp", PEER, BOUND, BOUND)
    assert own.version == version


def test_many_far_ends_do_not_fill_the_memory():
    own = OwnAddresses()
    for number in range(5000):
        own.learn("udp", (f"2001:db8::{number:x}", 5060), BOUND, ("203.0.113.1", 4444))
    assert len(own._learned) <= 4096


@pytest.fixture
def side(system):
    """Make one side: `side(name) -> (transports, inbox)`."""
    made = []

    def make(name):
        inbox = Inbox()
        made.append(Transports(system.start_child(SupervisorSpec(name)), inbox))
        return made[-1], inbox

    yield make
    for each in made:
        each.close()


def response_seen_at(host, port):
    request = stamp_received(parse(options()), host, port)
    return response_to(request, 200, to_tag="t")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_flows_bear_what_is_advertised_in_both_directions_and_still_work(side, transport):
    ours, our_inbox = side("ours")
    theirs, their_inbox = side("theirs")
    port, their_port = ours.listen(transport, HOST, 0), theirs.listen(transport, HOST, 0)
    ours.advertise(transport, Advertised("203.0.113.1", 15060))
    assert ours.local_address(transport, HOST) == ("203.0.113.1", 15060)
    flow = ours.flow_to(transport, HOST, their_port)
    assert flow.local == ("203.0.113.1", 15060)
    ours.send(options(1), flow)
    [(_, came)] = their_inbox.wait_for(1)
    theirs.send(options(2), came if transport == "tcp" else theirs.flow_to(transport, HOST, port))
    [(_, back)] = our_inbox.wait_for(1)
    assert back.local == ("203.0.113.1", 15060)


def test_a_udp_flow_says_what_its_far_end_told(side):
    ours, our_inbox = side("ours")
    theirs, _ = side("theirs")
    port, their_port = ours.listen("udp", HOST, 0), theirs.listen("udp", HOST, 0)
    theirs.send(options(1), theirs.flow_to("udp", HOST, port))
    [(_, before)] = our_inbox.wait_for(1)
    assert before.local == (HOST, port)

    ours.learn(response_seen_at("203.0.113.1", 4444), before)
    assert ours.flow_to("udp", HOST, their_port).local == ("203.0.113.1", 4444)
    theirs.send(options(2), theirs.flow_to("udp", HOST, port))
    _, (_, after) = our_inbox.wait_for(2)
    assert after.local == ("203.0.113.1", 4444)
    assert ours.flow_to("udp", HOST, 9).local == (HOST, port)


def test_a_connection_says_what_its_far_end_told(side):
    ours, our_inbox = side("ours")
    theirs, their_inbox = side("theirs")
    flow = ours.flow_to("tcp", HOST, theirs.listen("tcp", HOST, 0))
    ours.send(options(1), flow)
    [(_, came)] = their_inbox.wait_for(1)
    opened = ours.flow_to("tcp", *flow.remote)
    ours.learn(response_seen_at("203.0.113.1", 4444), opened)
    assert ours.flow_to("tcp", *flow.remote).local == ("203.0.113.1", 4444)
    assert ours.flow_to("tcp", *flow.remote).connection == opened.connection
    theirs.send(options(2), came)
    [(_, back)] = our_inbox.wait_for(1)
    assert back.local == ("203.0.113.1", 4444)


def test_a_response_that_says_nothing_teaches_nothing(side):
    ours, _ = side("ours")
    ours.listen("udp", HOST, 0)
    flow = ours.flow_to("udp", HOST, 9)
    assert ours.learn(response_to(parse(options()), 200, to_tag="t"), flow) is None
    assert ours.learn(response_seen_at(HOST, 9), flow) is None
    assert ours.flow_to("udp", HOST, 9) == flow


def test_what_a_far_end_tells_changes_the_flow_until_it_tells_otherwise(side):
    ours, _ = side("ours")
    ours.listen("udp", HOST, 0)
    flow = ours.flow_to("udp", HOST, 9)
    outside = ours.learn(response_seen_at("203.0.113.1", 4444), flow)
    assert outside == ours.flow_to("udp", HOST, 9)
    assert outside.local == ("203.0.113.1", 4444)
    assert ours.learn(response_seen_at("203.0.113.1", 4444), outside) is None
    assert ours.learn(response_seen_at(HOST, 4444), outside) == flow


def test_a_listener_on_all_addresses_says_the_one_that_the_far_end_sees(side):
    ours, _ = side("ours")
    for transport in ("udp", "tcp"):
        port = ours.listen(transport, "0.0.0.0", 0)
        assert ours.flow_to(transport, "127.0.0.1", 9).local == ("127.0.0.1", port)


def test_means_are_what_is_listened_on(side):
    ours, _ = side("ours")
    assert ours.means().transports == ("tcp", "tls")
    assert ours.means().families
    ours.listen("tcp", "::1", 0)
    assert ours.means().families == (6,)
    ours.listen("udp", HOST, 0)
    assert ours.means().transports == ("udp", "tcp", "tls")
    assert ours.means().families == (4, 6)


def test_what_far_ends_told_is_forgotten_when_the_network_has_changed():
    own = OwnAddresses()
    own.advertise("tcp", Advertised("203.0.113.1"))
    own.learn("udp", PEER, BOUND, ("203.0.113.9", 4444))
    before = own.version
    own.forget()
    assert own.version > before
    assert not own.has_learned
    assert own.towards("udp", PEER, BOUND) == BOUND
    assert own.towards("tcp", PEER, BOUND) == ("203.0.113.1", 5060), "the application says so"
