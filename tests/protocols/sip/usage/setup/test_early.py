"""Early media: the description of a provisional response, RFC 3261 13.2.1, RFC 6337 3.1."""

from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, TAG, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, calling


def ringing_out(*kinds):
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", kinds or ("audio",)))
    party.do(events.TargetResolved(UDP))
    party.prepare_all()
    party.asked.clear()
    return party


def progress(party, port, status=183, tag=TAG, *more):
    party.receive(answer_to(party, status, tag=tag, body=sdp(str_of(audio_media(port)), *more)))


def starts(party):
    return [(each.remote.port, each.early) for each in party.asked if isinstance(each, outputs.StartStream)]


def test_a_183_is_heard_and_does_not_answer():
    party = ringing_out()
    progress(party, 5000)
    assert starts(party) == [(5000, True)]
    assert party.state is State.CALLING
    assert "SCSessionGotRingIndication" not in party.names
    progress(party, 5000, 180)
    assert starts(party) == [(5000, True)], "what is repeated is not looked at"
    assert party.names[-1] == "SCSessionGotRingIndication"


def test_the_last_fork_is_heard_until_one_answers():
    party = ringing_out()
    progress(party, 5000)
    progress(party, 6000, 183, "fork")
    party.receive(answer_to(party, 200, tag=TAG, body=sdp(str_of(audio_media(5000)))))
    assert starts(party) == [(5000, True), (6000, True), (5000, False)]
    assert party.state is State.ESTABLISHED


def test_the_answer_may_differ_from_the_early_one():
    party = ringing_out()
    progress(party, 5000)
    party.receive(answer_to(party, 200, tag=TAG, body=sdp(str_of(audio_media(5002)))))
    assert starts(party) == [(5000, True), (5002, False)]


def test_a_2xx_without_a_description_means_the_early_one_of_its_sender():
    party = ringing_out()
    progress(party, 5000)
    party.receive(answer_to(party, 200, tag=TAG, body=b""))
    assert party.state is State.ESTABLISHED
    party = ringing_out()
    progress(party, 5000, 183, "fork")
    party.receive(answer_to(party, 200, tag=TAG, body=b""))
    assert party.failure[:2] == ("local", 488)


def test_a_chat_does_not_begin_early():
    party = ringing_out("audio", "chat")
    progress(party, 5000, 183, TAG, str_of(chat_media(5001)))
    assert [each.kind for each in party.asked] == ["audio"]
    chat = calling()
    chat.receive(answer_to(chat, 183, tag=TAG, body=sdp()))
    assert not any(isinstance(each, outputs.StartStream) for each in chat.asked)


def test_an_early_description_that_cannot_be_used_is_noted_and_the_call_goes_on():
    party = ringing_out()
    for body in (b"junk", sdp(str_of(audio_media(5000)), str_of(chat_media(5001)))):
        party.receive(answer_to(party, 183, tag=TAG, body=body))
        assert party.notes[-1].event == "description.dropped"
    party.receive(answer_to(party, 183, tag=TAG, body=sdp("m=audio 5000 RTP/AVP 3\r\n")))
    assert party.notes[-1].data == {"stream": "audio", "reason": "no codec in common"}
    assert starts(party) == []
    party.receive(answer_to(party, 200, tag=TAG, body=sdp(str_of(audio_media(5002)))))
    assert party.state is State.ESTABLISHED


def test_a_refused_line_or_another_body_is_no_early_media():
    party = ringing_out()
    party.receive(answer_to(party, 183, tag=TAG, body=sdp("m=audio 0 RTP/AVP 0\r\n")))
    party.receive(answer_to(party, 183, ("Content-Type", "text/plain"), tag=TAG))
    assert party.asked == []


def test_a_refusal_after_early_media_stops_it():
    party = ringing_out()
    progress(party, 5000)
    party.receive(answer_to(party, 486, tag=TAG))
    assert party.asked[-1] == outputs.StopStream("audio")
