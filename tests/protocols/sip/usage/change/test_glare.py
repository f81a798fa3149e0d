"""Two INVITEs that meet: RFC 3261 14.1, 14.2."""

import pytest

from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.change import glare
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.party import TAG
from tests.protocols.sip.usage.scenes import answer_to, cancel_of, in_dialog, talking, told_since

SDP = ("Content-Type", "application/sdp")
HOLD, PROPOSE = events.Hold(), events.AddStream("chat")


def crossing(one, other):
    """Both sides change the session before either has heard of it."""
    caller, callee, wire = talking("audio")
    for party, command in ((caller, one), (callee, other)):
        party.do(command)
        party.prepare_all()
    wire.carry()
    return caller, callee, wire


def retry(party):
    party.now += party.running["retry"]
    party.fire("retry")


def test_an_invite_that_comes_while_a_stream_follows_the_answer_before_it_waits():
    caller, callee, wire = talking("audio")
    caller.do(HOLD)
    for message in wire.fresh(caller):
        callee.receive(message)
    callee.prepare_all()
    for message in wire.fresh(callee):
        caller.receive(message)
    for message in wire.fresh(caller):
        callee.receive(message)
    callee.do(HOLD)
    for message in wire.fresh(callee):
        caller.receive(message)
    assert caller.statuses() == []
    assert caller.unprepared
    wire.carry()
    assert caller.statuses() == [200]
    assert caller.call.held_by_remote
    assert callee.call.held_by_remote


@pytest.mark.parametrize("what", ["cancel", "bad", "terminate"])
def test_an_invite_that_waits_can_be_cancelled_refused_and_declined(what):
    caller, _callee, _wire = talking("audio")
    caller.do(HOLD)
    caller.receive(answer_to(caller, 200, tag=TAG, body=sdp(str_of(audio_media(5000, "recvonly")), version=2)))
    body = b"junk" if what == "bad" else sdp(str_of(audio_media(5000, "inactive")), version=3)
    invite = in_dialog(caller, "INVITE", 2, SDP, body=body)
    caller.receive(invite)
    if what == "cancel":
        caller.receive(cancel_of(invite))
    elif what == "terminate":
        caller.do(events.Terminate())
    if what != "terminate":
        caller.prepare_all()
        assert caller.media["audio"].local.direction == "sendonly"
    assert caller.statuses() == [488 if what == "bad" else 487]


def test_both_invites_are_answered_491_and_both_sides_wait():
    caller, callee, _wire = crossing(HOLD, HOLD)
    assert caller.statuses() == callee.statuses() == [491]
    assert 2.1 <= caller.running["retry"] <= 4.0, "it made the Call-ID"
    assert 0.0 < callee.running["retry"] <= 2.0
    assert round(caller.running["retry"] * 100, 6) % 1 == 0


def test_nothing_is_told_twice_by_a_retry():
    caller, callee, wire = crossing(HOLD, HOLD)
    counts = len(caller.told), len(callee.told)
    for party in (callee, caller):
        retry(party)
        wire.carry()
    assert told_since(caller, counts[0]) == told_since(callee, counts[1]) == ["GotHoldRequest"]
    assert caller.told[-1].data == callee.told[-1].data == {"originator": "remote"}
    assert [(each.call.held_by_local, each.call.held_by_remote) for each in (caller, callee)] == [(True, True)] * 2


def test_a_hold_comes_through_while_a_proposal_of_ours_waits():
    caller, callee, wire = crossing(PROPOSE, HOLD)
    retry(callee)
    wire.carry()
    assert caller.call.held_by_remote
    assert caller.state is State.PROPOSING
    retry(caller)
    wire.carry()
    callee.do(events.AcceptProposal())
    wire.carry()
    assert caller.told[-2].name == "SCSessionAcceptedStreamProposal"
    assert set(caller.media) == set(callee.media) == {"audio", "chat"}


def test_of_two_proposals_that_meet_the_first_to_come_through_is_decided_and_the_other_rejected():
    caller, callee, wire = crossing(PROPOSE, PROPOSE)
    count = len(caller.told)
    retry(callee)
    wire.carry()
    assert told_since(caller, count) == [
        "PROPOSING>ESTABLISHED",
        "RejectedStreamProposal",
        "ESTABLISHED>PROPOSED",
        "GotStreamProposal",
    ]
    assert caller.told[count + 1].data["proposer"] == "local"
    assert caller.asked[-1] == outputs.StopStream("chat")
    assert "retry" not in caller.running
    caller.do(events.AcceptProposal())
    wire.carry()
    assert callee.told[-2].name == "SCSessionAcceptedStreamProposal"
    assert set(caller.media) == set(callee.media) == {"audio", "chat"}


def test_a_retry_waits_until_the_peers_invite_is_finished():
    caller, callee, wire = crossing(HOLD, PROPOSE)
    retry(callee)
    wire.carry()
    assert caller.state is State.PROPOSED
    sent = len(caller.requests("INVITE"))
    retry(caller)
    assert len(caller.requests("INVITE")) == sent
    caller.do(events.RejectProposal())
    wire.carry()
    assert callee.call.held_by_remote


def test_a_peer_that_answers_491_for_ever_has_refused():
    caller, _callee, _wire = talking("audio")
    caller.do(PROPOSE)
    caller.prepare_all()
    for _ in range(glare.TRIES - 1):
        caller.receive(answer_to(caller, 491, tag=TAG))
        assert caller.state is State.PROPOSING
        retry(caller)
    caller.receive(answer_to(caller, 491, tag=TAG))
    assert caller.told[-1].name == "SCSessionRejectedStreamProposal"
    assert caller.told[-1].data["reason"].startswith("491")
    assert len(caller.requests("INVITE")) == glare.TRIES
    versions = [each.body.split()[3] for each in caller.requests("INVITE")]
    assert len(set(versions)) == glare.TRIES, "each offer has a version of its own"


def test_an_offer_while_ours_is_being_prepared_gets_491():
    caller, _callee, _wire = talking("audio")
    caller.do(PROPOSE)
    caller.receive(in_dialog(caller, "INVITE", 2, SDP, body=sdp(str_of(audio_media(5000)))))
    assert caller.last.status == 491
    caller.prepare_all()
    assert caller.last.method == "INVITE"


@pytest.mark.parametrize(("headers", "seconds"), [((("Retry-After", "7"),), 7.0), ((("Retry-After", "0"),), 1.0)])
def test_a_500_that_says_when_to_come_again_is_waited_for(headers, seconds):
    caller, _callee, _wire = talking("audio")
    caller.do(HOLD)
    caller.receive(answer_to(caller, 500, *headers, tag=TAG))
    assert caller.running["retry"] == seconds
    assert caller.call.held_by_local
    caller.fire("retry")
    caller.receive(answer_to(caller, 200, tag=TAG, body=sdp(str_of(audio_media(5000, "recvonly")), version=2)))
    caller.prepare_all()
    assert caller.call.held_by_local
    assert not caller.call.is_busy


@pytest.mark.parametrize("headers", [(), (("Retry-After", "60"),), (("Retry-After", "soon"),)])
def test_a_500_that_does_not_or_that_takes_too_long_is_a_refusal(headers):
    caller, _callee, _wire = talking("audio")
    caller.do(HOLD)
    caller.receive(answer_to(caller, 500, *headers, tag=TAG))
    assert not caller.call.held_by_local


def test_a_487_that_we_did_not_ask_for_is_the_end_coming():
    caller, callee, wire = talking("audio")
    caller.do(PROPOSE)
    wire.carry()
    count = len(caller.told)
    callee.do(events.Terminate())
    wire.carry()
    assert told_since(caller, count) == ["PROPOSING>TERMINATED", "DidEnd"]


def test_terminate_while_waiting_hangs_up_at_once():
    caller, callee, wire = crossing(PROPOSE, HOLD)
    caller.do(events.Terminate())
    wire.carry()
    assert caller.state is callee.state is State.TERMINATED
    assert "SCSessionDidFail" not in caller.names + callee.names
