"""An INVITE inside the dialog: RFC 3261 14.2."""

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import chat_media, sdp, str_of
from tests.protocols.sip.usage.party import CALL_ID
from tests.protocols.sip.usage.scenes import answered, answering, calling, established, in_dialog, ringing

SDP = ("Content-Type", "application/sdp")


def reinvite(party, cseq=2, *headers, body=None):
    return in_dialog(party, "INVITE", cseq, *(headers or (SDP,)), body=sdp() if body is None else body)


@pytest.mark.parametrize("make", [established, answered])
def test_a_refresh_is_answered_with_what_holds(make):
    party = make()
    agreed = party.call.negotiation.local
    for cseq in (2, 3):
        party.receive(reinvite(party, cseq))
        assert party.last.status == 200
        assert party.last.body == agreed
        party.receive(in_dialog(party, "ACK", cseq))
    assert party.call.pending is None
    assert party.state is State.ESTABLISHED
    assert not {"2xx", "ack"} & party.running.keys()


def test_a_refresh_with_a_new_version_of_the_same_streams_is_answered():
    party = established()
    party.receive(reinvite(party, body=sdp(version=9)))
    assert party.last.status == 200
    assert SessionDescription.parse(party.call.negotiation.remote).origin.session_version == 9


def test_a_refresh_changes_the_target():
    party = established()
    party.receive(reinvite(party, 2, SDP, ("Contact", "<sip:moved@192.0.2.9:5090>")))
    party.receive(in_dialog(party, "ACK", 2))
    party.do(events.Terminate())
    assert party.last.uri == "sip:moved@192.0.2.9:5090"
    assert party.flows[-1].remote == ("192.0.2.9", 5090)


@pytest.mark.parametrize(
    ("headers", "body", "status", "header"),
    [
        ((SDP,), sdp(str_of(chat_media(9))), 488, "warning"),
        ((SDP,), sdp("m=audio 4000 RTP/AVP 0\r\n"), 488, "warning"),
        ((SDP,), sdp(str_of(chat_media())).partition(b"m=")[0], 488, "warning"),
        ((SDP,), b"junk", 488, "warning"),
        ((("Content-Type", "text/plain"),), b"hi", 415, "accept"),
        ((SDP, ("Content-Encoding", "gzip")), b"hi", 415, "accept-encoding"),
        ((SDP, ("Contact", "<sip:[bad>")), sdp(), 400, None),
    ],
    ids=["moved", "other kind", "shrunk", "junk", "type", "encoding", "contact"],
)
def test_what_would_change_the_session_is_refused_and_changes_nothing(headers, body, status, header):
    party = established()
    before = party.call
    party.receive(reinvite(party, 2, *headers, body=body) if headers else in_dialog(party, "INVITE", 2))
    assert party.last.status == status
    assert header is None or party.last.get(header)
    assert party.notes[-1].data["reason"]
    assert (party.call.negotiation, party.call.flow) == (before.negotiation, before.flow)
    assert party.call.dialog.remote_target == before.dialog.remote_target
    assert party.state is State.ESTABLISHED


def test_the_warning_carries_text_of_the_peer_harmlessly():
    party = established()
    party.receive(reinvite(party, body=sdp('m=message 1 "\\\x01\xe9 *\r\n')))
    assert party.last.status == 488
    assert party.last.warning.isascii()


def test_an_invite_while_our_own_is_open_gets_491():
    party = calling()
    party.receive(reinvite(party, 1))
    assert party.last.status == 491
    assert party.state is State.CALLING


@pytest.mark.parametrize("make", [ringing, answering])
def test_an_invite_while_the_first_is_not_finished_gets_500_with_retry_after(make):
    party = make()
    before = party.state
    party.receive(reinvite(party))
    assert (party.last.status, party.last.get("retry-after")) == (500, "2")
    assert party.state is before


def test_a_second_reinvite_before_the_ack_of_the_first_gets_500():
    party = established()
    party.receive(reinvite(party, 2))
    party.receive(reinvite(party, 3))
    assert party.statuses() == [200, 500]


def test_an_invite_while_the_call_ends_gets_481():
    party = established()
    party.do(events.Terminate())
    party.receive(reinvite(party))
    assert party.last.status == 481


def test_a_refresh_whose_ack_never_comes_ends_the_call_with_408():
    party = established()
    party.receive(reinvite(party))
    party.fire("2xx")
    assert party.statuses() == [200, 200]
    party.fire("ack")
    assert party.last.method == "BYE"
    assert party.failure[:2] == ("local", 408)


def test_a_repeat_of_the_first_invite_after_its_transaction_gets_482():
    """RFC 3261 8.2.2.2; it must not be taken for a re-INVITE."""
    party = answered()
    party.fire((next(iter(party.call.transactions.entries)), "L"))
    repeat = in_dialog(party, "INVITE", 1, SDP, body=sdp()).replacing({"To": "<sip:bob@example.org>"})
    party.receive(repeat)
    assert party.last.status == 482
    assert repeat.call_id == CALL_ID
