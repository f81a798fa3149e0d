"""Chats and files whose peer has another path now: RFC 4975 section 8."""

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, sdp, str_of
from tests.protocols.sip.usage.party import TAG
from tests.protocols.sip.usage.scenes import answer_to, talking

RELAYED = ("msrp://192.0.2.77:2855/relay2;tcp", "msrp://192.0.2.9:2855/s1;tcp")


def moved():
    return MessageMedia(RELAYED, ("message/cpim", "text/*")).to_media()


def path_of(message):
    return SessionDescription.parse(message.body).media[-1].attribute("path")


def starts(party):
    return [each for each in party.asked if isinstance(each, outputs.StartStream) and each.kind == "chat"]


def test_the_new_path_of_a_chat_is_offered_and_the_peers_chat_follows():
    caller, callee, wire = talking("audio", "chat")
    before = len(starts(callee))
    caller.do(events.StreamMoved("chat", moved()))
    assert path_of(caller.last) == " ".join(RELAYED)
    wire.carry()
    assert [each.remote.path for each in starts(callee)[before:]] == [RELAYED]
    assert [each.kind for each in callee.asked if isinstance(each, outputs.StopStream)] == []
    assert (caller.state, callee.state) == (State.ESTABLISHED, State.ESTABLISHED)
    assert not caller.call.is_busy


def test_a_path_that_did_not_change_disturbs_nothing():
    caller, callee, wire = talking("audio", "chat")
    before = len(starts(callee))
    caller.do(events.Hold())
    wire.carry()
    assert len(starts(callee)) == before


def test_the_callee_may_move_as_well():
    caller, callee, wire = talking("audio", "chat")
    own = callee.media["chat"].local.attribute("path")
    callee.do(events.StreamMoved("chat", MessageMedia((RELAYED[0], own), ("text/*",)).to_media()))
    wire.carry()
    assert starts(caller)[-1].remote.path == (RELAYED[0], own)


def test_a_path_that_changes_in_an_answer_is_followed_too():
    """RFC 4975 section 8: the offerer must not count on the path that the peer had before."""
    caller, _callee, _wire = talking("audio", "chat")
    caller.do(events.Hold())
    before = SessionDescription.parse(caller.requests("INVITE")[0].body)
    answer = sdp(str_of(audio_media(4000, "recvonly")), str_of(moved()), version=2)
    assert len(before.media) == 2
    caller.receive(answer_to(caller, 200, tag=TAG, body=answer))
    assert starts(caller)[-1].remote.path == RELAYED


def test_another_peer_behind_the_path_is_refused():
    """That would be another connection; the session goes on with the one that it has."""
    caller, callee, wire = talking("audio", "chat")
    stranger = MessageMedia((RELAYED[0], "msrp://192.0.2.9:2855/s2;tcp"), ("message/cpim",)).to_media()
    before = len(starts(callee))
    caller.do(events.StreamMoved("chat", stranger))
    wire.carry()
    assert len(starts(callee)) == before
    assert (caller.call.runs("chat"), callee.call.runs("chat")) == (True, True)


def test_a_chat_whose_new_path_is_refused_goes_on_by_the_way_that_it_has():
    caller, _callee, _wire = talking("audio", "chat")
    caller.do(events.StreamMoved("chat", moved()))
    caller.receive(answer_to(caller, 488, tag=TAG))
    assert caller.call.runs("chat")
    assert not [each for each in caller.asked if isinstance(each, outputs.StopStream)]
    caller.do(events.Hold())
    assert path_of(caller.last) == chat_media().attribute("path")
