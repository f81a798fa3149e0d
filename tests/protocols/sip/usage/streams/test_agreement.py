"""What becomes of the streams when an offer is answered: RFC 3264 6, 7, 8."""

from __future__ import annotations

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from tests.protocols.sip.usage.descriptions import audio_media, line_of, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, talking


def test_a_line_that_cannot_be_used_is_closed_and_the_others_go_on():
    """The peer takes it for open until it is told."""
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("audio", "chat")))
    party.do(events.TargetResolved(UDP))
    party.prepare_all()
    unusable = str_of(line_of("chat", 5000)).replace("a=path", "a=x-path")
    party.receive(answer_to(party, body=sdp(str_of(audio_media(5000)), unusable)))

    assert (party.call.runs("audio"), party.call.has("chat")) == (True, False)
    first, second = party.requests("INVITE")
    assert [each.port > 0 for each in SessionDescription.parse(first.body).media] == [True, True]
    assert [each.port > 0 for each in SessionDescription.parse(second.body).media] == [True, False]


def test_audio_that_moves_while_a_change_is_answered_gets_the_peers_line_with_its_own():
    party, *_ = talking()
    party.do(events.Hold())
    party.do(events.StreamMoved("audio", audio_media(4100)))
    party.receive(answer_to(party, body=sdp(str_of(audio_media(5100).with_direction("recvonly")), version=2)))
    assert not [each for each in party.asked if isinstance(each, outputs.Prepare)]

    moved = party.requests("INVITE")[-1]
    assert SessionDescription.parse(moved.body).media[0].port == 4100
    party.receive(answer_to(party, body=sdp(str_of(audio_media(5100).with_direction("recvonly")), version=2)))
    (start,) = [each for each in party.asked if isinstance(each, outputs.StartStream)]
    assert (start.local.port, start.remote.port) == (4100, 5100)
