from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.message import parse
from sipsimple.protocols.sip.transaction.matching import client_key, invite_key, merge_key, misled, server_key
from tests.protocols.sip.transaction.messages import BRANCH, request, response

OLD = "1"  # a branch without the cookie of RFC 3261


def via(message, value):
    return message.replacing({"Via": value})


def test_a_response_finds_its_request_by_branch_and_method():
    """RFC 3261 §17.1.3."""
    assert client_key(response(request("BYE"), 200)) == client_key(request("BYE")) == (BRANCH, "BYE")


def test_a_cancel_shares_the_branch_but_not_the_client_transaction():
    assert client_key(request("CANCEL")) != client_key(request())


def test_only_the_top_via_of_a_response_counts():
    both = via(response(request("BYE"), 200), [f"SIP/2.0/UDP a;branch={BRANCH}", "SIP/2.0/UDP b;branch=z9hG4bKother"])
    assert client_key(both) == (BRANCH, "BYE")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SIP/2.0/UDP us.Example.org;branch=b", "SIP / 2.0 / UDP US.example.ORG:5060 ;received=1.2.3.4;branch=b"),
        ("SIP/2.0/TLS 192.0.2.1:5061;branch=b", "SIP/2.0/TLS 192.0.2.1;branch=b"),
        ("SIP/2.0/TCP [2001:db8::1]:5060;branch=b", "SIP/2.0/TCP [2001:DB8:0:0::1];branch=b"),
        ("SIP/2.0/TCP h;branch=b", 'SIP/2.0/TCP h;branch=b;x="a, b"'),
    ],
)
def test_our_via_is_known_however_it_is_written(ours, theirs):
    bye = request("BYE")
    assert misled(via(bye, ours), via(response(bye, 200), theirs)) is None


def test_a_request_that_is_known_no_more_is_compared_with_nothing():
    foreign = via(response(request("BYE"), 200), "SIP/2.0/UDP 10.9.9.9;branch=b")
    assert misled(None, foreign) is None
    assert misled(request("BYE"), foreign)


@pytest.mark.parametrize("branch", [BRANCH, OLD, None])
def test_an_ack_has_the_key_of_its_invite(branch):
    """RFC 3261 §17.2.3."""
    ack = request("ACK", branch, to="<sip:bob@example.org>;tag=b-tag")
    assert server_key(ack) == server_key(request(branch=branch))


@pytest.mark.parametrize("branch", [BRANCH, OLD, None])
def test_a_cancel_leads_to_its_invite_and_has_a_transaction_of_its_own(branch):
    """RFC 3261 §9.2."""
    cancel, invite = request("CANCEL", branch), request(branch=branch)
    assert invite_key(cancel) == server_key(invite)
    assert server_key(cancel) != server_key(invite)


def test_the_same_branch_from_another_sender_is_another_transaction():
    other = via(request(), f"SIP/2.0/UDP 192.0.2.9:5060;branch={BRANCH}")
    assert server_key(other) != server_key(request())


def test_the_senders_name_is_compared_without_case():
    upper = via(request(), f"SIP/2.0/UDP PC33.Example.org;branch={BRANCH}")
    lower = via(request(), f"SIP/2.0/UDP pc33.example.org;branch={BRANCH}")
    assert server_key(upper) == server_key(lower)


def test_what_the_transport_stamps_into_the_via_does_not_count():
    stamped = via(request(), f"SIP/2.0/UDP 192.0.2.2:5060;branch={BRANCH};received=198.51.100.1;rport=9")
    assert server_key(stamped) == server_key(request())


@pytest.mark.parametrize("method", ["INVITE", "BYE"])
@pytest.mark.parametrize(
    "different",
    [
        {"cseq": 2},
        {"uri": "sip:carol@192.0.2.1"},
        {"from_": "<sip:alice@example.org>;tag=other"},
        {"from_": "<sip:a@b>"},
    ],
)
def test_without_a_unique_branch_the_request_itself_is_the_key(method, different):
    """RFC 3261 §17.2.3, for implementations of RFC 2543."""
    assert server_key(request(method, OLD)) == server_key(request(method, OLD))
    assert server_key(request(method, OLD, **different)) != server_key(request(method, OLD))
    assert server_key(request(method, **different)) == server_key(request(method))


def test_without_a_unique_branch_the_to_tag_tells_requests_within_dialogs_apart():
    one, other = (request("BYE", OLD, to=f"<sip:bob@example.org>;tag={tag}") for tag in "12")
    assert server_key(one) != server_key(other)


def test_the_bare_cookie_is_no_unique_branch():
    assert server_key(request(branch="z9hG4bK")) != server_key(request(branch="z9hG4bK", cseq=2))


def test_copies_of_a_request_by_several_ways_meet_in_the_merge_key():
    """RFC 3261 §8.2.2.2."""
    one, copy = request(branch="z9hG4bK-1"), request(branch="z9hG4bK-2")
    assert server_key(one) != server_key(copy)
    assert merge_key(one) == merge_key(copy)
    assert merge_key(one) != merge_key(request(cseq=2))


@pytest.mark.parametrize("broken", [b"Via: nonsense", b"X: y"])
def test_a_response_without_a_readable_via_is_the_peers_fault(broken):
    message = parse(b"SIP/2.0 200 OK\r\n" + broken + b"\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(RemoteProtocolError):
        client_key(message)
