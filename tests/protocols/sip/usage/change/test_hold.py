"""Hold and unhold, from either side: RFC 3264 8.4, and the table of directions."""

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.party import TAG, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, invite, talking, told_since

SDP = ("Content-Type", "application/sdp")
HELD, FREE = "GotHoldRequest", "GotUnholdRequest"


def directions(message):
    return [each.direction for each in SessionDescription.parse(message.body).media]


def test_a_hold_is_offered_sendonly_and_told_when_it_is_sent():
    caller, callee, wire = talking()
    before = len(caller.told), len(callee.told)
    caller.do(events.Hold())
    (invite,) = caller.requests("INVITE")
    assert directions(invite) == ["sendonly"]
    assert caller.asked == [outputs.HoldStream("audio", True)]
    assert told_since(caller, before[0]) == [HELD]
    assert caller.told[-1].data == {"originator": "local"}
    wire.carry()
    assert told_since(callee, before[1]) == [HELD]
    assert callee.told[-1].data == {"originator": "remote"}
    assert (caller.call.held_by_local, caller.call.held_by_remote) == (True, False)
    assert (callee.call.held_by_local, callee.call.held_by_remote) == (False, True)
    assert caller.state is callee.state is State.ESTABLISHED


def test_the_streams_of_both_sides_learn_the_new_direction():
    caller, callee, wire = talking()
    caller.do(events.Hold())
    wire.carry()
    kinds = [type(each).__name__ for each in caller.asked], [type(each).__name__ for each in callee.asked]
    assert kinds == (["HoldStream", "Prepare", "StartStream"], ["Prepare", "StartStream", "HoldStream"])
    assert caller.asked[1].remote.direction == "recvonly"
    assert (caller.media["audio"].local.direction, caller.media["audio"].remote.direction) == ("sendonly", "recvonly")
    assert (callee.media["audio"].local.direction, callee.media["audio"].remote.direction) == ("recvonly", "sendonly")


def test_unhold_mirrors_hold():
    caller, callee, wire = talking()
    for command in (events.Hold(), events.Unhold()):
        caller.do(command)
        wire.carry()
    assert [directions(each) for each in caller.requests("INVITE")] == [["sendonly"], ["sendrecv"]]
    assert not caller.call.on_hold
    assert not callee.call.on_hold
    assert caller.media["audio"].local.direction == callee.media["audio"].local.direction == "sendrecv"
    assert caller.muted == callee.muted == {"audio": False}


@pytest.mark.parametrize(
    ("commands", "offered", "answered"),
    [
        ("1h 2h", ["sendonly", "inactive"], ["recvonly", "inactive"]),
        ("1h 2h 1u", ["sendonly", "inactive", "recvonly"], ["recvonly", "inactive", "sendonly"]),
        ("1h 2h 1u 2u", ["sendonly", "inactive", "recvonly", "sendrecv"], None),
        ("1h 2h 2u 1u", ["sendonly", "inactive", "recvonly", "sendrecv"], None),
    ],
)
def test_the_directions_are_those_of_the_table(commands, offered, answered):
    caller, callee, wire = talking()
    seen = []
    for number, verb in commands.split():
        party, other = (caller, callee) if number == "1" else (callee, caller)
        party.do(events.Hold() if verb == "h" else events.Unhold())
        wire.carry()
        seen.append((directions(party.requests("INVITE")[-1])[0], directions(_last_answer(other))[0]))
    assert [each[0] for each in seen] == offered
    assert answered is None or [each[1] for each in seen] == answered
    assert caller.call.on_hold is callee.call.on_hold is (commands.count("h") > commands.count("u"))


def _last_answer(party):
    return [each for each in party.sent if getattr(each, "status", 0) == 200][-1]


def test_each_side_knows_who_holds():
    caller, callee, wire = talking()
    caller.do(events.Hold())
    wire.carry()
    callee.do(events.Hold())
    wire.carry()
    caller.do(events.Unhold())
    wire.carry()
    assert (caller.call.held_by_local, caller.call.held_by_remote) == (False, True)
    assert (callee.call.held_by_local, callee.call.held_by_remote) == (True, False)
    assert caller.muted == callee.muted == {"audio": True}, "either side's hold mutes"


def test_holding_what_is_held_is_silent():
    caller, _callee, wire = talking()
    caller.do(events.Hold())
    wire.carry()
    sent, told = len(caller.sent), len(caller.told)
    caller.do(events.Hold())
    assert (len(caller.sent), len(caller.told)) == (sent, told)


def test_a_chat_is_held_by_a_new_version_only():
    caller, callee, wire = talking("chat")
    before = caller.call.negotiation.local
    caller.do(events.Hold())
    wire.carry()
    old, new = SessionDescription.parse(before), SessionDescription.parse(caller.requests("INVITE")[0].body)
    assert new.media == old.media
    assert new.origin.session_version == old.origin.session_version + 1
    assert caller.call.held_by_local
    assert not callee.call.held_by_remote, "a hold is seen on an audio line only"
    assert caller.asked == callee.asked == []


@pytest.mark.parametrize("status", [488, 500, 603])
def test_a_refused_hold_is_taken_back(status):
    caller, _callee, _wire = talking()
    count = len(caller.told)
    caller.do(events.Hold())
    caller.receive(answer_to(caller, status, tag=TAG))
    assert told_since(caller, count) == [HELD, FREE]
    assert not caller.call.held_by_local
    assert caller.asked == [outputs.HoldStream("audio", True), outputs.HoldStream("audio", False)]
    assert caller.state is State.ESTABLISHED
    assert not caller.call.is_busy


def test_a_refused_unhold_leaves_the_call_held():
    caller, _callee, wire = talking()
    caller.do(events.Hold())
    wire.carry()
    caller.do(events.Unhold())
    caller.receive(answer_to(caller, 488, tag=TAG))
    assert caller.call.held_by_local
    assert caller.muted == {"audio": True}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (audio_media(5000, "sendonly"), "recvonly"),
        (audio_media(5000, "inactive"), "inactive"),
        (audio_media(5000, "sendrecv", "0.0.0.0"), "inactive"),
        (audio_media(5000, "sendonly", "0.0.0.0"), "recvonly"),
    ],
    ids=["sendonly", "inactive", "null address", "null address, sendonly"],
)
def test_a_hold_of_the_peer_in_any_form_is_one(line, answer):
    caller, _callee, _wire = talking()
    caller.receive(in_dialog(caller, "INVITE", 2, SDP, body=sdp(str_of(line), version=2)))
    assert not [each for each in caller.sent if getattr(each, "status", 0) >= 200], "the stream is asked first"
    caller.prepare_all()
    assert directions(caller.last) == [answer]
    assert caller.call.held_by_remote
    assert caller.muted == {"audio": True}
    assert caller.media["audio"].local.direction == answer


def test_an_answer_that_does_not_let_us_send_is_a_hold():
    caller, _callee, _wire = talking()
    caller.do(events.Hold())
    body = sdp(str_of(audio_media(5000, "inactive")), version=2)
    caller.receive(answer_to(caller, 200, tag=TAG, body=body))
    assert caller.call.held_by_remote
    assert caller.call.held_by_local


def test_a_call_that_begins_on_hold_is_told_so_before_it_starts():
    party = Party(audio=TERMS)
    party.receive(invite(body=sdp(str_of(audio_media(5000, "sendonly")))))
    party.do(events.Accept(("audio",)))
    party.prepare_all()
    assert party.names[-2:] == ["SCSessionGotHoldRequest", "SCSessionWillStart"]
    assert [type(each).__name__ for each in party.asked] == ["Prepare", "StartStream", "HoldStream"]


def test_a_stream_that_is_added_on_hold_is_offered_sendonly_and_muted():
    caller, callee, wire = talking("chat")
    caller.do(events.Hold())
    wire.carry()
    caller.do(events.AddStream("audio"))
    wire.carry()
    assert directions(caller.requests("INVITE")[-1]) == ["sendrecv", "sendonly"]
    callee.do(events.AcceptProposal())
    wire.carry()
    assert caller.muted == callee.muted == {"audio": True}
    assert callee.call.held_by_remote


def test_a_hold_ends_with_the_stream_that_was_held():
    caller, callee, wire = talking("audio", "chat")
    caller.do(events.Hold())
    wire.carry()
    caller.do(events.RemoveStream("audio"))
    wire.carry()
    assert caller.call.held_by_local
    assert not callee.call.held_by_remote
    assert [each.name for each in callee.told[-2:]] == ["SCSessionGotUnholdRequest", "SCSessionGotStreamUpdate"]
