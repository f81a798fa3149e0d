"""A fork that has answered reliably offers anew before it answers the call: RFC 3311 5.2, 6337 3.2."""

import pytest

from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import chat_media, sdp, str_of
from tests.protocols.sip.usage.extended import SDP, TIMED, audio, calling, reliable
from tests.protocols.sip.usage.party import TAG
from tests.protocols.sip.usage.scenes import answer_to, in_dialog

CHAT = str_of(chat_media())
NO_CHAT = "m=message 0 TCP/MSRP *\r\n"


def heard(*kinds, body=None):
    """Return a call that hears the early audio of a reliable 183."""
    party = calling(TIMED, *(kinds or ("audio",)))
    party.receive(reliable(party, 17, 183, body=body or audio(5000)))
    return party


def offer(party, body, cseq=1, tag=TAG):
    party.receive(in_dialog(party, "UPDATE", cseq, SDP, body=body, tag=tag))
    return party.last


def starts(party):
    return [(each.remote.port, each.early) for each in party.asked if isinstance(each, outputs.StartStream)]


def test_early_audio_moves_with_it():
    party = heard()
    answer = offer(party, audio(6000))
    assert answer.status == 200
    assert answer.content_type.essence == "application/sdp"
    assert b"m=audio 4000" in answer.body
    assert starts(party) == [(5000, True), (6000, True)]
    party.receive(answer_to(party, 200, body=b""))
    assert party.state is State.ESTABLISHED
    assert starts(party)[-1] == (6000, False)
    assert party.call.negotiation.remote == audio(6000)


def test_it_concerns_its_fork_alone():
    party = heard()
    offer(party, audio(6000))
    party.receive(answer_to(party, 200, tag="fork", body=audio(7000)))
    assert starts(party)[-1] == (7000, False)
    assert party.call.negotiation.remote == audio(7000)


def test_another_fork_has_to_answer_first():
    party = heard()
    assert offer(party, audio(6000), tag="fork").status == 491


def test_an_added_stream_has_to_be_decided_on():
    party = heard()
    assert offer(party, audio(6000, CHAT)).status == 504
    assert starts(party) == [(5000, True)]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"junk", 488), (sdp("m=audio 6000 RTP/AVP 3\r\n"), 488), (sdp("m=audio 6000 RTP/SAVP 0\r\n"), 488)],
)
def test_what_cannot_be_taken_is_refused_and_changes_nothing(body, status):
    party = heard()
    assert offer(party, body).status == status
    party.receive(answer_to(party, 200, body=b""))
    assert starts(party)[-1] == (5000, False)


def test_keys_are_agreed_on_with_the_answer():
    party = heard()
    keys = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "\r\n"
    assert offer(party, sdp("m=audio 6000 RTP/AVP 0\r\n" + keys)).status == 488


def test_a_line_that_it_ends_is_ended_with_the_answer():
    party = heard("audio", "chat", body=audio(5000, CHAT))
    answer = offer(party, audio(6000, NO_CHAT))
    assert (answer.status, b"m=message 0" in answer.body) == (200, True)
    party.receive(answer_to(party, 200, body=b""))
    assert [each.kind for each in party.call.streams] == ["audio"]


def test_only_audio_changes_before_the_answer():
    party = heard("audio", "chat", body=audio(5000, CHAT))
    assert offer(party, audio(6000, CHAT)).status == 488


def test_it_may_come_more_than_once():
    party = heard()
    offer(party, audio(6000))
    offer(party, audio(6002), 2)
    party.receive(answer_to(party, 200, body=b""))
    assert starts(party) == [(5000, True), (6000, True), (6002, True), (6002, False)]
    party.do(events.Terminate())
    assert party.state is State.TERMINATING
