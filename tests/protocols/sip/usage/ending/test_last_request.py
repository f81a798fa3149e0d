"""The last request of a call that is over, challenged: RFC 3261 22.1."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.authorization import Account, Authorization
from sipsimple.protocols.sip.message import Request, Response, response_to
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.ending.last_request import challenged, turned_back, waits

UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5070))
TCP = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 5070), 7)
ALICE = Authorization((Account("alice", "s3cret"),))
ASKED = ("WWW-Authenticate", 'Digest realm="one", nonce="n", qop="auth"')
BYE = Request(
    "BYE",
    "sip:b@192.0.2.9",
    [
        ("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0123456789abcdef4"),
        ("From", "<sip:a@h>;tag=0123456789abcdef"),
        ("To", "<sip:b@h>;tag=b"),
        ("Call-ID", "1"),
        ("CSeq", "4 BYE"),
    ],
)


def sent(outputs: tuple[object, ...]) -> list[Request]:
    """Return the requests among what is to be done."""
    return [each.message for each in outputs if isinstance(each, Send) and isinstance(each.message, Request)]


def asked(status: int = 401, *headers: tuple[str, str]) -> Response:
    """Return the answer to the BYE."""
    return response_to(BYE, status, headers=headers or (ASKED,))


@pytest.mark.parametrize("flow", [UDP, TCP])
def test_it_is_sent_again_by_the_same_way_with_credentials(flow: Flow) -> None:
    """As the next request, in a transaction of its own whose answers lead to the same place."""
    transactions, _ = layer.send_request(Transactions(), BYE, flow)
    assert waits(transactions)
    transactions, outputs = challenged(transactions, asked(), ALICE, "c" * 32)
    [again] = sent(outputs)
    assert (again.cseq.number, again.method, again.uri) == (5, "BYE", BYE.uri)
    assert again.via.branch != BYE.via.branch
    assert (again.via.branch or "").startswith("z9hG4bK0123456789abcdef")
    assert 'username="alice"' in (again.get("authorization") or "")
    assert waits(transactions)
    transactions, _ = layer.receive_response(transactions, response_to(again, 200))
    assert not waits(transactions)


@pytest.mark.parametrize(
    ("response", "auth"),
    [
        (asked(), Authorization()),
        (asked(200), ALICE),
        (asked(401, ("WWW-Authenticate", "Digest")), ALICE),
    ],
)
def test_what_cannot_be_answered_ends_with_its_transaction(response: Response, auth: Authorization) -> None:
    """As if nobody had asked."""
    transactions, _ = layer.send_request(Transactions(), BYE, UDP)
    transactions, outputs = challenged(transactions, response, auth, "c" * 32)
    assert sent(outputs) == []
    assert not waits(transactions)


def test_the_challenge_is_answered_once_however_often_it_comes() -> None:
    """Its repeats are absorbed by the transaction."""
    transactions, _ = layer.send_request(Transactions(), BYE, UDP)
    transactions, _ = challenged(transactions, asked(), ALICE, "c" * 32)
    _, outputs = challenged(transactions, asked(), ALICE, "d" * 32)
    assert sent(outputs) == []


def test_each_of_several_is_sent_again() -> None:
    """A challenge to a NOTIFY does not cost the BYE its credentials."""
    other = BYE.replacing({"Via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0123456789abcdef3", "CSeq": "3 BYE"})
    transactions, _ = layer.send_request(Transactions(), other, UDP)
    transactions, _ = layer.send_request(transactions, BYE, UDP)
    for request in (other, BYE):
        refusal = response_to(request, 401, headers=(ASKED,))
        transactions, outputs = challenged(transactions, refusal, ALICE, "c" * 32)
        assert [each.cseq.number for each in sent(outputs)] == [request.cseq.number + 1]


THEIRS = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 49152), 7, ("192.0.2.9", 5060))
"""A connection that the peer opened."""


@pytest.mark.parametrize(
    ("route", "remote"),
    [((), ("192.0.2.9", 5060)), ((("Route", "<sip:192.0.2.50:5080;transport=tcp;lr>"),), ("192.0.2.50", 5080))],
)
def test_what_the_lost_connection_of_the_peer_did_not_carry_goes_where_it_is_addressed(
    route: tuple[tuple[str, str], ...], remote: tuple[str, int]
) -> None:
    """RFC 3261 12.2.1.1."""
    lines = [(name, value) for name, values in BYE.headers.items() for value in values]
    bye = Request("BYE", "sip:b@192.0.2.9;transport=tcp", [*lines, *route])
    transactions, _ = layer.send_request(Transactions(), bye, THEIRS)
    transactions, outputs = turned_back(transactions, client_key(bye))
    [again] = [each for each in outputs if isinstance(each, Send)]
    assert (again.flow.transport, again.flow.remote, again.flow.back) == ("tcp", remote, None)
    assert sent(outputs)[0].via.branch == bye.via.branch
    transactions, _ = turned_back(transactions, client_key(bye))
    assert not transactions.entries


def test_what_any_other_flow_did_not_carry_has_failed() -> None:
    """It has been everywhere."""
    transactions, _ = layer.send_request(Transactions(), BYE, TCP)
    transactions, outputs = turned_back(transactions, client_key(BYE))
    assert (sent(outputs), len(transactions.entries)) == ([], 0)


def test_what_was_sent_again_is_not_sent_a_third_time() -> None:
    """A server that calls every nonce stale would be answered for ever."""
    transactions, _ = layer.send_request(Transactions(), BYE, UDP)
    transactions, outputs = challenged(transactions, asked(), ALICE, "c" * 32)
    [again] = sent(outputs)
    stale = ("WWW-Authenticate", f"{ASKED[1]}, stale=true")
    _, outputs = challenged(transactions, response_to(again, 401, headers=(stale,)), ALICE, "d" * 32)
    assert sent(outputs) == []
