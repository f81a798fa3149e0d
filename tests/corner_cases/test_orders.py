"""The order of what a session tells, where another order would be as natural."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, TAG, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, invite, talking, told_since

SDP = ("Content-Type", "application/sdp")
FAILED = ["ACCEPTING>TERMINATED", "DidFail", "DidEnd"]


def calling_with(*kinds):
    """A call with these streams that rings."""
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", kinds))
    party.do(events.TargetResolved(UDP))
    party.prepare_all()
    party.receive(answer_to(party, 180))
    return party


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_an_answer_that_holds_is_told_between_the_start_and_the_new_state(direction):
    party = calling_with("audio")
    count = len(party.told)
    party.receive(answer_to(party, 200, body=sdp(str_of(audio_media(5000, direction)))))
    party.prepare_all()
    assert told_since(party, count) == ["WillStart", "GotHoldRequest", "CALLING>ESTABLISHED", "DidStart"]
    assert party.told[count + 1].data == {"originator": "remote"}


def test_audio_runs_when_the_start_is_told_whoever_calls():
    caller, callee, _wire = talking("audio")
    for party in (caller, callee):
        assert party.told[-1].name == "SCSessionDidStart"
        assert list(party.media) == ["audio"]


@pytest.mark.parametrize("failed", ["the streams", "the network"])
def test_a_call_that_cannot_be_taken_has_no_start_and_no_will_end(failed):
    party = Party(audio=TERMS)
    party.receive(invite(body=sdp(str_of(chat_media()))))
    party.do(events.Accept(("chat",)))
    count = len(party.told)
    if failed == "the streams":
        party.do(events.StreamFailed("chat", "no port"))
        assert party.last.status == 500
        assert party.failure == ("local", 0, "chat stream: no port")
    else:
        party.fire("preparing")
        assert party.failure[:2] == ("local", 0)
    assert told_since(party, count) == FAILED


@pytest.mark.parametrize(
    "origin", ["- 1 2", "- 77 2", "someone 7 1", "- 18446744073709551615 18446744073709551615"], ids=str.split
)
def test_a_peer_may_change_all_of_its_o_line_but_its_streams(origin):
    party, _callee, _wire = talking("chat")
    agreed = party.call.negotiation.remote
    line, _, rest = agreed.decode().partition("\r\no=")[2].partition(" IN ")
    count = len(party.told)
    changed = agreed.decode().replace(f"o={line} IN {rest.splitlines()[0]}", f"o={origin} IN IP4 192.0.2.99")
    assert changed != agreed.decode()
    party.receive(in_dialog(party, "INVITE", 2, SDP, body=changed.encode()))
    assert party.statuses() == [200]
    assert (party.asked, told_since(party, count)) == ([], [])
    assert party.state is State.ESTABLISHED


def test_the_same_description_again_is_the_same_whatever_else_the_invite_says():
    party, _callee, _wire = talking("audio", "chat")
    agreed = party.call.negotiation.remote
    for cseq in (2, 3, 4):
        party.receive(in_dialog(party, "INVITE", cseq, SDP, ("Subject", f"again {cseq}"), body=agreed))
        party.receive(in_dialog(party, "ACK", cseq))
    assert party.statuses() == [200] * 3
    assert party.asked == []
    assert len({each.body for each in party.sent}) == 1


@pytest.mark.parametrize("who", ["we", "the peer"])
def test_a_bye_in_the_middle_of_a_change_answers_it_487_and_is_no_failure(who):
    caller, callee, wire = talking("audio")
    callee.do(events.AddStream("chat"))
    wire.carry()
    count = len(caller.told)
    if who == "we":
        caller.do(events.Terminate())
        ending = ["PROPOSED>TERMINATING", "WillEnd", "TERMINATING>TERMINATED", "DidEnd"]
    else:
        callee.do(events.Terminate())
        ending = ["PROPOSED>TERMINATED", "DidEnd"]
    wire.carry()
    assert caller.statuses() == [180, 487]
    assert told_since(caller, count) == ending


def test_the_code_of_a_failure_is_never_that_of_the_bye_that_follows_it():
    party = calling_with("audio")
    party.receive(answer_to(party, 200, body=sdp("m=audio 0 RTP/AVP 0\r\n"), tag=TAG))
    assert party.last.method == "BYE"
    assert party.failure[:2] == ("local", 488)
