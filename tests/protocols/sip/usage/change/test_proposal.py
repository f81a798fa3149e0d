"""Proposals of streams, ours and the peer's: RFC 3261 14, RFC 3264 8.1."""

import pytest

from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.change.proposals import ACCEPTED, OFFERED, OPENING, REJECTED, lines, proposed, proposing
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.party import TAG
from tests.protocols.sip.usage.scenes import answer_to, talking, told_since


def test_a_proposal_prepares_its_stream_then_offers_it_beside_what_runs():
    caller, _callee, _wire = talking()
    count = len(caller.told)
    caller.do(events.AddStream("chat"))
    assert told_since(caller, count) == OPENING
    assert caller.told[-1].data == {
        "proposer": "local",
        "adds_audio": False,
        "adds_chat": True,
        "files": {},
        "refused_streams": {},
    }
    assert caller.asked == [outputs.Prepare("chat", outgoing=True)]
    assert not caller.sent
    caller.prepare_all()
    assert lines(caller.last) == [("audio", 4000), ("message", 2855)]
    assert caller.call.proposal == ("chat",)


def test_a_proposal_that_both_want_is_accepted_on_both_sides():
    caller, callee, wire = talking()
    counts = len(caller.told), len(callee.told)
    caller.do(events.AddStream("chat"))
    wire.carry()
    assert callee.state is State.PROPOSED
    assert callee.call.proposes("chat")
    assert callee.statuses() == [180]
    callee.do(events.AcceptProposal())
    wire.carry()
    assert told_since(caller, counts[0]) == [*OPENING, "PROPOSING>ESTABLISHED", ACCEPTED, "GotStreamUpdate"]
    assert told_since(callee, counts[1]) == [
        "ESTABLISHED>PROPOSED",
        OFFERED,
        "PROPOSED>ESTABLISHED",
        ACCEPTED,
        "GotStreamUpdate",
    ]
    assert [each.data["proposer"] for each in (caller.told[-2], callee.told[-2])] == ["local", "remote"]
    assert callee.told[counts[1] + 1].data["adds_chat"]
    for party in (caller, callee):
        assert set(party.media) == {"audio", "chat"}
        assert party.call.streams[1].index == 1
        assert not party.call.is_busy
        assert party.call.proposal == ()


@pytest.mark.parametrize("kind", ["audio", "chat"])
def test_what_runs_is_not_disturbed_by_a_proposal(kind):
    other = "chat" if kind == "audio" else "audio"
    caller, callee, wire = proposed(kind, other)
    callee.do(events.AcceptProposal())
    wire.carry()
    for party in (caller, callee):
        assert not [each for each in party.asked if each.kind == other]


def test_a_proposal_that_the_user_rejects_gets_488_with_a_warning_and_a_reason():
    caller, callee, wire = proposed()
    counts = len(caller.told), len(callee.told)
    callee.do(events.RejectProposal())
    wire.carry()
    assert callee.statuses() == [180, 488]
    assert "rejected by user" in next(each for each in callee.sent if getattr(each, "status", 0) == 488).warning
    assert told_since(callee, counts[1]) == ["PROPOSED>ESTABLISHED", REJECTED]
    assert callee.told[-1].data == {"proposer": "remote", "reason": "rejected by user"}
    assert told_since(caller, counts[0]) == ["PROPOSING>ESTABLISHED", REJECTED]
    assert caller.told[-1].data["proposer"] == "local"
    assert caller.told[-1].data["reason"].startswith("488 ")
    assert "rejected by user" in caller.told[-1].data["reason"]
    assert caller.asked[-1] == outputs.StopStream("chat")
    assert [each.kind for each in caller.call.streams] == [each.kind for each in callee.call.streams] == ["audio"]
    assert any(each.event == "request.rejected" and each.data["status"] == 488 for each in callee.notes)


def test_a_rejected_stream_can_be_proposed_again_by_either_side():
    caller, callee, wire = proposed()
    callee.do(events.RejectProposal())
    wire.carry()
    callee.do(events.AddStream("chat"))
    wire.carry()
    caller.do(events.AcceptProposal())
    wire.carry()
    assert set(caller.media) == set(callee.media) == {"audio", "chat"}


def test_a_stream_that_the_answer_refuses_in_place_was_rejected():
    caller, _callee, _wire = proposing()
    body = sdp(str_of(audio_media(5000)), "m=message 0 TCP/MSRP *\r\n", version=2)
    caller.receive(answer_to(caller, 200, tag=TAG, body=body))
    assert caller.last.method == "ACK"
    assert caller.told[-1].name == "SCSessionRejectedStreamProposal"
    assert caller.told[-1].data["reason"]
    assert caller.asked[-1] == outputs.StopStream("chat")
    caller.do(events.AddStream("chat"))
    caller.prepare_all()
    assert lines(caller.last) == [("audio", 4000), ("message", 2855)], "its line is used again"


def test_a_stream_that_cannot_be_prepared_is_not_proposed():
    caller, _callee, _wire = talking()
    count = len(caller.told)
    caller.do(events.AddStream("chat"))
    caller.do(events.StreamFailed("chat", "no port"))
    assert told_since(caller, count) == [*OPENING, "PROPOSING>ESTABLISHED", REJECTED]
    assert caller.told[-1].data["reason"] == "chat stream: no port"
    assert not caller.sent
    assert not caller.call.has("chat")


def test_a_stream_that_is_never_prepared_is_given_up():
    caller, _callee, _wire = talking()
    caller.do(events.AddStream("chat"))
    caller.fire("preparing")
    assert caller.told[-1].name == "SCSessionRejectedStreamProposal"
    assert caller.asked[-1] == outputs.StopStream("chat")


def test_a_stream_that_breaks_while_it_is_proposed_is_taken_back_after_the_answer():
    caller, callee, wire = proposed()
    caller.do(events.StreamFailed("chat", "connection reset"))
    assert caller.state is State.PROPOSING
    callee.do(events.AcceptProposal())
    wire.carry()
    assert caller.told[-1].name == "SCSessionRejectedStreamProposal"
    assert lines(caller.requests("INVITE")[-1]) == [("audio", 4000), ("message", 0)]
    assert not callee.call.has("chat")
    assert not callee.call.is_busy


def test_terminate_while_proposing_hangs_up_and_the_peer_declines():
    caller, callee, wire = proposed()
    counts = len(caller.told), len(callee.told)
    caller.do(events.Terminate())
    assert caller.last.method == "BYE"
    wire.carry()
    assert callee.statuses() == [180, 487]
    assert told_since(caller, counts[0]) == ["PROPOSING>TERMINATING", "WillEnd", "TERMINATING>TERMINATED", "DidEnd"]
    assert told_since(callee, counts[1]) == ["PROPOSED>TERMINATED", "DidEnd"]
    assert [each.method for each in caller.sent if hasattr(each, "method")][-1] == "ACK", "of the 487"


def test_the_peers_bye_while_we_propose_is_no_failure():
    caller, callee, wire = proposed()
    callee.do(events.RejectProposal())
    callee.sent.clear()
    wire.taken[id(callee)] = 0
    count = len(caller.told)
    callee.do(events.Terminate())
    wire.carry()
    assert told_since(caller, count) == ["PROPOSING>TERMINATED", "DidEnd"]
    assert caller.told[-1].data == {"originator": "remote"}


def test_a_proposal_that_the_peer_says_nothing_more_about_is_cancelled():
    caller, callee, wire = proposed()
    assert caller.running["answer"] == 180
    caller.fire("answer")
    assert caller.last.method == "CANCEL"
    assert caller.fire("answer") == []
    wire.carry()
    assert caller.told[-1].data["reason"].startswith("487")
    assert callee.told[-1].data["reason"] == "cancelled by the peer"
    assert caller.state is callee.state is State.ESTABLISHED


def test_a_peer_that_answers_not_even_the_cancel_is_gone():
    caller, _callee, _wire = proposed()
    caller.fire("answer")
    caller.fire("cancelled")
    assert caller.failure[:2] == ("local", 408)
    assert caller.last.method == "BYE"


def test_every_word_about_a_proposal_renews_the_patience():
    caller, callee, wire = proposed()
    caller.running.pop("answer")
    callee.fire("ringing")
    wire.carry()
    assert caller.running["answer"] == 180


def test_a_proposal_of_what_is_there_already_is_dropped():
    caller, _callee, _wire = talking("audio", "chat")
    count = len(caller.told)
    caller.do(events.AddStream("chat"))
    assert len(caller.told) == count
    assert not caller.sent
