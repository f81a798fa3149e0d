"""The second offer, without CEMA, where somebody between the ends has changed the answer of a peer that knows none."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Connection
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams.stream import Phase
from tests.protocols.sip.usage.descriptions import audio_media, file_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, TAG, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, invite, told_since

SDP = ("Content-Type", "application/sdp")
PATH = "msrp://192.0.2.66:2855/peer;tcp"
OTHER_PATH = "msrp://192.0.2.80:9000/between;tcp"
ASTRAY = Connection.to("192.0.2.80")


def line(path=PATH, port=2855, connection=None, **more):
    return MessageMedia((path,), ("message/cpim", "text/*"), port=port, **more).to_media(connection)


def offering(*kinds):
    """A caller whose lines of MSRP have CEMA, with its INVITE out."""
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", kinds or ("chat",)))
    party.do(events.TargetResolved(UDP))
    if "audio" in kinds:
        party.prepare("audio")
    party.prepare("chat", line("msrp://192.0.2.9:2855/s1;tcp", cema=True))
    return party


def answered(party, *lines, status=200, version=1):
    body = sdp(*[str_of(each) for each in lines], version=version) if lines else b""
    party.receive(answer_to(party, status, tag=TAG, body=body))


def led_astray(*kinds):
    """A caller that has answered such an answer by its second offer."""
    party = offering(*kinds)
    audio = (audio_media(5000),) if "audio" in kinds else ()
    answered(party, *audio, line(connection=ASTRAY))
    return party


def chat_of(message):
    return SessionDescription.parse(message.body).media[-1]


def starts(party, kind="chat"):
    return [each for each in party.asked if isinstance(each, outputs.StartStream) and each.kind == kind]


def test_the_same_is_offered_without_cema_and_nothing_starts_before_it_is_answered():
    party = led_astray()
    first, second = party.requests("INVITE")
    assert chat_of(first).attribute("msrp-cema") is not None
    assert chat_of(second).attribute("msrp-cema") is None
    assert chat_of(second).attribute("path") == chat_of(first).attribute("path")
    assert starts(party) == []
    assert party.state is State.ESTABLISHED
    assert party.notes[-1].event == "stream.offered_again"


def test_the_chat_starts_by_the_second_answer_and_nobody_is_told_of_it():
    party = led_astray()
    count = len(party.told)
    answered(party, line(OTHER_PATH, 9000), version=2)
    (start,) = starts(party)
    assert start.remote.path == (OTHER_PATH,)
    assert start.local.attribute("msrp-cema") is None
    assert told_since(party, count) == []
    assert not party.call.is_busy


def test_a_second_answer_that_is_led_astray_too_is_gone_by():
    """There is no third offer: the path says where to connect."""
    party = led_astray()
    answered(party, line(connection=ASTRAY), version=2)
    assert len(party.requests("INVITE")) == 2
    assert starts(party)[0].remote.path == (PATH,)


@pytest.mark.parametrize(
    "answer",
    [
        line(),
        line(cema=True),
        line(connection=Connection.to("192.0.2.66")),
        line(port=9, connection=ASTRAY, setup="active"),
        line("msrp://peer.example.com:2855/peer;tcp", connection=ASTRAY),
        line(connection=Connection.to("peer.example.com")),
        line(connection=Connection.to("0.0.0.0")),
    ],
    ids=["session level", "with CEMA", "alike", "port 9", "a name in the path", "a name in c=", "nowhere"],
)
def test_any_other_answer_starts_the_chat(answer):
    party = offering()
    connection = answer.connection or Connection.to("192.0.2.66")
    answered(party, answer.with_(connection=connection))
    assert len(party.requests("INVITE")) == 1
    assert len(starts(party)) == 1


def test_an_offer_that_had_no_cema_is_not_repeated():
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",)))
    party.do(events.TargetResolved(UDP))
    party.prepare("chat", line("msrp://192.0.2.9:2855/s1;tcp"))
    answered(party, line(connection=ASTRAY))
    assert len(party.requests("INVITE")) == 1
    assert len(starts(party)) == 1


@pytest.mark.parametrize("status", [488, 500, 606])
def test_where_the_second_offer_is_refused_the_first_answer_holds(status):
    party = led_astray()
    answered(party, status=status)
    (start,) = starts(party)
    assert start.remote.path == (PATH,)
    assert party.notes[-1].event == "stream.unchanged"
    assert str(status) in party.notes[-1].data["reason"]
    assert party.call.runs("chat")
    assert party.call.stream("chat").phase is Phase.RUNNING
    assert not party.call.is_busy


def test_a_second_answer_that_refuses_the_line_ends_the_stream_with_a_reason():
    party = led_astray("audio", "chat")
    answered(party, audio_media(5000), line().with_(port=0), version=2)
    (stop,) = [each for each in party.asked if isinstance(each, outputs.StopStream)]
    assert (stop.kind, stop.reason) == ("chat", "the peer refused the stream")
    assert starts(party) == []
    assert party.call.runs("audio")


def test_audio_beside_it_is_started_at_once_and_not_disturbed():
    party = led_astray("audio", "chat")
    assert len(starts(party, "audio")) == 1
    answered(party, audio_media(5000), line(OTHER_PATH, 9000), version=2)
    assert len(starts(party, "audio")) == len(starts(party)) == 1


def test_a_collision_is_waited_for_and_no_offer_of_the_peer_comes_between():
    party = led_astray()
    answered(party, status=491)
    assert 2.1 <= party.running["retry"] <= 4.0
    party.receive(in_dialog(party, "INVITE", 2, SDP, body=sdp(str_of(line()), version=2)))
    assert party.last.status == 491
    party.fire("retry")
    answered(party, line(OTHER_PATH, 9000), version=2)
    assert starts(party)[0].remote.path == (OTHER_PATH,)


def test_a_chat_that_breaks_while_it_waits_is_lost_and_not_started():
    party = led_astray("audio", "chat")
    answered(party, status=491)
    party.do(events.StreamFailed("chat", "the relay is gone"))
    assert not party.call.has("chat")
    assert starts(party) == []
    party.fire("retry")
    assert chat_of(party.last).port == 0, "the peer is told"


def test_a_path_that_changes_before_the_second_offer_is_offered_without_cema():
    party = led_astray()
    answered(party, status=491)
    relays = ("msrp://192.0.2.77:2855/r;tcp", "msrp://192.0.2.9:2855/s1;tcp")
    party.do(events.StreamMoved("chat", MessageMedia(relays, ("text/*",), cema=True).to_media()))
    party.fire("retry")
    assert chat_of(party.last).attribute("path") == " ".join(relays)
    assert chat_of(party.last).attribute("msrp-cema") is None


def test_an_added_chat_is_offered_twice_as_well():
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("audio",)))
    party.do(events.TargetResolved(UDP))
    party.prepare("audio")
    answered(party, audio_media(5000))
    party.do(events.AddStream("chat"))
    party.prepare("chat", line("msrp://192.0.2.9:2855/s1;tcp", cema=True))
    answered(party, audio_media(5000), line(connection=ASTRAY), version=2)
    assert party.names.count("SCSessionAcceptedStreamProposal") == 1
    assert starts(party) == []
    answered(party, audio_media(5000), line(OTHER_PATH, 9000), version=3)
    assert starts(party)[0].remote.path == (OTHER_PATH,)


def test_an_offer_of_ours_that_the_ack_answers_is_made_twice_as_well():
    party = Party(audio=TERMS)
    party.receive(invite(("Content-Type", ""), body=b""))
    party.do(events.Accept(("chat",)))
    party.prepare("chat", line("msrp://192.0.2.9:2855/s1;tcp", cema=True))
    party.receive(in_dialog(party, "ACK", 1, SDP, body=sdp(str_of(line(connection=ASTRAY)))))
    assert chat_of(party.last).attribute("msrp-cema") is None
    answered(party, line(OTHER_PATH, 9000), version=2)
    assert starts(party)[0].remote.path == (OTHER_PATH,)


def test_a_file_is_offered_twice_as_well():
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("file-1",)))
    party.do(events.TargetResolved(UDP))
    own = MessageMedia.from_media(file_media())
    offered = MessageMedia(own.path, own.accept_types, file_selector=own.file_selector, direction="sendonly", cema=True)
    party.prepare("file-1", offered.to_media())
    answered(party, file_media(5001).with_(connection=ASTRAY))
    assert chat_of(party.last).attribute("msrp-cema") is None
    assert starts(party, "file-1") == []
    answered(party, file_media(5001), version=2)
    assert len(starts(party, "file-1")) == 1


def test_a_chat_that_breaks_before_the_second_offer_is_refused_is_not_started_by_the_first_answer():
    party = led_astray("audio", "chat")
    party.do(events.StreamFailed("chat", "the relay is gone"))
    answered(party, status=488)
    assert starts(party) == []
    assert not party.call.has("chat")
    assert party.call.runs("audio")
