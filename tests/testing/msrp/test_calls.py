"""The caller of the conformance suite."""

from __future__ import annotations

import pytest

from sipsimple.testing.msrp import calls
from sipsimple.testing.msrp.case import Case, Offer, Role
from sipsimple.testing.msrp.connection import address_of

OWN = "msrp://127.0.0.1:1234/abc;tcp"


def test_the_first_line_of_an_answer_is_described_and_the_ports_of_all():
    body = (
        "v=0\r\na=outer:1\r\nm=message 2855 TCP/MSRP *\r\na=path:msrp://h:2855/x;tcp\r\na=recvonly\r\n"
        "m=message 0 TCP/MSRP *\r\na=path:other\r\n"
    )
    told = calls.describe(200, body)
    assert (told.status, told.port, told.protocol, told.ports) == (200, 2855, "TCP/MSRP", (2855, 0))
    assert (told.get("path"), told.get("recvonly"), told.get("outer")) == ("msrp://h:2855/x;tcp", "", None)
    assert calls.describe(488, "").port == 0


def test_an_offer_says_what_the_case_wants():
    text = calls._body(Offer("passive", ("sendonly",), "text/plain"), OWN, "127.0.0.1", False)
    assert text.endswith(
        "m=message 1234 TCP/MSRP *\r\na=path:msrp://127.0.0.1:1234/abc;tcp\r\na=accept-types:text/plain\r\n"
        "a=accept-wrapped-types:*\r\na=setup:passive\r\na=sendonly\r\n"
    )
    bare = calls._body(Offer(None, types="", has_path=False), OWN, "127.0.0.1", True)
    assert bare.endswith("t=0 0\r\nm=message 1234 TCP/TLS/MSRP *\r\n")
    assert calls._body(Offer(chat_too=True), OWN, "127.0.0.1", False).count("m=message") == 2


def test_a_target_needs_a_host():
    assert calls.Calls("sip:bob@[::1]:5070;transport=udp").address == ("::1", 5070)
    assert calls.Calls("sip:127.0.0.1").address == ("127.0.0.1", 5060)
    with pytest.raises(ValueError, match="SIP URI"):
        calls.Calls("bob")


def test_over_tls_it_does_not_wait_to_be_connected_to():
    passive, relay = Case("x", "X", role=Role.PASSIVE), Case("x", "X", role=Role.RELAY)
    assert calls.Calls("sip:a@b").can(passive)
    assert not calls.Calls("sip:a@b", tls=True).can(passive)
    assert not calls.Calls("sip:a@b").can(relay)


def test_what_the_peer_asks_within_the_call_is_answered():
    head = "Via: SIP/2.0/UDP h\r\nFrom: a\r\nTo: b\r\nCall-ID: c\r\nCSeq: 1 X\r\nX-Other: y\r\n\r\n"
    assert calls._reply(f"BYE sip:a SIP/2.0\r\n{head}").startswith("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: a")
    refused = calls._reply(f"INVITE sip:a SIP/2.0\r\n{head}")
    assert refused.startswith("SIP/2.0 488")
    assert "X-Other" not in refused


def test_an_msrp_uri_says_where_to_connect():
    assert address_of("msrps://user@relay.example.com;tcp") == ("relay.example.com", 2855, True)
    assert address_of("msrp://[::1]:99/x;tcp") == ("::1", 99, False)
    with pytest.raises(ValueError, match="MSRP URI"):
        address_of("sip:a@b")
