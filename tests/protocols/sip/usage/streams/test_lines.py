"""How m-lines are read, offered and answered, kind by kind: RFC 3264 5, 6, 8; RFC 4975 8."""

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.setup.admission import admit
from sipsimple.protocols.sip.usage.streams import lines
from tests.protocols.sip.usage.descriptions import chat_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, invite, ringing, talking

CHAT = str_of(chat_media())
AUDIO = "m=audio 4000 RTP/AVP 0\r\n"
GSM = "m=audio 4000 RTP/AVP 3\r\n"
FILE = str_of(chat_media(file_selector='name:"a.txt" size:3', direction="sendonly"))
NO_PATH = "m=message 2855 TCP/MSRP *\r\na=accept-types:*\r\n"
NO_TYPES = "m=message 2855 TCP/MSRP *\r\na=path:msrp://192.0.2.9:2855/s;tcp\r\n"


def read(*media):
    offer = SessionDescription.parse(sdp(*media))
    found, refused = lines.proposals(TERMS, offer, range(len(offer.media)))
    return [(each.kind, each.index) for each in found], dict(refused)


@pytest.mark.parametrize(
    ("media", "found"),
    [
        ((CHAT,), [("chat", 0)]),
        ((AUDIO, CHAT), [("audio", 0), ("chat", 1)]),
        ((CHAT, CHAT), [("chat", 0)]),
        ((AUDIO, AUDIO), [("audio", 0)]),
        ((GSM, AUDIO), [("audio", 1)]),
        ((NO_PATH, NO_TYPES, CHAT), [("chat", 2)]),
        ((CHAT.replace(" 2855 ", " 0 "), CHAT), [("chat", 1)]),
        ((FILE, CHAT), [("file-peer-1", 0), ("chat", 1)]),
        ((FILE, FILE.replace("sendonly", "recvonly")), [("file-peer-1", 0), ("file-peer-2", 1)]),
        ((str_of(chat_media(protocol="TCP/TLS/MSRP")),), [("chat", 0)]),
        (("m=audio 4000 RTP/AVPF 0\r\n",), [("audio", 0)]),
    ],
)
def test_the_first_usable_line_of_each_kind_is_proposed(media, found):
    assert read(*media) == (found, {})


@pytest.mark.parametrize(
    ("media", "why"),
    [
        ((AUDIO,), "not available"),
        ((FILE.replace("a=sendonly\r\n", ""),), "a file goes one way, not sendrecv"),
        ((FILE + "a=file-range:5-2\r\n",), "file-range"),
        ((NO_PATH,), "path"),
        ((AUDIO, NO_TYPES), "accept-types"),
        (("m=message 2855 TCP/SIP *\r\n",), "no stream of a known kind"),
    ],
)
def test_an_offer_with_nothing_usable_is_refused_and_says_why(media, why):
    with pytest.raises(RemoteProtocolError, match=why) as refused:
        admit(invite(body=sdp(*media)), UDP, 1)
    assert refused.value.status == 488
    assert why in refused.value.header[1]


def test_audio_alone_that_cannot_be_taken_is_refused_with_the_reason():
    with pytest.raises(RemoteProtocolError, match="no codec in common"):
        admit(invite(body=sdp(GSM)), UDP, 1, TERMS)


def test_audio_that_cannot_be_taken_beside_a_chat_is_refused_in_place_and_told():
    party = Party(audio=TERMS)
    party.receive(invite(body=sdp("m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n", CHAT)))
    assert party.told[-1].data == {
        "has_audio": False,
        "has_chat": True,
        "files": {},
        "refused_streams": {"audio": "audio over IP6"},
    }
    assert ("stream.refused", {"stream": "audio", "reason": "audio over IP6"}) in [
        (each.event, each.data) for each in party.notes
    ]
    party.do(events.Accept(("chat",)))
    party.prepare_all()
    assert [each.port for each in SessionDescription.parse(party.last.body).media] == [0, 2855]


def test_where_there_is_no_audio_it_is_not_proposed():
    party = ringing(body=sdp(AUDIO, CHAT))
    assert party.told[-1].data["refused_streams"] == {"audio": "audio is not available"}
    assert not party.call.proposes("audio")


def test_an_audio_line_goes_out_with_its_own_address_and_a_direction_and_without_the_workers_names():
    caller, _callee, _wire = talking()
    media = SessionDescription.parse(caller.call.negotiation.local).media[0]
    assert media.connection.address == "192.0.2.9"
    assert media.own_direction == "sendrecv"
    assert media.attribute("rtcp") == "4001 IN IP4 192.0.2.9"
    assert media.attribute("ssrc") is None
    assert media.others == ()


def test_the_address_of_the_session_stays_that_of_the_host():
    caller, _callee, _wire = talking()
    document = SessionDescription.parse(caller.call.negotiation.local)
    assert (document.connection.address, document.origin.address) == ("192.0.2.1", "192.0.2.1")


def test_an_answer_has_the_profile_of_its_offer():
    party = Party(audio=TERMS)
    party.receive(invite(body=sdp("m=audio 4000 RTP/AVPF 0\r\n")))
    party.do(events.Accept(("audio",)))
    assert party.unprepared[0].remote.protocol == "RTP/AVP", "the worker knows no feedback"
    party.prepare_all()
    assert SessionDescription.parse(party.last.body).media[0].protocol == "RTP/AVPF"


def test_what_a_stream_is_told_of_the_peers_line_holds_for_itself():
    party = Party(audio=TERMS)
    party.receive(invite(body=sdp(AUDIO)))
    party.do(events.Accept(("audio",)))
    remote = party.unprepared[0].remote
    assert remote.connection.address == "192.0.2.2"
    assert remote.own_direction == "sendrecv"


@pytest.mark.parametrize(
    ("offered", "answered"), [("actpass", "passive"), ("active", "passive"), ("passive", "active")]
)
def test_a_chat_line_that_was_an_offer_is_repeated_as_an_answer_with_a_role(offered, answered):
    """RFC 4145 4.1: actpass stands in offers only."""
    party = Party()
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",)))
    party.do(events.TargetResolved(UDP))
    party.prepare("chat", chat_media(2855, setup="actpass"))
    party.receive(answer_to(party, body=sdp(str_of(chat_media(5001, setup="passive")))))
    again = sdp(str_of(chat_media(5001, setup=offered)), version=2)
    party.receive(in_dialog(party, "INVITE", 2, ("Content-Type", "application/sdp"), body=again))
    mine = SessionDescription.parse(party.last.body).media[0]
    assert mine.attribute("setup") == answered
    assert mine.attribute("path") == chat_media().attribute("path")


def test_a_line_of_a_file_that_cannot_be_used_is_told_beside_those_that_can():
    assert read(FILE.replace("a=sendonly", "a=inactive"), FILE) == (
        [("file-peer-1", 1)],
        {"file": "a file goes one way, not inactive"},
    )


def test_a_line_of_a_file_has_in_it_what_the_session_says_of_all_lines():
    text = sdp(FILE.replace("a=sendonly\r\n", "")).decode()
    text = text.replace("t=0 0\r\n", "t=0 0\r\na=setup:active\r\na=fingerprint:SHA-256 AA\r\na=recvonly\r\n")
    media = lines.read("file-1", SessionDescription.parse(text), 0)
    assert (media.attribute("setup"), media.attribute("fingerprint")) == ("active", "SHA-256 AA")
    assert media.own_direction == "recvonly"


def test_a_number_makes_no_other_family():
    assert lines.kind_of(SessionDescription.parse(sdp(FILE)).media[0]) == "file"
    assert lines.family("file-12") == "file"
    assert lines.is_file("file-peer-1")
    assert lines.is_audible("audio")
    assert not lines.is_audible("file-12")
