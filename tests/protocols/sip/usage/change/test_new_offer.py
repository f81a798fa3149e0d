"""What a re-INVITE of the peer changes, and what it may not: RFC 3264 8."""

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, sdp, str_of
from tests.protocols.sip.usage.scenes import in_dialog, talking, told_since

SDP = ("Content-Type", "application/sdp")
AUDIO, CHAT = str_of(audio_media(5000)), str_of(chat_media(5001))
NO_AUDIO, NO_CHAT = "m=audio 0 RTP/AVP 0\r\n", "m=message 0 TCP/MSRP *\r\n"
VIDEO = "m=video 9000 RTP/AVP 31\r\n"


def talked(*kinds):
    """A caller whose peer offers, in the standard's words, what these tests say."""
    caller, callee, _wire = talking(*kinds)
    agreed = SessionDescription.parse(caller.call.negotiation.remote)
    return caller, [str_of(each) for each in agreed.media], callee


def offer(party, *lines, cseq=2, version=2):
    party.receive(in_dialog(party, "INVITE", cseq, SDP, body=sdp(*lines, version=version)))


def ports(message):
    return [each.port for each in SessionDescription.parse(message.body).media]


def test_what_repeats_all_lines_disturbs_nothing():
    party, lines, _ = talked("audio", "chat")
    count = len(party.told)
    offer(party, *lines)
    assert party.last.status == 200
    assert party.asked == []
    assert len(party.told) == count
    assert (
        SessionDescription.parse(party.last.body).media == SessionDescription.parse(party.call.negotiation.local).media
    )


def test_a_changed_address_of_audio_is_brought_to_the_stream_before_it_is_answered():
    party, lines, _ = talked("audio", "chat")
    moved = audio_media(5998, address="192.0.2.77")
    offer(party, str_of(moved), lines[1])
    (prepare,) = party.asked
    assert (prepare.kind, prepare.outgoing, prepare.remote.port) == ("audio", False, 5998)
    assert prepare.remote.connection.address == "192.0.2.77"
    assert party.statuses() == []
    party.prepare("audio", audio_media(4000))
    assert party.statuses() == [200]
    assert party.asked[-1].remote.port == 5998
    assert party.state is State.ESTABLISHED


def test_a_stream_that_cannot_follow_has_the_offer_refused_and_goes_on():
    party, lines, _ = talked("audio", "chat")
    before = party.call.negotiation
    offer(party, str_of(audio_media(5998)), lines[1])
    party.do(events.StreamFailed("audio", "no codec"))
    assert party.last.status == 488
    assert "no codec" in party.last.warning
    assert (party.call.negotiation.local, party.call.negotiation.remote) == (before.local, before.remote)
    assert party.call.runs("audio")
    assert party.asked[-1].kind == "audio"
    assert not any(isinstance(each, outputs.StopStream) for each in party.asked)


def test_a_codec_that_we_do_not_have_is_refused_without_asking_the_stream():
    party, lines, _ = talked("audio", "chat")
    offer(party, "m=audio 5000 RTP/AVP 3\r\n", lines[1])
    assert party.last.status == 488
    assert "codec" in party.last.warning
    assert party.asked == []


def test_a_changed_path_of_a_chat_is_refused_with_a_warning():
    party, lines, _ = talked("audio", "chat")
    offer(party, lines[0], str_of(chat_media(9999)))
    assert party.last.status == 488
    assert "path" in party.last.warning
    assert party.asked == []


def test_a_removed_stream_ends_and_keeps_its_place():
    party, lines, _ = talked("audio", "chat")
    count = len(party.told)
    offer(party, lines[0], NO_CHAT)
    assert ports(party.last) == [4000, 0]
    assert party.asked == [outputs.StopStream("chat")]
    assert told_since(party, count) == ["GotStreamUpdate"]
    assert [(each.kind, each.index) for each in party.call.streams] == [("audio", 0)]


def test_a_peer_may_remove_its_last_stream_and_the_session_stays():
    party, _lines, _ = talked("audio")
    offer(party, NO_AUDIO)
    assert ports(party.last) == [0]
    assert party.state is State.ESTABLISHED
    assert party.call.streams == ()
    party.receive(in_dialog(party, "ACK", 2))
    party.do(events.AddStream("chat"))
    party.prepare_all()
    assert ports(party.last) == [0, 2855]


def test_a_peer_that_removes_a_stream_after_it_broke_does_not_end_the_call():
    party, _lines, _ = talked("chat")
    party.do(events.StreamEnded("chat", "closed"))
    assert "grace" in party.running
    offer(party, NO_CHAT)
    assert party.last.status == 200
    assert "grace" not in party.running


def test_adding_and_removing_at_once_is_refused():
    party, _lines, _ = talked("audio")
    offer(party, NO_AUDIO, CHAT)
    assert party.last.status == 488
    assert party.last.warning
    assert party.state is State.ESTABLISHED
    assert party.call.runs("audio")


def test_lines_of_kinds_that_nobody_knows_are_refused_in_place():
    party, lines, _ = talked("audio")
    count = len(party.told)
    offer(party, *lines, VIDEO, str_of(chat_media(6000, file_selector='name:"a" size:3')))
    assert ports(party.last) == [4000, 0, 0]
    assert len(party.told) == count


def test_a_second_stream_of_a_kind_is_refused_in_place():
    party, lines, _ = talked("audio")
    offer(party, *lines, str_of(audio_media(5100)))
    assert ports(party.last) == [4000, 0]


def test_a_proposal_that_cannot_be_taken_is_refused_in_place_and_noted():
    party, lines, _ = talked("chat")
    offer(party, *lines, "m=audio 5000 RTP/AVP 3\r\n")
    assert ports(party.last) == [2855, 0]
    assert party.notes[-1].data == {"stream": "audio", "reason": "no codec in common"}
    assert party.state is State.ESTABLISHED


def test_a_line_that_lost_its_stream_here_is_refused_when_it_is_repeated_and_no_proposal():
    party, lines, _ = talked("audio", "chat")
    party.do(events.StreamEnded("chat", "the peer closed it"))
    offer(party, *lines)
    assert ports(party.last) == [4000, 0]
    assert party.state is State.ESTABLISHED


def test_a_line_that_lost_its_stream_is_a_proposal_when_it_says_something_new():
    party, lines, _ = talked("audio", "chat")
    party.do(events.StreamEnded("chat", "the peer closed it"))
    offer(party, lines[0], str_of(chat_media(9999)))
    assert party.state is State.PROPOSED
    assert party.call.proposal == ("chat",)


def test_a_refused_line_is_used_for_the_next_proposal_of_its_kind():
    party, lines, _ = talked("audio")
    offer(party, *lines, CHAT)
    party.do(events.RejectProposal())
    party.receive(in_dialog(party, "ACK", 2, branch="z9hG4bKINVITE2"))
    offer(party, *lines, VIDEO, NO_CHAT, cseq=3, version=3)
    party.receive(in_dialog(party, "ACK", 3))
    party.do(events.AddStream("chat"))
    party.prepare_all()
    assert ports(party.last) == [4000, 0, 2855]


def test_a_proposal_may_hold_the_call_too():
    party, _lines, _ = talked("audio")
    count = len(party.told)
    offer(party, str_of(audio_media(5000, "sendonly")), CHAT)
    assert party.state is State.PROPOSED
    assert party.asked == [], "nothing is changed before the application decides"
    party.do(events.AcceptProposal())
    assert {each.kind for each in party.unprepared} == {"audio", "chat"}
    party.prepare_all()
    assert told_since(party, count)[2:] == [
        "PROPOSED>ESTABLISHED",
        "AcceptedStreamProposal",
        "GotHoldRequest",
        "GotStreamUpdate",
    ]
    assert party.call.held_by_remote


def test_a_rejected_proposal_takes_its_hold_with_it():
    party, _lines, _ = talked("audio")
    offer(party, str_of(audio_media(5000, "sendonly")), CHAT)
    party.do(events.RejectProposal())
    assert not party.call.held_by_remote
    assert party.call.streams[0].remote is None


@pytest.mark.parametrize("lines", [(), (CHAT,), (VIDEO,)], ids=["none", "other kind", "unknown kind"])
def test_a_line_in_use_never_goes_away_nor_becomes_another(lines):
    party, _lines, _ = talked("audio")
    body = sdp(*lines, version=2) if lines else sdp(AUDIO, version=2).partition(b"m=")[0]
    party.receive(in_dialog(party, "INVITE", 2, SDP, body=body))
    assert party.last.status == 488
    assert party.last.warning
    assert party.call.runs("audio")


def test_a_version_may_step_as_it_likes():
    party, lines, _ = talked("audio")
    for cseq, version in ((2, 9), (3, 9), (4, 1)):
        offer(party, *lines, cseq=cseq, version=version)
        assert party.last.status == 200
        party.receive(in_dialog(party, "ACK", cseq))
