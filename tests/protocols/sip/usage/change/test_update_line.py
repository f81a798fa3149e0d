"""Better lines of running streams, which the peer is told and may refuse: RFC 8839 4.4.1, RFC 3261 14.1."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.party import TAG
from tests.protocols.sip.usage.scenes import answer_to, in_dialog, talking, told_since

ICE = ("a=ice-ufrag:u", "a=ice-pwd:p")
BETTER = audio_media(4000, None, "198.51.100.1", *ICE)
OUTDATED = events.StreamOutdated("audio")
SDP = ("Content-Type", "application/sdp")


def addresses(message):
    document = SessionDescription.parse(message.body)
    return [document.connection_of(each).address for each in document.media]


def offering(*kinds):
    """A caller that offers a better line of its audio."""
    caller, callee, wire = talking(*kinds)
    caller.do(OUTDATED)
    assert caller.asked[-1] == outputs.Prepare("audio", outgoing=True)
    caller.prepare("audio", BETTER)
    return caller, callee, wire


def test_a_better_line_is_asked_for_and_offered_and_nobody_is_told():
    caller, callee, wire = talking("audio", "chat")
    count = len(caller.told), len(callee.told)
    caller.do(OUTDATED)
    caller.prepare("audio", BETTER)
    assert addresses(caller.last) == ["198.51.100.1", "192.0.2.1"]
    wire.carry()
    assert caller.media["audio"].local.connection.address == "198.51.100.1"
    assert callee.media["audio"].remote.connection.address == "198.51.100.1"
    assert not caller.call.is_busy
    assert told_since(caller, count[0]) == told_since(callee, count[1]) == []


@pytest.mark.parametrize("status", [403, 488, 500, 503, 606])
def test_a_peer_that_refuses_it_changes_nothing(status):
    caller, _callee, _wire = offering("audio")
    count = len(caller.told)
    started = [each for each in caller.asked if isinstance(each, outputs.StartStream)]
    caller.receive(answer_to(caller, status, tag=TAG))
    assert outputs.Revert("audio") in caller.asked
    assert [each for each in caller.asked if isinstance(each, outputs.StartStream)] == started
    assert caller.notes[-1].event == "stream.unchanged"
    assert str(status) in caller.notes[-1].data["reason"]
    assert caller.state is State.ESTABLISHED
    assert caller.call.runs("audio")
    assert not caller.call.is_busy
    assert told_since(caller, count) == []


def test_after_a_refusal_a_change_offers_the_line_that_the_peer_knows():
    caller, _callee, wire = offering("audio")
    caller.receive(answer_to(caller, 488, tag=TAG))
    wire.taken[id(caller)] = len(caller.sent)
    caller.do(events.Hold())
    assert addresses(caller.last) == ["192.0.2.9"]
    wire.carry()
    assert caller.call.held_by_local


def test_one_that_meets_an_offer_of_the_peer_is_tried_again_by_lot():
    caller, callee, wire = offering("audio")
    caller.receive(answer_to(caller, 491, tag=TAG))
    assert 2.1 <= caller.running["retry"] <= 4.0, "who made the Call-ID waits longer"
    wire.taken[id(caller)] = len(caller.sent)
    caller.fire("retry")
    wire.carry()
    assert callee.media["audio"].remote.connection.address == "198.51.100.1"
    assert not caller.call.is_busy


def test_one_that_always_meets_another_is_given_up_and_the_stream_goes_on():
    caller, _callee, _wire = offering("audio")
    for _ in range(20):
        caller.receive(answer_to(caller, 491, tag=TAG))
        if "retry" not in caller.running:
            break
        caller.fire("retry")
    assert len(caller.requests("INVITE")) == 8
    assert caller.call.runs("audio")
    assert not caller.call.is_busy


def test_an_offer_of_the_peer_that_comes_first_is_answered_by_the_better_line():
    caller, _callee, _wire = offering("audio")
    caller.receive(answer_to(caller, 491, tag=TAG))
    theirs = audio_media(8000, "sendonly")
    caller.receive(in_dialog(caller, "INVITE", 2, SDP, body=sdp(str_of(theirs), version=2)))
    assert caller.last.status == 200
    assert addresses(caller.last) == ["198.51.100.1"]
    assert not [name for name in caller.running if name == "retry"], "there is nothing left to tell"


def test_it_waits_for_its_turn_and_is_asked_for_once():
    caller, _callee, wire = talking("audio")
    caller.do(events.Hold())
    caller.do(OUTDATED)
    caller.do(OUTDATED)
    wire.carry()
    assert caller.asked.count(outputs.Prepare("audio", outgoing=True)) == 1


def test_a_stream_that_moves_anyway_is_not_asked_for_a_better_line():
    caller, _callee, _wire = talking("audio")
    caller.do(events.StreamMoved("audio", audio_media(7000)))
    caller.do(OUTDATED)
    assert caller.call.commands == ()


@pytest.mark.parametrize("when", ["queued", "asked", "offered"])
def test_a_worker_that_dies_meanwhile_has_its_new_line_told_all_the_same(when):
    caller, callee, wire = talking("audio")
    if when == "queued":
        caller.do(events.Hold())
    caller.do(OUTDATED)
    if when == "offered":
        caller.prepare("audio", BETTER)
    else:
        caller.unprepared = [each for each in caller.unprepared if each.kind != "audio"]
    caller.do(events.StreamMoved("audio", audio_media(7000)))
    if when == "offered":
        caller.receive(answer_to(caller, 488, tag=TAG))
        wire.taken[id(caller)] = len(caller.sent) - 1
        assert outputs.Revert("audio") not in caller.asked, "it has gone on by then"
    wire.carry()
    assert callee.media["audio"].remote.port == 7000


def test_a_worker_that_cannot_make_it_leaves_all_as_it_was():
    caller, _callee, _wire = talking("audio")
    caller.do(OUTDATED)
    caller.do(events.StreamFailed("audio", "another INVITE is pending"))
    assert caller.call.runs("audio")
    assert not caller.call.is_busy
    assert caller.requests("INVITE")[1:] == []


def test_one_of_a_stream_that_is_gone_is_dropped():
    caller, _callee, _wire = talking("audio", "chat")
    caller.do(events.RemoveStream("audio"))
    caller.do(OUTDATED)
    assert outputs.Prepare("audio", outgoing=True) not in caller.asked


def test_the_default_of_one_ice_session_may_differ_from_what_was_agreed_when_a_stream_follows():
    """Its audio comes by the candidates: no new line has to be agreed on."""
    caller, callee, wire = talking("audio")
    caller.do(events.StreamMoved("audio", audio_media(4000, None, "192.0.2.9", *ICE)))
    wire.carry()
    caller.moved["audio"] = BETTER
    count = len(caller.requests("INVITE"))
    caller.do(events.Hold())
    wire.carry()
    assert len(caller.requests("INVITE")) == count + 1, "only the hold"
    assert caller.media["audio"].local.connection.address == "192.0.2.9"
    assert callee.media["audio"].remote.direction == "sendonly"
