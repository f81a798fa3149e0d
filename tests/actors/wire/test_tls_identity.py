"""Whom a certificate stands for (RFC 5922 7.1, 7.2)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipsimple.actors.wire.tls_identity import Identities, NameMismatch, must_bear


def domains(issued):
    return set(Identities.of(issued.der).domains)


def test_a_sip_uri_without_user_names_a_domain(authority):
    issued = authority.issue(uri=["sip:Example.COM", "SIP:two.example", "sip:three.example;x=y"])
    assert domains(issued) == {"example.com", "two.example", "three.example"}


@pytest.mark.parametrize(
    "uri", ["sips:example.com", "sip:alice@example.com", "https://example.com", "sip:*.example.com", "nonsense"]
)
def test_other_uris_name_nobody(authority, uri):
    """A user is no domain, and sips: is no identity."""
    assert domains(authority.issue(uri=[uri])) == set()


def test_dns_names_count_only_when_no_sip_uri_does(authority):
    assert domains(authority.issue(uri=["sip:a.example"], dns=["b.example"])) == {"a.example"}
    assert domains(authority.issue(uri=["sip:alice@a.example"], dns=["b.example"])) == {"b.example"}


def test_the_common_name_counts_only_without_any_alternative_name(authority):
    assert domains(authority.issue(common_name="Old.Example")) == {"old.example"}
    assert domains(authority.issue(common_name="old.example", uri=["https://x.example"])) == set()
    assert domains(authority.issue(common_name="Alice Smith")) == set()
    assert domains(authority.issue(common_name="192.0.2.1")) == set()


@pytest.mark.parametrize("name", ["*.example.com", "sip.*.example.com", "*", "s*.example.com"])
def test_no_wildcard_stands_for_anything(authority, name):
    """RFC 5922 7.2."""
    identities = Identities.of(authority.issue(dns=[name]).der)
    for each in ("sip.example.com", "example.com", name, "a.b.example.com"):
        assert not identities.include(each)


def test_a_name_stands_for_itself_in_any_case_and_for_nothing_beside(authority):
    identities = Identities.of(authority.issue(dns=["sip.example.com"]).der)
    assert identities.include("SIP.Example.com")
    assert identities.include("sip.example.com.")
    for other in ("example.com", "a.sip.example.com", "sip.example.co", "", "192.0.2.1"):
        assert not identities.include(other)


def test_an_address_is_compared_as_an_address(authority):
    identities = Identities.of(authority.issue(ip=["192.0.2.1", "2001:db8::1"], dns=["x.example"]).der)
    assert identities.include("192.0.2.1")
    assert identities.include("2001:0DB8:0::1")
    assert identities.include("x.example")
    assert not identities.include("192.0.2.2")
    by_uri = Identities.of(authority.issue(uri=["sip:192.0.2.3"]).der)
    assert by_uri.include("192.0.2.3")


def test_an_address_written_as_a_name_is_no_address(authority):
    assert not Identities.of(authority.issue(dns=["192.0.2.1"]).der).include("192.0.2.1")


def test_a_mismatch_tells_both_names(authority):
    with pytest.raises(NameMismatch, match=r"for b\.example, not for a\.example"):
        must_bear("a.example", authority.issue(dns=["b.example"]).der)
    with pytest.raises(NameMismatch, match="nobody"):
        must_bear("a.example", None)
    must_bear("b.example", authority.issue(dns=["b.example"]).der)


@given(st.binary(max_size=200))
def test_what_is_no_certificate_stands_for_nobody(data):
    assert Identities.of(data) == Identities()


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")  # a serial number below 1
@given(st.integers(0, 600), st.integers(0, 255))
@example(position=15, value=255)
def test_a_damaged_certificate_does_not_crash(authority, position, value):
    der = bytearray(authority.one.der)
    der[position % len(der)] = value
    Identities.of(bytes(der))
