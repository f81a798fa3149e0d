"""New lines of running streams: of one that moved, and of one that cannot follow without: RFC 3264 8.3."""

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, TAG, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, invite, talking, told_since

MOVED = audio_media(7000)
SDP = ("Content-Type", "application/sdp")
CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"


def ports(message):
    return [each.port for each in SessionDescription.parse(message.body).media]


def test_the_line_of_a_stream_that_moved_is_offered_and_the_stream_started_by_it():
    caller, callee, wire = talking("audio", "chat")
    count = len(caller.told)
    caller.do(events.StreamMoved("audio", MOVED))
    assert ports(caller.last) == [7000, 2855]
    wire.carry()
    assert caller.asked[-1].local.port == 7000
    assert caller.asked[-1].remote.port == callee.media["audio"].local.port
    assert callee.media["audio"].remote.port == 7000
    assert len(caller.told) == count
    assert not caller.call.is_busy


def test_it_waits_until_no_invite_is_open_and_goes_before_other_commands():
    caller, _callee, wire = talking("audio")
    caller.do(events.Hold())
    caller.do(events.Unhold())
    caller.do(events.StreamMoved("audio", MOVED))
    wire.carry()
    assert [ports(each) for each in caller.requests("INVITE")] == [[4000], [7000], [7000]]
    assert [SessionDescription.parse(each.body).media[0].direction for each in caller.requests("INVITE")] == [
        *("sendonly", "sendonly", "sendrecv"),
    ]


def test_of_two_moves_the_last_one_is_offered():
    caller, _callee, wire = talking("audio")
    caller.do(events.Hold())
    for port in (7000, 7100):
        caller.do(events.StreamMoved("audio", audio_media(port)))
    wire.carry()
    assert [ports(each) for each in caller.requests("INVITE")] == [[4000], [7100]]


def test_a_stream_whose_new_line_is_refused_is_lost():
    caller, _callee, _wire = talking("audio", "chat")
    caller.do(events.StreamMoved("audio", MOVED))
    caller.receive(answer_to(caller, 488, tag=TAG))
    assert outputs.StopStream("audio") in caller.asked
    assert not caller.call.has("audio")
    assert ports(caller.last) == [0, 2855], "the peer is told"
    alone, _callee, _wire = talking("audio")
    alone.do(events.StreamMoved("audio", MOVED))
    alone.receive(answer_to(alone, 488, tag=TAG))
    assert alone.failure[0] == "local"
    assert "488" in alone.failure[2]


def test_a_trouble_of_the_peer_that_may_pass_does_not_lose_the_stream():
    caller, callee, wire = talking("audio")
    caller.do(events.StreamMoved("audio", MOVED))
    caller.receive(answer_to(caller, 503, tag=TAG))
    wire.taken[id(caller)] = len(caller.sent)
    caller.fire("retry")
    wire.carry()
    assert callee.media["audio"].remote.port == 7000


def test_a_move_that_meets_a_move_comes_through_with_it():
    caller, callee, wire = talking("audio")
    caller.do(events.StreamMoved("audio", MOVED))
    callee.do(events.StreamMoved("audio", audio_media(8000)))
    wire.carry()
    assert caller.statuses() == callee.statuses() == [491]
    callee.fire("retry")
    wire.carry()
    assert (caller.media["audio"].local.port, caller.media["audio"].remote.port) == (7000, 8000)
    assert (callee.media["audio"].local.port, callee.media["audio"].remote.port) == (8000, 7000)
    assert "retry" not in caller.running
    assert not caller.call.is_busy
    assert not any(isinstance(each, outputs.Prepare) for each in caller.asked), "it has an offer out already"


def test_keys_that_meet_become_answers_to_each_other_or_wait():
    for key, status in (("1 AES_CM_128_HMAC_SHA1_80", 200), ("9 OTHER", 491)):
        caller, _callee, _wire = talking("audio")
        more = (CRYPTO + "mine1", "a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:mine2")
        caller.do(events.StreamMoved("audio", audio_media(7000, None, "192.0.2.9", *more)))
        caller.receive(answer_to(caller, 491, tag=TAG))
        theirs = audio_media(8000, None, "192.0.2.9", f"a=crypto:{key} inline:theirs")
        caller.receive(in_dialog(caller, "INVITE", 2, SDP, body=sdp(str_of(theirs), version=2)))
        assert caller.last.status == status
        if status == 200:
            (chosen,) = SessionDescription.parse(caller.last.body).media[0].all("crypto")
            assert chosen.endswith("inline:mine1")
            assert caller.media["audio"].remote.all("crypto") == (f"{key} inline:theirs",)
        else:
            assert caller.call.change is not None


def test_a_stream_that_moves_before_the_call_is_placed_is_offered_where_it_is():
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("audio",)))
    party.prepare_all()
    party.do(events.StreamMoved("audio", MOVED))
    party.do(events.TargetResolved(UDP))
    assert ports(party.last) == [7000]


def test_a_stream_that_moves_while_the_call_rings_is_offered_after_the_answer():
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("audio",)))
    party.do(events.TargetResolved(UDP))
    party.prepare_all()
    party.do(events.StreamMoved("audio", MOVED))
    party.receive(answer_to(party, 200, tag=TAG, body=sdp(str_of(audio_media(5000)))))
    assert ports(party.last) == [7000]
    assert party.media == {}, "its line was not the one that was agreed"
    party.receive(answer_to(party, 200, tag=TAG, body=sdp(str_of(audio_media(5000)))))
    assert party.media["audio"].local.port == 7000


@pytest.mark.parametrize("answered", [False, True])
def test_a_stream_that_moves_before_the_ack_is_offered_after_it(answered):
    party = Party(audio=TERMS)
    party.receive(invite(body=sdp(str_of(audio_media(5000)))))
    party.do(events.Accept(("audio",)))
    if answered:
        party.prepare_all()
    party.do(events.StreamMoved("audio", MOVED))
    party.prepare_all()
    party.receive(in_dialog(party, "ACK", 1))
    assert party.last.method == "INVITE"
    assert ports(party.last) == [7000]


def test_a_stream_that_moves_while_it_is_asked_for_an_answer_has_the_offer_refused_for_now():
    caller, _callee, _wire = talking("audio")
    body = sdp(str_of(audio_media(5000, "sendonly")), version=2)
    caller.receive(in_dialog(caller, "INVITE", 2, SDP, body=body))
    caller.unprepared.clear()
    caller.do(events.StreamMoved("audio", MOVED))
    refusal = next(each for each in caller.sent if getattr(each, "status", 0) >= 500)
    assert (refusal.status, refusal.get("retry-after")) == (500, "2")
    assert ports(caller.last) == [7000]


def test_what_a_gone_stream_says_of_its_line_is_not_heard():
    caller, _callee, wire = talking("audio", "chat")
    caller.do(events.Hold())
    caller.do(events.RemoveStream("audio"))
    caller.do(events.StreamMoved("audio", MOVED))
    wire.carry()
    assert [ports(each)[0] for each in caller.requests("INVITE")] == [4000, 7000, 0]
    caller.do(events.StreamMoved("audio", audio_media(7200)))
    assert not caller.call.is_busy
    assert caller.state is State.ESTABLISHED


# ------------------------------------------------------------- following


def following(answer_port):
    """A caller whose stream follows the peer's new line, and has this port now."""
    caller, callee, wire = talking("audio", "chat")
    caller.do(events.Hold())
    for message in wire.fresh(caller):
        callee.receive(message)
    callee.prepare_all()
    for message in wire.fresh(callee):
        caller.receive(message)
    assert caller.unprepared[0].remote.direction == "recvonly"
    caller.prepare("audio", audio_media(answer_port))
    return caller, callee, wire


def test_a_stream_that_follows_is_started_with_the_line_that_was_agreed():
    caller, _callee, _wire = following(4000)
    assert (caller.media["audio"].local.direction, caller.media["audio"].remote.direction) == ("sendonly", "recvonly")
    assert not caller.call.is_busy


def test_a_stream_that_follows_by_another_line_has_one_made_and_offered():
    caller, callee, wire = following(4444)
    assert caller.asked[-1] == outputs.Prepare("audio", outgoing=True)
    caller.prepare("audio", audio_media(4446))
    assert ports(caller.last) == [4446, 2855]
    wire.carry()
    assert callee.media["audio"].remote.port == 4446
    assert caller.media["audio"].local.port == 4446


def test_a_stream_that_cannot_follow_goes_on_as_it_was():
    caller, callee, wire = talking("audio")
    caller.do(events.Hold())
    for message in wire.fresh(caller):
        callee.receive(message)
    callee.prepare_all()
    for message in wire.fresh(callee):
        caller.receive(message)
    caller.do(events.StreamFailed("audio", "busy"))
    assert caller.call.runs("audio")
    assert caller.notes[-1].event == "stream.unchanged"
    assert not caller.call.is_busy


@pytest.mark.parametrize("how", ["failed", "late", "moved"])
def test_a_new_line_that_cannot_be_made_loses_the_stream_or_is_overtaken(how):
    caller, _callee, _wire = following(4444)
    if how == "failed":
        caller.do(events.StreamFailed("audio", "no room"))
    elif how == "late":
        caller.fire("preparing")
    else:
        caller.unprepared.clear()
        caller.do(events.StreamMoved("audio", MOVED))
    assert caller.call.has("audio") is (how == "moved")
    assert ports(caller.last) == [7000 if how == "moved" else 0, 2855]


def test_what_is_told_of_all_this_is_nothing():
    caller, _callee, wire = talking("audio")
    count = len(caller.told)
    caller.do(events.StreamMoved("audio", MOVED))
    wire.carry()
    assert told_since(caller, count) == []
