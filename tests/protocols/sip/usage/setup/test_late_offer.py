"""An INVITE without a description leaves the offer to us: RFC 3261 13.2.1, 14.2; RFC 6337 2.3."""

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, sdp, str_of
from tests.protocols.sip.usage.party import TAG, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, invite, ringing, talking, told_since

NONE, SDP = ("Content-Type", ""), ("Content-Type", "application/sdp")


def called(*kinds):
    party = Party(audio=TERMS)
    party.receive(invite(NONE, body=b""))
    party.do(events.Accept(kinds))
    party.prepare_all()
    return party


def media(message):
    return [(each.kind, each.port) for each in SessionDescription.parse(message.body).media]


def test_it_proposes_all_that_we_have():
    party = Party(audio=TERMS)
    party.receive(invite(NONE, body=b""))
    assert party.told[-1].data == {"has_audio": True, "has_chat": True, "files": {}, "refused_streams": {}}
    assert ringing(NONE, body=b"").told[-1].data["has_audio"] is False


@pytest.mark.parametrize(
    ("kinds", "offered"),
    [
        (("audio",), [("audio", 4000)]),
        (("chat",), [("message", 2855)]),
        (("audio", "chat"), [("audio", 4000), ("message", 2855)]),
    ],
)
def test_the_200_offers_what_was_accepted(kinds, offered):
    party = called(*kinds)
    assert [(each.kind, each.outgoing, each.remote) for each in party.asked] == [(kind, False, None) for kind in kinds]
    assert media(party.last) == offered
    assert party.names[-1] == "SCSessionWillStart"
    assert party.media == {}, "nothing is known of the peer yet"


def test_the_ack_brings_the_answer():
    party = called("audio", "chat")
    count = len(party.told)
    answer = sdp(str_of(audio_media(5000, "sendonly")), str_of(chat_media(5001)))
    party.receive(in_dialog(party, "ACK", 1, SDP, body=answer))
    assert set(party.media) == {"audio", "chat"}
    assert party.media["audio"].remote.port == 5000
    assert told_since(party, count) == ["GotHoldRequest", "ACCEPTING>ESTABLISHED", "DidStart"]


def test_what_the_answer_refuses_is_stopped():
    party = called("audio", "chat")
    answer = sdp(str_of(audio_media(5000)), "m=message 0 TCP/MSRP *\r\n")
    party.receive(in_dialog(party, "ACK", 1, SDP, body=answer))
    assert [each.kind for each in party.call.streams] == ["audio"]
    assert outputs.StopStream("chat") in party.asked


@pytest.mark.parametrize(
    "ack",
    [
        ((), b""),
        ((SDP,), b"junk"),
        ((("Content-Type", "text/plain"),), sdp()),
        ((SDP,), sdp("m=message 0 TCP/MSRP *\r\n")),
        ((SDP,), sdp(str_of(audio_media(5000)))),
    ],
    ids=["none", "junk", "other type", "refuses all", "other kind"],
)
def test_a_missing_or_bad_answer_ends_the_call_with_488(ack):
    party = called("chat")
    headers, body = ack
    party.receive(in_dialog(party, "ACK", 1, *headers, body=body))
    assert party.last.method == "BYE"
    assert "cause=488" in party.last.get("reason")
    assert party.failure[:2] == ("local", 488)


def test_a_reinvite_without_a_description_is_answered_as_a_new_call_would_be():
    """With all codecs: the peer may be about to lead the call to somebody who does not know the present one."""
    caller, _callee, _wire = talking("audio", "chat")
    agreed = caller.call.negotiation
    remote = agreed.remote
    caller.receive(in_dialog(caller, "INVITE", 2))
    offered = SessionDescription.parse(caller.last.body)
    assert offered.media[0].formats == (*agreed.local_description.media[0].formats, "9")
    assert offered.media[1] == agreed.local_description.media[1]
    caller.receive(in_dialog(caller, "ACK", 2, SDP, body=remote))
    assert caller.asked == []
    assert not caller.call.is_busy


def test_its_answer_may_change_what_the_peer_has():
    caller, _callee, _wire = talking("audio")
    caller.receive(in_dialog(caller, "INVITE", 2))
    caller.receive(in_dialog(caller, "ACK", 2, SDP, body=sdp(str_of(audio_media(5998, "inactive")), version=2)))
    assert caller.call.held_by_remote
    assert caller.unprepared[0].remote.port == 5998
    caller.prepare_all()
    assert caller.media["audio"].remote.port == 5998


def test_an_ack_without_the_answer_leaves_the_session_as_it_was():
    caller, _callee, _wire = talking("audio")
    caller.receive(in_dialog(caller, "INVITE", 2))
    caller.receive(in_dialog(caller, "ACK", 2))
    assert caller.notes[-1].event == "description.dropped"
    assert caller.state is State.ESTABLISHED
    caller.do(events.Hold())
    assert caller.last.method == "INVITE"


def test_a_stream_of_ours_that_waits_for_its_turn_is_not_offered_in_the_200():
    caller, _callee, _wire = talking("audio")
    caller.do(events.AddStream("chat"))
    caller.prepare_all()
    caller.receive(answer_to(caller, 491, tag=TAG))
    caller.receive(in_dialog(caller, "INVITE", 2))
    assert media(caller.last) == [("audio", 4000)]
    caller.receive(in_dialog(caller, "ACK", 2, SDP, body=caller.call.negotiation.remote))
    caller.fire("retry")
    assert media(caller.last) == [("audio", 4000), ("message", 2855)]
    assert caller.state is State.PROPOSING
