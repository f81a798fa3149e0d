"""The INVITE of a call that we place: RFC 3261 13.2.1, 18.1.1."""

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.transport import too_big_for_udp
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.values import replace
from tests.protocols.sip.usage.descriptions import sdp
from tests.protocols.sip.usage.party import ALICE, BOB, CALL_ID, TCP, TOKEN, UDP, Party
from tests.protocols.sip.usage.scenes import answer_to, calling

CONNECT = events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",))
B_KEY = "B"


def big_call():
    """Return a party whose INVITE is too big for UDP and waits for TCP."""
    return calling(routes=tuple(f"<sip:proxy{number}.example.org;lr;pad={'x' * 60}>" for number in range(16)))


def test_the_invite_waits_for_the_next_hop_and_for_the_streams():
    for order in ([events.TargetResolved(UDP), None], [None, events.TargetResolved(UDP)]):
        party = Party()
        party.do(CONNECT)
        assert party.asked == [outputs.Resolve("sip:bob@192.0.2.2"), outputs.Prepare("chat", outgoing=True)]
        for each in order:
            assert not party.sent
            party.prepare() if each is None else party.do(each)
        assert [each.method for each in party.sent] == ["INVITE"]


def test_the_invite_has_all_that_makes_a_dialog():
    invite = calling().last
    assert (invite.from_.tag, invite.call_id, str(invite.cseq)) == (TOKEN, CALL_ID, "1 INVITE")
    assert invite.via.branch.startswith(f"z9hG4bK{TOKEN}")
    assert invite.to.tag is None
    assert (str(invite.contact), invite.max_forwards) == (f"<sip:{TOKEN}@192.0.2.1:5060>", 70)
    assert invite.content_type.essence == "application/sdp"
    assert b"m=message 2855 TCP/MSRP *" in invite.body


def test_a_call_without_a_stream_is_misuse():
    party = Party()
    with pytest.raises(LocalProtocolError):
        party.do(replace(CONNECT, kinds=()))
    assert party.state is State.NULL


def test_a_route_is_the_next_hop_and_stands_in_the_invite():
    party = calling(routes=("<sip:proxy.example.org;lr>",))
    assert party.asked[0] == outputs.Resolve("<sip:proxy.example.org;lr>")
    assert party.last.get_all("route") == ["<sip:proxy.example.org;lr>"]
    assert party.last.uri == "sip:bob@192.0.2.2"


def test_a_next_hop_without_address_fails_with_503_and_sends_nothing():
    party = Party()
    party.do(CONNECT)
    party.do(events.TargetFailed(""))
    assert party.failure == ("local", 503, "Service Unavailable")
    assert party.asked[-1] == outputs.StopStream("chat")
    assert not party.sent


def test_a_late_outcome_of_the_look_up_changes_nothing():
    for late in (events.TargetResolved(TCP), events.TargetFailed("too late")):
        party = calling()
        assert party.do(late) == []
        assert party.call.flow == UDP


def test_a_stream_that_cannot_be_prepared_fails_the_call_before_anything_is_sent():
    party = Party()
    party.do(CONNECT)
    party.do(events.StreamFailed("chat", "no port"))
    assert party.failure == ("local", 0, "chat stream: no port")
    assert party.states == ["CALLING", "TERMINATED"]


@pytest.mark.parametrize("event", [events.StreamFailed, events.StreamEnded])
def test_a_stream_that_breaks_while_it_rings_cancels_the_call_and_then_tells_the_failure(event):
    party = calling()
    party.receive(answer_to(party, 180))
    party.do(event("chat", "crashed"))
    assert party.last.method == "CANCEL"
    assert party.state is State.TERMINATING
    party.receive(answer_to(party, 487))
    assert party.failure == ("local", 0, "chat stream: crashed")
    assert "SCSessionWillEnd" not in party.names


def test_news_of_a_stream_that_the_call_does_not_have_changes_nothing():
    party = calling()
    assert party.do(events.StreamFailed("audio", "none")) == []
    assert party.do(events.StreamPrepared("audio", None)) == []


def test_each_180_is_told_and_no_other_provisional():
    party = calling()
    for status in (100, 180, 183, 180):
        party.receive(answer_to(party, status))
    assert party.names == ["SCSessionNewOutgoing", "SCSessionGotRingIndication", "SCSessionGotRingIndication"]


def test_a_description_in_a_provisional_is_not_looked_at():
    party = calling()
    party.receive(answer_to(party, 183, body=b"no sdp at all"))
    party.receive(answer_to(party, 180, body=sdp("m=message 0 TCP/MSRP *\r\n")))
    assert party.state is State.CALLING
    party.receive(answer_to(party))
    assert party.state is State.ESTABLISHED


@pytest.mark.parametrize("status", [300, 302, 401, 404, 486, 503, 600])
def test_a_failure_is_acknowledged_and_told_with_its_status(status):
    party = calling()
    party.receive(answer_to(party, status))
    ack = party.last
    assert (ack.method, ack.via, ack.to.tag) == ("ACK", party.requests("INVITE")[0].via, "bbbbbbbbbbbbbbbb")
    assert party.failure[:2] == ("remote", status)
    assert party.states == ["CALLING", "TERMINATED"]


@pytest.mark.parametrize(
    ("reason", "warning", "text"),
    [
        ("Busy Here", None, "Busy Here"),
        ("", None, "Busy Here"),
        ("  ", None, "Busy Here"),
        ("No", '399 host "just \\"so\\""', 'No (just "so")'),
        ("No", '399 a "first", 370 b "second"', "No (first)"),
        ("No", "370 words without quotes", "No (370 words without quotes)"),
        ("No", '370 h "never closed' + '\\"' * 20000, "No ("),
    ],
)
def test_the_reason_is_the_phrase_and_the_text_of_the_warning(reason, warning, text):
    party = calling()
    headers = () if warning is None else (("Warning", warning),)
    party.receive(response_to(party.last, 486, reason, to_tag="t", headers=headers))
    assert party.failure[2] == text or (text.endswith("(") and party.failure[2].startswith(text))


def test_nobody_answers_and_the_call_fails_with_408():
    party = calling()
    party.fire((next(iter(party.call.transactions.entries)), B_KEY))
    assert party.failure == ("local", 408, "Request Timeout")
    assert not party.handed.entries


def test_an_invite_that_cannot_be_sent_fails_with_503_and_says_why():
    party = calling()
    party.refuse(party.last, "no route to host")
    assert party.failure == ("local", 503, "transport error: no route to host")


def test_an_unsent_invite_is_no_timeout_whatever_the_system_calls_it():
    party = calling()
    party.refuse(party.last, "timeout")
    assert party.failure[:2] == ("local", 503)


def test_an_invite_over_1300_bytes_asks_for_tcp_and_is_not_sent_by_udp():
    party = big_call()
    assert not party.sent
    assert party.asked[-1].transport == "tcp"
    party.prepare()
    assert not party.sent, "a repeated preparation must not let it slip out by UDP"
    party.do(events.TargetResolved(TCP))
    assert too_big_for_udp(party.last.size)
    assert (party.last.via.transport, party.flows[-1], party.last.cseq.number) == ("TCP", TCP, 1)
    assert ";transport=tcp" in str(party.last.contact)


@pytest.mark.parametrize("resolved", [True, False])
def test_a_large_invite_that_tcp_does_not_take_goes_by_udp(resolved):
    """Once it was tried by TCP it is a new transaction: RFC 3261 18.1.1, 8.1.1.7."""
    party = big_call()
    if resolved:
        party.do(events.TargetResolved(TCP))
        party.refuse(party.last)
    else:
        party.do(events.TargetFailed("no tcp"))
    first, last = party.sent[0], party.last
    assert (last.via.transport, party.flows[-1]) == ("UDP", UDP)
    assert last.cseq.number == (2 if resolved else 1)
    assert (last.via.branch != first.via.branch) == resolved
    assert (last.call_id, last.from_.tag, last.body) == (first.call_id, first.from_.tag, first.body)
    assert "transport" not in str(last.contact)
    party.refuse(last)
    assert party.failure[:2] == ("local", 503), "there is no third way"


def test_a_large_invite_that_was_answered_provisionally_is_not_sent_again():
    party = big_call()
    party.do(events.TargetResolved(TCP))
    invite = party.last
    party.receive(answer_to(party, 180))
    party.refuse(invite)
    assert len(party.requests("INVITE")) == 1
    assert party.failure[:2] == ("local", 503)
