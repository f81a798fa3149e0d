"""The keeper of finished transactions and the router, as far as calls over sockets do not show them."""

from __future__ import annotations

import pytest

from sipsimple.actors.sip.lingering import Forget, HandedOver, State, stimulate, take_over
from sipsimple.actors.sip.router import Router, Unmatched, response_flow
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.matching import server_key
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import RequestArrived, ResponseArrived

TOKEN = "0123456789abcdef"
UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5070))
TCP = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 5070), 7)


class Mailbox:
    """Stands for the ref of an actor."""

    def __init__(self):
        self.told = []

    def tell(self, message):
        self.told.append(message)
        return True


def request(method="INVITE", *, branch="z9hG4bKpeer1", tag="", via="192.0.2.9:5070"):
    headers = [
        ("Via", f"SIP/2.0/UDP {via};branch={branch}"),
        ("From", "<sip:a@example.com>;tag=1"),
        ("To", f"<sip:b@example.com>{f';tag={tag}' if tag else ''}"),
        ("Call-ID", "call-1"),
        ("CSeq", f"1 {method}"),
        ("Max-Forwards", "70"),
    ]
    return Request(method, "sip:b@192.0.2.1", headers)


@pytest.fixture
def router():
    router = Router(None)
    router.endpoint = Mailbox()
    return router


def answered_bye():
    """The transactions of a call that has answered a BYE over UDP."""
    bye = request("BYE", tag=TOKEN)
    transactions, _ = layer.receive_request(Transactions(), bye, UDP)
    transactions, _ = layer.respond(transactions, server_key(bye), response_to(bye, 200))
    return bye, transactions


def test_a_repeat_of_an_answered_request_gets_the_same_answer():
    bye, transactions = answered_bye()
    state, timers = take_over(State(), HandedOver(TOKEN, transactions))
    assert timers
    state, outputs = stimulate(state, server_key(bye), layer.receive_request, bye, UDP)
    (sent,) = [output for output in outputs if isinstance(output, Send)]
    assert bytes(sent.message).startswith(b"SIP/2.0 200 OK\r\n")


def test_the_call_is_forgotten_with_its_last_transaction():
    bye, transactions = answered_bye()
    state, timers = take_over(State(), HandedOver(TOKEN, transactions))
    for timer in timers:
        state, outputs = stimulate(state, server_key(bye), layer.timer_fired, timer.name)
    assert Forget(TOKEN) in outputs
    assert (len(state.calls), len(state.tokens)) == (0, 0)


def test_a_call_without_transactions_is_forgotten_at_once():
    assert take_over(State(), HandedOver(TOKEN, Transactions())) == (State(), (Forget(TOKEN),))


def test_what_belongs_to_nothing_kept_changes_nothing():
    state = State()
    assert stimulate(state, ("z9hG4bKx", "h:1", "BYE"), layer.receive_request, request("BYE"), UDP) == (state, ())


def test_a_tag_of_ours_leads_to_its_call_and_a_foreign_one_to_the_endpoint(router):
    call = Mailbox()
    router.add(TOKEN, call)
    router.receive(request("BYE", tag=TOKEN), UDP)
    router.receive(request("BYE", tag="foreign"), UDP)
    assert [type(each) for each in call.told] == [RequestArrived]
    assert [type(each) for each in router.endpoint.told] == [Unmatched]


def test_repeats_and_cancel_of_an_invite_lead_to_the_call_that_it_made_and_a_merged_one_does_not(router):
    call, invite = Mailbox(), request()
    router.add(TOKEN, call)
    router.add_invite(invite, TOKEN)
    router.receive(request(), UDP)
    router.receive(request("CANCEL"), UDP)
    assert len(call.told) == 2
    other_way = request(branch="z9hG4bKother")
    router.receive(other_way, UDP)
    assert router.is_merged(other_way)
    assert [type(each) for each in router.endpoint.told] == [Unmatched]


def test_a_branch_of_ours_leads_its_responses_to_the_call(router):
    call, sent = Mailbox(), request(branch=f"z9hG4bK{TOKEN}1")
    router.add(TOKEN, call)
    router.receive(response_to(sent, 180), UDP)
    assert [type(each) for each in call.told] == [ResponseArrived]


def test_forgetting_leaves_nothing(router):
    lost, kept = Mailbox(), Mailbox()
    router.add(TOKEN, lost)
    router.add_invite(request(), TOKEN)
    router.add("fedcba9876543210", kept)
    router.forget_all(lost)
    assert len(router) == 1
    router.forget("fedcba9876543210")
    router.forget("never known")
    assert len(router) == 0


def test_responses_go_where_the_via_says_over_udp_and_back_over_the_connection_else():
    """RFC 3261 18.2.2: where that has ended they go to where the sender listens, which no rport of a stream tells."""
    behind_nat = request(via="192.0.2.9:6000")
    assert response_flow(behind_nat, UDP).remote == ("192.0.2.9", 6000)
    back = response_flow(behind_nat, TCP)
    assert (back.remote, back.connection, back.back) == (TCP.remote, TCP.connection, ("192.0.2.9", 6000))


def test_a_repeat_of_an_invite_whose_call_was_lost_makes_no_other_call(router):
    """What crashed too often to be kept was answered 500; a repeat that was on its way would ring for nobody."""
    ref, invite = Mailbox(), request()
    router.add(TOKEN, ref)
    router.add_invite(invite, TOKEN)
    router.forget_all(ref)
    assert len(router) == 0
    assert router.is_lost(invite)
    assert not router.is_lost(request(branch="z9hG4bKpeer2"))
    assert not router.is_lost(request("OPTIONS"))
