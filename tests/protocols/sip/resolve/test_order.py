"""The order of servers: priority is law, weight is chance (RFC 2782)."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.resolve.order import by_weight, mixed, rotated, services
from sipsimple.protocols.sip.resolve.records import NAPTR, SRV
from sipsimple.protocols.values import replace

ENTROPY = st.integers(0, 2**64 - 1)
SERVERS = st.lists(st.builds(SRV, st.integers(0, 3), st.integers(0, 65535), st.just(5060), st.text("abc", min_size=1)))


def chances(count):
    """As many different numbers of 64 bits."""
    number = 1
    for _ in range(count):
        number = mixed(number)
        yield number


@given(SERVERS, ENTROPY)
def test_every_server_comes_once_and_none_before_one_of_a_lower_priority(servers, entropy):
    ordered = by_weight(servers, entropy)
    assert Counter(ordered) == Counter(servers)
    assert [each.priority for each in ordered] == sorted(each.priority for each in servers)


@given(SERVERS, ENTROPY)
def test_the_same_chance_gives_the_same_order(servers, entropy):
    assert by_weight(servers, entropy) == by_weight(servers, entropy)


def test_servers_come_first_as_often_as_their_weights_say():
    servers = [SRV(0, 60, 5060, "big"), SRV(0, 30, 5060, "middle"), SRV(0, 10, 5060, "small")]
    first = Counter(by_weight(servers, entropy)[0].target for entropy in chances(3000))
    assert 0.55 < first["big"] / 3000 < 0.65
    assert 0.25 < first["middle"] / 3000 < 0.35
    assert 0.07 < first["small"] / 3000 < 0.13


def test_a_weight_of_zero_has_a_very_small_chance_and_not_none():
    servers = [SRV(0, 9, 5060, "big"), SRV(0, 0, 5060, "zero")]
    first = Counter(by_weight(servers, entropy)[0].target for entropy in chances(2000))
    assert 0 < first["zero"] < 400


def test_equal_servers_without_weights_are_all_used():
    servers = [SRV(0, 0, 5060, name) for name in "abc"]
    assert sorted(each.target for each in by_weight(servers, 7)) == ["a", "b", "c"]


def naptr(order=10, preference=10, flags="s", service="SIP+D2U", regexp="", replacement="_sip._udp.example.com"):
    return NAPTR(order, preference, flags, service, regexp, replacement)


TRANSPORTS = ("udp", "tcp", "tls")


@pytest.mark.parametrize(
    "record",
    [
        naptr(flags="u"),
        naptr(flags=""),
        naptr(service="SIP+D2S"),
        naptr(service="E2U+sip"),
        naptr(regexp="!^.*$!sip:a@b!"),
        naptr(replacement=""),
        naptr(replacement="."),
    ],
)
def test_a_record_that_leads_to_no_servers_of_sip_is_passed_over(record):
    """RFC 3263 4.1, RFC 3403 4.1: also where its order is the lowest."""
    first = replace(record, order=1, replacement=record.replacement.replace("example.com", "example.net"))
    assert services([first, naptr()], TRANSPORTS) == [("udp", "_sip._udp.example.com")]


@pytest.mark.parametrize("record", [naptr(flags="S"), naptr(service="sip+d2u")])
def test_letters_of_a_record_do_not_count(record):
    assert services([record], TRANSPORTS) == [("udp", "_sip._udp.example.com")]


def test_the_domain_prefers_before_us_and_a_higher_order_is_no_alternative():
    records = [
        naptr(20, 1, service="SIPS+D2T", replacement="tls"),
        naptr(10, 50, service="SIP+D2U", replacement="udp"),
        naptr(10, 30, service="SIP+D2T", replacement="tcp"),
    ]
    assert services(records, TRANSPORTS) == [("tcp", "tcp"), ("udp", "udp")]
    assert services(records, ("tls",)) == [("tls", "tls")]


@given(st.lists(st.integers()), ENTROPY)
def test_addresses_keep_their_cycle(items, entropy):
    turned = rotated(items, entropy)
    assert turned in [[*items[n:], *items[:n]] for n in range(len(items) or 1)]


def test_addresses_share_the_load():
    assert {rotated("abcd", entropy)[0] for entropy in chances(100)} == set("abcd")
