"""RFC 3261 18.1.1 inside a dialog: what is too big for UDP goes by TCP, and by UDP where TCP does not carry it."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.transport import MAX_UDP_SIZE
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import sdp
from tests.protocols.sip.usage.party import CONTACT, UDP
from tests.protocols.sip.usage.scenes import answer_to, calling, established

ROUTE = ("Record-Route", ", ".join([f"<sip:192.0.2.2;lr;x={'y' * 60}>"] * 16))


def wordy():
    """A call whose every request inside the dialog is too big: the proxies on its way have long names."""
    party = calling()
    party.receive(answer_to(party, 200, ROUTE))
    assert party.state is State.ESTABLISHED
    return party


def last(party):
    return party.sent[-1], party.flows[-1]


@pytest.mark.parametrize(("command", "method"), [(events.Hold(), "INVITE"), (events.Terminate(), "BYE")])
def test_a_large_request_goes_by_tcp_to_the_same_place_and_says_so(command, method):
    party = wordy()
    party.do(command)
    request, flow = last(party)
    assert request.method == method
    assert len(bytes(request)) > MAX_UDP_SIZE - 20
    assert (flow.transport, flow.remote) == ("tcp", UDP.remote)
    assert request.via.transport.upper() == "TCP"
    assert party.call.flow == UDP


def test_a_small_one_stays_with_udp():
    party = established()
    party.do(events.Hold())
    assert party.flows[-1] == UDP


@pytest.mark.parametrize(("command", "method"), [(events.Hold(), "INVITE"), (events.Terminate(), "BYE")])
def test_what_tcp_does_not_carry_goes_by_udp_as_the_same_transaction(command, method):
    party = wordy()
    party.do(command)
    by_tcp, _ = last(party)
    party.refuse(by_tcp)
    by_udp, flow = last(party)
    assert flow == UDP
    assert by_udp.via.transport.upper() == "UDP"
    assert by_udp.via.branch == by_tcp.via.branch
    assert by_udp.cseq == by_tcp.cseq
    assert "SCSessionDidFail" not in party.names
    party.receive(response_to(by_udp, 200, headers=(("Contact", "<sip:peer@192.0.2.2>"),), body=_answer(method)))
    assert (party.state is State.TERMINATED) == (method == "BYE")


def _answer(method):
    return sdp() if method == "INVITE" else b""


def test_where_tcp_did_not_work_once_it_is_not_tried_again():
    """A connection that nobody answers takes ten seconds to fail."""
    party = wordy()
    party.do(events.Hold())
    party.refuse(party.last)
    party.receive(response_to(party.last, 200, headers=(CONTACT,), body=sdp(), content_type="application/sdp"))
    party.do(events.Unhold())
    assert [each.method for each in party.sent[-2:]] == ["ACK", "INVITE"]
    assert party.flows[-1] == UDP


def test_when_udp_fails_too_the_request_has_failed():
    party = wordy()
    party.do(events.Terminate())
    for _ in range(2):
        party.refuse(party.sent[-1])
    assert party.state is State.TERMINATED


def test_one_that_was_answered_by_tcp_is_not_sent_again():
    party = wordy()
    party.do(events.Hold())
    request, _ = last(party)
    party.receive(response_to(request, 180))
    party.refuse(request)
    assert len(party.requests("INVITE")) == 2


def test_the_cancel_of_a_large_change_follows_it_by_tcp():
    party = wordy()
    party.do(events.Hold())
    request, way = last(party)
    party.receive(response_to(request, 180))
    party.fire("answer")
    cancel, flow = last(party)
    assert cancel.method == "CANCEL"
    assert flow == way
    assert cancel.get("via") == request.get("via")


def test_after_a_crash_a_large_change_asks_for_its_answer_by_tcp():
    """Over a connection a refusal comes once: the crash may have cost it."""
    party = wordy()
    party.do(events.Hold())
    asked = last(party)
    party.receive(response_to(asked[0], 183))
    party.do(events.Resumed())
    assert len(party.requests("INVITE")) == 3
    assert last(party) == asked


def test_an_invite_for_which_no_way_by_tcp_is_found_in_time_goes_by_udp():
    party = calling(routes=("<sip:192.0.2.9;lr;x=yyyyyyyyyyyyyyyyyy>",) * 30)
    assert not party.sent
    party.fire("preparing")
    assert party.flows == [UDP]
    assert party.state is State.CALLING
