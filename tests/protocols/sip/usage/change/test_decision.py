"""What the application makes of a proposal of the peer: RFC 3261 14.2, RFC 3264 6."""

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.change.proposals import REJECTED, SDP, lines, proposed
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, sdp, str_of
from tests.protocols.sip.usage.scenes import cancel_of, in_dialog, talking, told_since


def test_a_proposal_that_fails_here_is_answered_500_and_goes_on_without():
    _caller, callee, wire = proposed()
    callee.do(events.AcceptProposal())
    callee.do(events.StreamFailed("chat", "no port"))
    assert callee.statuses() == [180, 500]
    assert callee.told[-1].data == {"proposer": "remote", "reason": "chat stream: no port"}
    assert callee.state is State.ESTABLISHED
    wire.carry()


def test_a_failure_with_a_code_is_answered_by_it_and_says_when_to_come_again():
    _caller, callee, _wire = proposed("audio", "chat")
    callee.do(events.AcceptProposal())
    callee.do(events.StreamFailed("audio", "limit of 2 audio calls", 503))
    assert (callee.last.status, callee.last.get("retry-after")) == (503, "5")
    assert "limit of 2" in callee.last.warning


@pytest.mark.parametrize("kinds", [(), ("audio",), ("chat", "audio")])
def test_accepting_what_was_not_proposed_is_misuse_and_changes_nothing(kinds):
    _caller, callee, _wire = proposed()
    before = callee.call.streams
    with pytest.raises(LocalProtocolError):
        callee.do(events.AcceptProposal(kinds))
    assert callee.call.streams == before


def test_accepting_twice_is_accepting():
    _caller, callee, wire = proposed()
    callee.do(events.AcceptProposal(None, "secret"))
    assert callee.do(events.AcceptProposal()) == []
    assert callee.unprepared[0].password == "secret"
    wire.carry()
    assert callee.state is State.ESTABLISHED


def test_of_two_proposed_streams_one_can_be_accepted():
    caller, _callee, _wire = talking("audio", "chat")
    for kind in ("audio", "chat"):
        caller.do(events.StreamEnded(kind, "closed"))
    offer = sdp("m=audio 0 RTP/AVP 0\r\n", "m=message 0 TCP/MSRP *\r\n", version=2)
    caller.receive(in_dialog(caller, "INVITE", 2, SDP, body=offer))
    caller.receive(in_dialog(caller, "ACK", 2))
    offer = sdp(str_of(audio_media(6000)), str_of(chat_media(6001)), version=3)
    caller.receive(in_dialog(caller, "INVITE", 3, SDP, body=offer))
    assert caller.told[-1].data["adds_audio"]
    assert caller.told[-1].data["adds_chat"]
    assert caller.call.proposal == ("audio", "chat")
    caller.do(events.AcceptProposal(("chat",)))
    caller.prepare_all()
    assert lines(caller.last) == [("audio", 0), ("message", 2855)]
    assert [each.name for each in caller.told[-2:]] == ["SCSessionAcceptedStreamProposal", "SCSessionGotStreamUpdate"]
    assert set(caller.media) == {"chat"}


def test_a_proposal_rings_until_it_is_decided():
    _caller, callee, _wire = proposed()
    for _ in range(2):
        callee.fire("ringing")
    assert callee.statuses() == [180] * 3
    callee.do(events.RejectProposal())
    assert "ringing" not in callee.running


def test_the_peer_cancels_its_proposal():
    caller, _callee, _wire = talking()
    count = len(caller.told)
    body = sdp(str_of(audio_media(5000)), str_of(chat_media(5001)), version=2)
    invite = in_dialog(caller, "INVITE", 2, SDP, body=body)
    caller.receive(invite)
    caller.do(events.AcceptProposal())
    caller.receive(cancel_of(invite))
    assert (caller.statuses(), caller.statuses("CANCEL")) == ([180, 487], [200])
    assert told_since(caller, count)[2:] == ["PROPOSED>ESTABLISHED", REJECTED]
    assert caller.asked[-1] == outputs.StopStream("chat")
    caller.receive(in_dialog(caller, "ACK", 2, branch="z9hG4bKINVITE2"))
    assert not caller.call.is_busy


@pytest.mark.parametrize("accepting", [False, True])
def test_terminate_while_proposed_declines_the_proposal_and_hangs_up(accepting):
    _caller, callee, wire = proposed()
    if accepting:
        callee.do(events.AcceptProposal())
    count = len(callee.told)
    callee.do(events.Terminate())
    assert callee.statuses() == [180, 487]
    assert callee.last.method == "BYE"
    wire.carry()
    assert told_since(callee, count) == ["PROPOSED>TERMINATING", "WillEnd", "TERMINATING>TERMINATED", "DidEnd"]
