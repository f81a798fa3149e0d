"""How streams enter offer and answer, and what their loss means: RFC 3264 6, RFC 4975 8."""

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, streams
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import answered, chat_media, established, in_dialog, sdp, str_of

CHAT = str_of(chat_media())
AUDIO = "m=audio 4000 RTP/AVP 0\r\n"
FILE = str_of(chat_media(file_selector='name:"a.txt" size:3'))
NO_PATH = "m=message 2855 TCP/MSRP *\r\na=accept-types:*\r\n"
NO_TYPES = "m=message 2855 TCP/MSRP *\r\na=path:msrp://192.0.2.9:2855/s;tcp\r\n"


def offer(*lines):
    return SessionDescription.parse(sdp(*lines))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((CHAT,), [("chat", 0)]),
        ((AUDIO, CHAT), [("audio", 0), ("chat", 1)]),
        ((CHAT, CHAT), [("chat", 0)]),
        ((NO_PATH, NO_TYPES, CHAT), [("chat", 2)]),
        ((CHAT.replace(" 2855 ", " 0 "), CHAT), [("chat", 1)]),
        ((FILE, CHAT), [("chat", 1)]),
        ((str_of(chat_media(protocol="TCP/TLS/MSRP")),), [("chat", 0)]),
    ],
)
def test_the_first_usable_line_of_each_kind_is_proposed(lines, found):
    assert [(each.kind, each.index) for each in streams.proposed(offer(*lines))] == found


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((AUDIO,), "no stream of a known kind"),
        ((FILE,), "no stream of a known kind"),
        ((NO_PATH,), "path"),
        ((AUDIO, NO_TYPES), "accept-types"),
        (("m=message 2855 TCP/SIP *\r\n",), "no stream of a known kind"),
    ],
)
def test_an_offer_without_a_usable_chat_is_refused_and_says_why(lines, why):
    with pytest.raises(RemoteProtocolError, match=why) as refused:
        streams.proposed(offer(*lines))
    assert refused.value.status == 488


def test_the_last_stream_that_breaks_takes_the_call_with_it():
    for make in (established, answered):
        party = make()
        party.do(events.StreamFailed("chat", "connection reset"))
        assert party.last.method == "BYE"
        assert party.failure == ("local", 0, "connection reset")


def test_a_stream_that_breaks_without_a_reason_still_gives_one():
    party = established()
    party.do(events.StreamFailed("chat", ""))
    assert party.failure[2]


def test_the_peer_closes_the_last_stream_and_its_bye_has_time_to_come():
    party = established()
    party.do(events.StreamEnded("chat", "closed"))
    assert party.running["grace"] == streams.GRACE
    assert not party.call.has("chat")
    party.receive(in_dialog(party, "BYE", 2))
    assert "SCSessionDidFail" not in party.names


def test_the_peer_closes_the_last_stream_and_no_bye_comes():
    party = established()
    party.do(events.StreamEnded("chat", "closed"))
    party.fire("grace")
    assert party.last.method == "BYE"
    assert party.failure[:2] == ("remote", 0)


@pytest.mark.parametrize("event", [events.StreamEnded, events.StreamFailed])
def test_what_a_forgotten_stream_says_later_changes_nothing(event):
    party = established()
    party.do(events.StreamEnded("chat", "closed"))
    assert party.do(event("chat", "again")) == []
    assert party.state is State.ESTABLISHED


def test_grace_ends_nothing_while_a_stream_runs():
    party = established()
    assert party.fire("grace") == []
