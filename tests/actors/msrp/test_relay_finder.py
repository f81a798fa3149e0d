"""Finding an MSRP relay."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.actors.msrp.relay_finder import RelayTarget, Service, addresses, in_order

SERVICES = st.lists(
    st.builds(Service, st.integers(0, 3), st.integers(0, 5), st.just("a"), st.integers(1, 9)), max_size=8
)


def nothing(name):
    return []


def test_a_relay_is_addressed_by_its_domain():
    """RFC 4976 section 5.1: the URI of an AUTH names the domain and no session."""
    assert RelayTarget("example.com").uri == "msrps://example.com;tcp"
    assert RelayTarget("2001:db8::1", tls=False).uri == "msrp://[2001:db8::1];tcp"


def test_a_given_host_asks_nobody():
    asked = []
    assert addresses(RelayTarget("example.com", "192.0.2.1"), asked.append, Random(1)) == [("192.0.2.1", 2855)]
    assert addresses(RelayTarget("example.com", "relay", 99), asked.append, Random(1)) == [("relay", 99)]
    assert asked == []


def test_the_records_of_the_scheme_are_asked_for():
    asked = []

    def find(name):
        asked.append(name)
        return [Service(2, 0, "second", 2), Service(1, 0, "first", 1)]

    assert addresses(RelayTarget("example.com"), find, Random(1)) == [("first", 1), ("second", 2)]
    addresses(RelayTarget("example.com", tls=False), find, Random(1))
    assert asked == ["_msrps._tcp.example.com", "_msrp._tcp.example.com"]


def test_without_records_it_is_the_domain_itself():
    assert addresses(RelayTarget("example.com"), nothing, Random(1)) == [("example.com", 2855)]
    assert addresses(RelayTarget("example.com", port=7), nothing, Random(1)) == [("example.com", 7)]
    unwilling = [Service(0, 0, ".", 0)]
    assert addresses(RelayTarget("example.com"), lambda name: unwilling, Random(1)) == [("example.com", 2855)]


def test_an_address_as_domain_asks_nobody():
    asked = []
    assert addresses(RelayTarget("127.0.0.1", port=5), asked.append, Random(1)) == [("127.0.0.1", 5)]
    assert asked == []


@given(SERVICES, st.integers())
def test_lower_priorities_come_first_and_none_is_lost(services, seed):
    ordered = in_order(services, Random(seed))
    assert [each.priority for each in ordered] == sorted(each.priority for each in services)
    assert sorted(map(repr, ordered)) == sorted(map(repr, services))


def test_weights_decide_among_equals():
    heavy, light = Service(0, 1000, "heavy", 1), Service(0, 1, "light", 1)
    first = [in_order([light, heavy], Random(seed))[0].host for seed in range(50)]
    assert first.count("heavy") > 40
