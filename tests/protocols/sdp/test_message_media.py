"""The m=message line: what peers write, what we write, and who connects."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Attribute, Connection, Media
from sipsimple.protocols.sdp.message_media import (
    MessageMedia,
    accepts,
    choose_setup,
    is_connecting,
    without_cema,
)

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
CHAT = (
    "m=message 46143 TCP/TLS/MSRP *\r\nc=IN IP4 127.0.0.1\r\n"
    "a=path:msrps://127.0.0.1:46143/bb1f1f5b22c5519f15e9;tcp\r\n"
    "a=accept-types:message/cpim text/* image/* application/im-iscomposing+xml\r\n"
    "a=accept-wrapped-types:text/* image/* application/im-iscomposing+xml\r\na=setup:passive\r\n"
)
FILE = (
    "m=message 27855 TCP/MSRP *\r\na=sendonly\r\na=path:msrp://127.0.0.1:27855/f1x1;tcp\r\na=accept-types:*\r\n"
    'a=setup:actpass\r\na=file-selector:name:"My cool picture.jpg" type:image/jpeg size:4092\r\n'
)


def media(lines: str) -> Media:
    return SessionDescription.parse(HEAD + lines).media[0]


def test_the_chat_line_of_the_sdk_is_understood():
    assert MessageMedia.from_media(media(CHAT)) == MessageMedia(
        path=("msrps://127.0.0.1:46143/bb1f1f5b22c5519f15e9;tcp",),
        accept_types=("message/cpim", "text/*", "image/*", "application/im-iscomposing+xml"),
        accept_wrapped_types=("text/*", "image/*", "application/im-iscomposing+xml"),
        setup="passive",
        protocol="TCP/TLS/MSRP",
        port=46143,
    )


def test_a_chat_line_is_written_as_the_sdk_writes_it():
    line = media(CHAT)

    assert MessageMedia.from_media(line).to_media(Connection("127.0.0.1")) == line


def test_a_file_selector_tells_a_transfer_from_a_chat():
    transfer, chat = (MessageMedia.from_media(media(each)) for each in (FILE, CHAT))

    assert transfer.is_file_transfer
    assert transfer.direction == "sendonly"
    assert not chat.is_file_transfer
    assert chat.is_tls
    assert not transfer.is_tls


def test_every_field_survives_the_wire():
    message = MessageMedia(
        ("msrps://relay.example.com:9000/r;tcp", "msrps://192.0.2.1:7000/s;tcp"),
        ("*",),
        setup="active",
        fingerprint="sha-256 AA:BB",
        protocol="TCP/TLS/MSRP",
        port=7000,
        max_size=1000,
        file_selector='name:"x"',
        direction="recvonly",
    )
    written = message.to_media()

    assert MessageMedia.from_media(written) == message
    assert [each.name for each in written.attributes] == [
        "path",
        "accept-types",
        "setup",
        "fingerprint",
        "max-size",
        "file-selector",
        "recvonly",
    ]


def test_attributes_of_the_session_hold_where_the_line_has_none():
    line = CHAT.replace("a=setup:passive\r\n", "")
    session = SessionDescription.parse(HEAD + "a=setup:active\r\na=fingerprint:sha-1 AA\r\na=recvonly\r\n" + line)
    message = MessageMedia.from_media(session.media[0], session)

    assert (message.setup, message.fingerprint, message.direction) == ("active", "sha-1 AA", "recvonly")
    assert MessageMedia.from_media(session.media[0]).setup is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TCP/TLS/MSRP", "RTP/AVP"),
        ("m=message", "m=audio"),
        ("a=path:", "a=x-path:"),
        ("a=path:msrps://127", "a=path:http://127"),
        ("TCP/TLS/MSRP", "TCP/MSRP"),
        ("a=accept-types:", "a=x-types:"),
        ("a=accept-types:message/cpim text/* image/* application/im-iscomposing+xml", "a=accept-types: "),
        ("setup:passive", "setup:never"),
        ("a=setup:passive", "a=max-size:many"),
    ],
)
def test_a_line_that_cannot_be_used_is_answered_488(old, new):
    assert old in CHAT
    with pytest.raises(RemoteProtocolError) as caught:
        MessageMedia.from_media(media(CHAT.replace(old, new)))

    assert caught.value.status == 488


def test_wrapped_types_may_be_missing():
    line = media(CHAT.replace("a=accept-wrapped-types:text/* image/*", "a=x:"))

    assert MessageMedia.from_media(line).accept_wrapped_types == ()
    assert Attribute("accept-wrapped-types") not in MessageMedia.from_media(line).to_media().attributes


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("actpass", "passive"), ("active", "passive"), (None, "passive"), ("passive", "active"), ("holdconn", "holdconn")],
)
def test_we_listen_unless_the_peer_does(offered, answered):
    assert choose_setup(offered) == answered


@pytest.mark.parametrize("answered", ["active", "passive", "actpass", None])
def test_exactly_one_side_connects(answered):
    assert is_connecting(True, answered) != is_connecting(False, answered)


def test_the_answer_says_who_connects():
    assert is_connecting(True, "passive")
    assert is_connecting(True, None)
    assert is_connecting(True, "actpass")
    assert is_connecting(False, "active")
    assert not is_connecting(True, "holdconn")
    assert not is_connecting(False, "holdconn")


@pytest.mark.parametrize(
    ("types", "content_type", "expected"),
    [
        (("*",), "image/png", True),
        (("text/*",), "TEXT/Plain; charset=utf-8", True),
        (("text/*",), "textual/plain", False),
        (("text/plain", "message/cpim"), "message/CPIM", True),
        (("text/plain",), "text/html", False),
        (("text/plain;charset=x",), "text/plain", True),
        ((), "text/plain", False),
    ],
)
def test_accept_types_are_patterns(types, content_type, expected):
    assert accepts(types, content_type) is expected


def read(*lines, port=2855, path="msrp://192.0.2.1:2855/abc;tcp"):
    text = f"m=message {port} TCP/MSRP *\r\na=path:{path}\r\na=accept-types:text/plain\r\n"
    session = SessionDescription.parse(HEAD + text + "".join(f"{line}\r\n" for line in lines))
    return MessageMedia.from_media(session.media[0], session)


@pytest.mark.parametrize(
    ("lines", "chatroom"),
    [
        ((), None),
        (("a=chatroom",), ()),
        (("a=chatroom:nickname private-messages",), ("nickname", "private-messages")),
        (("a=chatroom:nickname x-other",), ("nickname", "x-other")),
    ],
)
def test_what_a_chat_room_can_do_is_read_and_written(lines, chatroom):
    """RFC 7701 section 8.1."""
    line = read(*lines)
    assert line.chatroom == chatroom
    assert MessageMedia.from_media(line.to_media()).chatroom == chatroom


def test_with_cema_the_line_leads_to_where_its_path_does():
    """RFC 6714 section 4.2: the relay's address, when there is one."""
    own, relay = "msrp://192.0.2.1:2855/abc;tcp", "msrps://[2001:db8::1]:2900/r;tcp"
    line = MessageMedia((relay, own), ("*",), cema=True).to_media()
    assert (line.port, str(line.connection), line.attribute("msrp-cema")) == (2900, "IN IP6 2001:db8::1", "")
    assert MessageMedia.from_media(line).hop == relay


def test_a_path_with_a_name_leaves_cema_out():
    line = MessageMedia(("msrp://relay.example.com:2855/r;tcp",), ("*",), cema=True, port=1234).to_media()
    assert (line.attribute("msrp-cema"), line.connection, line.port) == (None, None, 1234)


OWN, RELAY, NAMED = "msrp://192.0.2.1:2855/abc;tcp", "msrp://192.0.2.9:2900/r;tcp", "msrp://relay.example.com/r;tcp"


@pytest.mark.parametrize(
    ("path", "address", "setup", "is_astray"),
    [
        ((OWN,), ("192.0.2.1", 2855), "passive", False),
        ((OWN,), ("192.0.2.1", 2856), "passive", True),
        ((OWN,), ("198.51.100.7", 2855), None, True),
        ((OWN,), ("198.51.100.7", 2855), "active", True),
        ((OWN,), ("192.0.2.1", 12345), "active", False),
        ((OWN,), ("198.51.100.7", 9), "active", False),
        ((OWN,), ("198.51.100.7", 9), "passive", True),
        ((OWN,), ("peer.example.com", 2855), None, False),
        ((OWN,), None, None, False),
        ((RELAY, OWN), ("192.0.2.9", 2900), None, False),
        ((RELAY, OWN), ("192.0.2.1", 2855), None, False),
        ((RELAY, OWN), ("198.51.100.7", 2855), None, True),
        ((NAMED, OWN), ("198.51.100.7", 2855), None, False),
        (("msrp://[2001:db8::1]/abc;tcp",), ("2001:DB8:0::1", 2855), None, False),
    ],
)
def test_a_line_without_cema_is_led_astray_by_an_address_that_its_path_does_not_have(path, address, setup, is_astray):
    """RFC 6714 section 4.2."""
    port = address[1] if address else 2855
    line = MessageMedia(path, ("*",), setup=setup, port=port, address=address)
    assert line.is_led_astray is is_astray
    assert not replace(line, cema=True).is_led_astray


def test_without_cema_a_line_is_otherwise_the_same():
    line = MessageMedia((OWN,), ("*",), cema=True).to_media()
    assert MessageMedia.from_media(without_cema(line)) == replace(MessageMedia.from_media(line), cema=False)


@pytest.mark.parametrize(
    ("lines", "port", "hop"),
    [
        (("a=msrp-cema", "c=IN IP4 198.51.100.7"), 4000, "msrp://198.51.100.7:4000/abc;tcp"),
        (("a=msrp-cema", "c=IN IP6 2001:db8::7"), 4000, "msrp://[2001:db8::7]:4000/abc;tcp"),
        (("a=msrp-cema", "c=IN IP4 192.0.2.1"), 2855, "msrp://192.0.2.1:2855/abc;tcp"),
        (("c=IN IP4 198.51.100.7",), 4000, "msrp://192.0.2.1:2855/abc;tcp"),
        (("a=msrp-cema", "c=IN IP4 0.0.0.0"), 4000, "msrp://192.0.2.1:2855/abc;tcp"),
    ],
)
def test_with_cema_somebody_between_may_say_where_to_connect(lines, port, hop):
    """RFC 6714 section 4: and without it nobody may."""
    assert read(*lines, port=port).hop == hop


@pytest.mark.parametrize(
    ("path", "fingerprint"),
    [
        ("msrps://192.0.2.1:7000/s;tcp", "sha-256 AA:BB"),
        ("msrps://192.0.2.9:9000/r;tcp msrps://192.0.2.1:7000/s;tcp", None),
    ],
)
def test_a_fingerprint_is_that_of_the_peer_and_not_of_a_relay_before_it(path, fingerprint):
    lines = f"m=message 7000 TCP/TLS/MSRP *\r\na=path:{path}\r\na=accept-types:*\r\na=fingerprint:sha-256 AA:BB\r\n"
    assert MessageMedia.from_media(media(lines)).hop_fingerprint == fingerprint


def test_the_session_id_stays_with_a_path_that_is_led_elsewhere():
    line = read("a=msrp-cema", "c=IN IP4 198.51.100.7", port=4000)
    assert line.path == ("msrp://192.0.2.1:2855/abc;tcp",)
