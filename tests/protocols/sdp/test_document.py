"""Session descriptions: what peers send is read and written back, what we build is strict SDP."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sdp.document import Origin, SessionDescription, outline
from sipsimple.protocols.sdp.media import Attribute, Connection, Media

# python3-sipsimple 5.5: c= only at media level
CHAT = (
    b"v=0\r\no=- 4004363575 4004363576 IN IP4 127.0.0.1\r\ns=sipsimple-interop\r\nt=0 0\r\n"
    b"m=message 38491 TCP/MSRP *\r\nc=IN IP4 127.0.0.1\r\n"
    b"a=path:msrp://127.0.0.1:38491/bfd86f77b4b40cfbe961;tcp\r\n"
    b"a=accept-types:message/cpim text/* image/* application/im-iscomposing+xml\r\na=setup:passive\r\n"
)
# SIPp: c= at session level, a blank line at the end
SIPP = (
    b"v=0\r\no=sipp 53655765 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 6000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    b"a=fmtp:101 0-16\r\na=sendonly\r\nm=application 49160 TCP/NOSUCH xyz\r\n\r\n"
)
RICH = (
    b"v=0\no=alice 1 2 IN IP6 2001:db8::1\ns= \ni=a title\nu=http://example.com/\ne=a@example.com\np=+1 617\n"
    b"c=IN IP6 2001:db8::1\nb=AS:128\nt=10 20\nr=604800 3600 0 90000\nz=0 0\nk=clear:x\na=recvonly\na=tool:t\n"
    b"m=audio 6000/2 RTP/AVP 0\ni=voice\nc=IN IP4 224.2.1.1/127\nb=AS:64\nk=prompt\na=ptime:20\nx=odd\n"
)


@pytest.mark.parametrize("sample", [CHAT, SIPP, RICH], ids=["sdk", "sipp", "rich"])
def test_an_unchanged_document_is_written_back_byte_by_byte(sample):
    assert bytes(SessionDescription.parse(sample)) == sample


def test_text_is_read_like_bytes():
    assert SessionDescription.parse(CHAT.decode()) == SessionDescription.parse(CHAT)


@pytest.mark.parametrize("sample", [CHAT, SIPP, RICH], ids=["sdk", "sipp", "rich"])
def test_the_outline_is_the_times_and_the_bare_media_lines(sample):
    document = SessionDescription.parse(sample)
    bare = tuple(each.with_(attributes=(), connection=None, others=()) for each in document.media)

    assert outline(sample) == (document.times, bare)


def test_the_highest_numbers_are_numbers():
    highest = f"v=0\r\no=- {2**64 - 1} 0 IN IP4 h\r\nm=audio 65535/65535 RTP/AVP 0\r\n"
    document = SessionDescription.parse(highest)

    assert document.origin.session_id == 2**64 - 1
    assert (document.media[0].port, document.media[0].port_count) == (65535, 65535)


def test_line_ends_do_not_matter():
    lenient = SessionDescription.parse(CHAT.replace(b"\r\n", b"\n"))

    assert lenient == SessionDescription.parse(CHAT)
    assert bytes(lenient.with_()) == CHAT


def test_the_lines_of_the_session_are_read():
    document = SessionDescription.parse(RICH)

    assert document.origin == Origin("alice", 1, 2, "2001:db8::1", "IP6")
    assert (document.name, document.times) == (" ", "10 20")
    assert document.connection == Connection("2001:db8::1", "IP6")
    assert document.attribute("tool") == "t"
    assert document.attribute("recvonly") == ""
    assert document.attribute("absent") is None


def test_the_lines_of_a_media_description_are_read():
    (media,) = SessionDescription.parse(RICH).media

    assert (media.kind, media.port, media.port_count, media.protocol) == ("audio", 6000, 2, "RTP/AVP")
    assert media.formats == ("0",)
    assert media.connection == Connection("224.2.1.1/127")
    assert media.others == ("i=voice", "b=AS:64", "k=prompt", "x=odd")


def test_a_changed_document_keeps_its_other_lines_in_their_order():
    changed = SessionDescription.parse(RICH).next_version()

    expected = RICH.replace(b"\n", b"\r\n").replace(b"o=alice 1 2", b"o=alice 1 3")
    expected = expected.replace(b"a=ptime:20\r\nx=odd", b"x=odd\r\na=ptime:20")
    assert bytes(changed) == expected


def test_a_media_line_starts_a_new_description():
    audio, application = SessionDescription.parse(SIPP).media

    assert audio.all("rtpmap") == ("0 PCMU/8000", "101 telephone-event/8000")
    assert application == Media("application", 49160, "TCP/NOSUCH", ("xyz",))


def test_connection_of_a_line_is_its_own_else_that_of_the_session():
    document = SessionDescription.parse(SIPP)
    own = document.media[0].with_(connection=Connection("192.0.2.1"))

    assert document.connection_of(document.media[0]) == Connection("127.0.0.1")
    assert document.connection_of(own) == Connection("192.0.2.1")
    assert SessionDescription.parse(CHAT).connection is None


def test_direction_of_a_line_is_its_own_else_that_of_the_session_else_sendrecv():
    rich, sipp, chat = (SessionDescription.parse(each) for each in (RICH, SIPP, CHAT))

    assert sipp.direction_of(sipp.media[0]) == "sendonly"
    assert rich.direction_of(rich.media[0]) == "recvonly"
    assert chat.direction_of(chat.media[0]) == "sendrecv"


@pytest.mark.parametrize("own", ["sendrecv", "sendonly", "recvonly", "inactive"])
@pytest.mark.parametrize("general", ["sendrecv", "sendonly", "recvonly", "inactive"])
def test_any_direction_of_a_line_counts_before_any_of_the_session(own, general):
    """RFC 3264 5.1: also `sendrecv`, which is what is meant where nothing is said."""
    lines = ("v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "t=0 0", f"a={general}", "m=audio 1 RTP/AVP 0", f"a={own}", "")
    document = SessionDescription.parse("\r\n".join(lines))
    assert document.direction_of(document.media[0]) == own


def test_ours_is_exactly_this():
    media = Media("message", 2855, "TCP/MSRP", ("*",), (Attribute("setup", "actpass"), Attribute("sendonly")))

    assert bytes(SessionDescription.create(42, "192.0.2.7", "test", [media])) == (
        b"v=0\r\no=- 42 42 IN IP4 192.0.2.7\r\ns=test\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
        b"m=message 2855 TCP/MSRP *\r\na=setup:actpass\r\na=sendonly\r\n"
    )


def test_an_ipv6_address_says_so():
    document = SessionDescription.create(1, "2001:db8::1", "", [])

    assert str(document.origin) == "- 1 1 IN IP6 2001:db8::1"
    assert str(document.connection) == "IN IP6 2001:db8::1"
    assert document.name == "-"


def test_next_version_is_one_up_and_nothing_else_changes():
    document = SessionDescription.parse(CHAT)

    assert bytes(document.next_version()) == CHAT.replace(b"4004363576", b"4004363577")
    assert bytes(document) == CHAT


def test_a_document_is_a_value():
    document = SessionDescription.parse(CHAT)

    assert hash(document) == hash(SessionDescription.parse(CHAT))
    with pytest.raises(FrozenInstanceError):
        document.name = "other"


def test_a_line_break_cannot_be_smuggled_into_ours():
    media = Media("message", 1, "TCP/MSRP", ("*",), (Attribute("path", "msrp://a\r\na=x"),))

    with pytest.raises(LocalProtocolError):
        bytes(SessionDescription.create(1, "192.0.2.1", "-", [media]))


def test_with_direction_replaces_the_former_one_in_its_place():
    media = Media(
        "audio", 1, "RTP/AVP", ("0",), (Attribute("sendonly"), Attribute("ptime", "20"), Attribute("inactive"))
    )

    assert media.with_direction("recvonly").attributes == (Attribute("recvonly"), Attribute("ptime", "20"))
    assert Media("audio", 1, "RTP/AVP", ("0",)).with_direction("inactive").attributes == (Attribute("inactive"),)


def test_null_address_is_known_as_hold():
    assert Connection("0.0.0.0").is_unspecified
    assert Connection.to("::").is_unspecified
    assert not Connection("192.0.2.1").is_unspecified


def test_blanks_in_the_user_name_are_borne():
    assert Origin.parse("Cisco SIP UA 1 2 IN IP4 192.0.2.1").username == "Cisco SIP UA"


@pytest.mark.parametrize("sample", [b"v=0\no=- 1 1 IN IP4 h\n", b"v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 0 RTP/AVP"])
def test_lines_that_peers_forget_are_not_demanded(sample):
    document = SessionDescription.parse(sample)

    assert (document.name, document.times) == ("-", "0 0")


def test_bytes_that_are_not_utf8_survive():
    sample = CHAT.replace(b"s=sipsimple-interop", b"s=\xff\xfe")

    assert bytes(SessionDescription.parse(sample).with_()) == sample


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\r\n",
        b"hello",
        b"v=1\r\no=- 1 1 IN IP4 h\r\n",
        b"o=- 1 1 IN IP4 h\r\nv=0\r\n",
        b"v=0\r\ns=no origin\r\n",
        b"v=0\r\no=- 1 IN IP4 h\r\n",
        b"v=0\r\no=- x 1 IN IP4 h\r\n",
        b"v=0\r\no=- 1 -1 IN IP4 h\r\n",
        b"v=0\r\no=- 1 18446744073709551616 IN IP4 h\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\nnot a line\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\nc=IN IP4\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\ns=a\rb\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\ns=a\0b\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 1\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 65536 RTP/AVP 0\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\nm=audio 1/x RTP/AVP 0\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\nm=audio " + "\u0661".encode() + b" RTP/AVP 0\r\n",
        b"v=0\r\no=- 1 1 IN IP4 h\r\n" + b"m=audio 1 RTP/AVP 0\r\n" * 257,
        b"v=0\r\no=- " + b"1" * 5000 + b" 1 IN IP4 h\r\n",
    ],
)
def test_what_is_not_sdp_is_answered_400(broken):
    with pytest.raises(RemoteProtocolError) as caught:
        SessionDescription.parse(broken)

    assert caught.value.status == 400
