"""Files as streams of a call: each its own, and over when it has arrived; RFC 5547 8."""

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, file_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, TAG, UDP, Party, Wire
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, ringing, talking, told_since

SDP = ("Content-Type", "application/sdp")


def ports(message):
    return [(each.kind, bool(each.port)) for each in SessionDescription.parse(message.body).media]


def sending(*kinds):
    """Two ends of a call that has files of the caller, whose names at the callee are others."""

    caller, callee = Party(audio=TERMS), Party(TAG, audio=TERMS)
    wire = Wire(caller, callee)
    caller.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", kinds))
    caller.do(events.TargetResolved(UDP))
    wire.carry()
    callee.do(events.Accept(tuple(each.kind for each in callee.call.streams)))
    wire.carry()
    for party in (caller, callee):
        party.asked, party.sent, party.flows = [], [], []
    wire.taken = dict.fromkeys(wire.taken, 0)
    return caller, callee, wire


def test_an_invite_with_a_file_is_no_chat_and_shows_the_line():
    party = ringing(body=sdp(str_of(file_media())))
    data = party.told[-1].data
    assert (data["has_audio"], data["has_chat"], list(data["files"])) == (False, False, ["file-peer-1"])
    assert data["files"]["file-peer-1"].attribute("file-selector") == 'name:"a.txt" size:3'
    assert data["files"]["file-peer-1"].own_direction == "sendonly"


def test_several_files_and_a_chat_are_proposed_and_answered_each_in_its_place():
    party = ringing(body=sdp(str_of(file_media()), str_of(chat_media()), str_of(file_media(name="b"))))
    assert list(party.told[-1].data["files"]) == ["file-peer-1", "file-peer-2"]
    party.do(events.Accept(("file-peer-2", "chat")))
    assert {each.kind for each in party.unprepared} == {"file-peer-2", "chat"}
    party.prepare_all()
    assert ports(party.last) == [("message", False), ("message", True), ("message", True)]


def test_a_file_goes_to_its_stream_as_a_line_that_holds_for_itself():
    caller, callee, _wire = sending("file-1", "chat", "file-2")
    assert list(caller.media) == ["file-1", "chat", "file-2"]
    assert list(callee.media) == ["file-peer-1", "chat", "file-peer-2"]
    assert callee.media["file-peer-1"].remote.attribute("file-selector")
    assert not caller.call.on_hold
    assert not callee.call.on_hold


def test_a_call_whose_only_file_has_arrived_ends_by_the_bye_of_the_sender():
    caller, callee, wire = sending("file-1")
    counts = len(caller.told), len(callee.told)
    caller.do(events.StreamEnded("file-1", "the file was delivered", by_us=True))
    assert caller.state is State.TERMINATING
    assert not caller.asked, "its connection stays until the peer has answered"
    wire.carry()
    assert caller.asked == [outputs.StopStream("file-1", linger=True)]
    assert callee.asked == [outputs.StopStream("file-peer-1")]
    assert told_since(caller, counts[0]) == ["ESTABLISHED>TERMINATING", "WillEnd", "TERMINATING>TERMINATED", "DidEnd"]
    assert told_since(callee, counts[1]) == ["ESTABLISHED>TERMINATED", "DidEnd"]
    assert "SCSessionDidFail" not in caller.names + callee.names


def test_a_receiver_ends_a_call_whose_sender_just_closes():
    _caller, callee, wire = sending("file-1")
    callee.do(events.StreamEnded("file-peer-1", "the file was received"))
    wire.carry()
    assert callee.state is State.TERMINATED
    assert "SCSessionDidFail" not in callee.names


def test_a_file_that_arrives_before_the_ack_lets_the_bye_wait_for_it():
    party = ringing(body=sdp(str_of(file_media(5001))))
    party.do(events.Accept(("file-peer-1",)))
    party.prepare_all()
    party.do(events.StreamEnded("file-peer-1", "the file was delivered", by_us=True))
    assert (party.state, party.requests("BYE")) == (State.TERMINATING, [])
    party.receive(in_dialog(party, "ACK", 1))
    assert len(party.requests("BYE")) == 1


def test_a_file_beside_others_ends_alone_and_the_sender_closes_its_line():
    caller, callee, wire = sending("file-1", "chat")
    callee.do(events.StreamEnded("file-peer-1", "the file was received"))
    assert not callee.sent
    caller.do(events.StreamEnded("file-1", "the file was delivered", by_us=True))
    assert ports(caller.last) == [("message", False), ("message", True)]
    wire.carry()
    for party in (caller, callee):
        assert party.state is State.ESTABLISHED
        assert [each.kind for each in party.call.streams] == ["chat"]
        assert [each for each in party.asked if isinstance(each, outputs.StopStream)]


def test_a_file_that_breaks_is_stopped_and_the_rest_goes_on():
    caller, _callee, _wire = sending("file-1", "chat")
    caller.do(events.StreamFailed("file-1", "disk full"))
    assert caller.asked == [outputs.StopStream("file-1")]
    assert caller.state is State.ESTABLISHED


def test_the_only_file_that_breaks_is_the_failure_of_the_call():
    caller, _callee, wire = sending("file-1")
    caller.do(events.StreamFailed("file-1", "the connection was lost"))
    wire.carry()
    assert caller.failure == ("local", 0, "the connection was lost")


def test_files_are_proposed_one_after_the_other_and_none_takes_the_name_of_another():
    caller, callee, wire = talking("chat")
    callee.do(events.AddStream("file-1"))
    wire.carry()
    assert callee.told[-1].data["files"] == {"file-1": None}
    assert list(caller.told[-1].data["files"]) == ["file-peer-1"]
    caller.do(events.AcceptProposal())
    wire.carry()
    caller.do(events.StreamEnded("file-peer-1", "the file was received"))
    callee.do(events.StreamEnded("file-1", "the file was delivered", by_us=True))
    wire.carry()
    callee.do(events.AddStream("file-2"))
    wire.carry()
    assert list(caller.told[-1].data["files"]) == ["file-peer-2"]
    assert ports(callee.requests("INVITE")[-1]) == [("message", True), ("message", True)], "the line is used again"


def test_an_offer_that_adds_a_file_does_not_end_another():
    """A peer may refuse an offer that adds and ends streams: each has its own."""
    caller, callee, wire = sending("file-1", "chat")
    caller.do(events.AddStream("file-2"))
    caller.do(events.StreamEnded("file-1", "the file was delivered", by_us=True))
    wire.carry()
    assert ports(caller.requests("INVITE")[0]) == [("message", True)] * 3
    callee.do(events.AcceptProposal())
    wire.carry()
    assert ports(caller.requests("INVITE")[-1]) == [("message", False), ("message", True), ("message", True)]
    assert caller.names[-1] == "SCSessionAcceptedStreamProposal"
    assert sorted(each.kind for each in caller.call.streams) == ["chat", "file-2"]


def test_a_line_of_a_file_that_comes_again_changes_nothing_and_a_new_path_is_refused():
    party = ringing(body=sdp(str_of(file_media())))
    party.do(events.Accept(("file-peer-1",)))
    party.prepare_all()
    party.receive(in_dialog(party, "ACK", 1))
    party.asked = []
    party.receive(in_dialog(party, "INVITE", 2, SDP, body=sdp(str_of(file_media()), version=2)))
    party.receive(in_dialog(party, "ACK", 2))
    assert (party.last.status, party.asked) == (200, [])
    moved = str_of(file_media()).replace("/s1;", "/s2;")
    party.receive(in_dialog(party, "INVITE", 3, SDP, body=sdp(moved, version=3)))
    assert party.last.status == 488


def test_hold_leaves_files_alone():
    caller, callee, wire = sending("audio", "file-1")
    caller.do(events.Hold())
    wire.carry()
    assert callee.call.held_by_remote
    assert [each for each in caller.asked if isinstance(each, outputs.HoldStream)] == [
        outputs.HoldStream("audio", True)
    ]
    caller.do(events.Unhold())
    wire.carry()
    assert not callee.call.held_by_remote


def test_a_large_file_may_take_its_time_to_be_prepared():
    party = Party()
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat", "file-1")))
    assert party.running["preparing"] == 3600
    party.do(events.Terminate())


@pytest.mark.parametrize("port", [0, 5001])
def test_a_refused_file_beside_audio_is_stopped(port):
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("audio", "file-1")))
    party.do(events.TargetResolved(UDP))
    party.prepare_all()
    theirs = str_of(file_media(5001)).replace("5001", str(port), 1)
    party.receive(answer_to(party, body=sdp(str_of(audio_media()), theirs)))
    assert (outputs.StopStream("file-1") in party.asked) is (port == 0)
