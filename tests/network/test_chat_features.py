"""Chats between two parties over loopback: who writes, what became of messages, nicknames, private messages, sounds."""

from __future__ import annotations

import pytest
import structlog
from structlog.testing import capture_logs

from sipsimple.core import SIPURI
from sipsimple.errors import MSRPChatError, SessionStateError
from sipsimple.session import SessionManager
from tests.endpoints import established, hang_up, place, running, target


def chats(call):
    return call.caller.chat_transport, call.callee.chat_transport


def told(watch, name, sender, **data):
    """The last notification of that name, sender and data."""

    def look():
        for each in reversed(watch.seen):
            if each.name == name and each.sender is sender and all(vars(each.data)[key] == data[key] for key in data):
                return each.data
        return None

    return watch.until(look, f"{name} {data}")


def test_the_peer_sees_who_writes_until_the_message_comes():
    with running() as watch:
        call = established(watch)
        ours, theirs = chats(call)
        assert ours.composing_indications_allowed is True
        ours.send_composing_indication("active", refresh=90)
        active = told(watch, "MSRPChatGotComposingIndication", theirs, state="active")
        assert (active.refresh, active.content_type, active.sender.user) == (90, "text/plain", "alice")
        assert active.last_active is not None

        call.caller.send_message("hello")
        told(watch, "MSRPChatGotMessage", theirs, content="hello")
        told(watch, "MSRPChatGotComposingIndication", theirs, state="idle")
        hang_up(watch, call)


def test_the_peer_is_told_that_nobody_writes_any_more():
    with running() as watch:
        call = established(watch)
        ours, theirs = chats(call)
        ours.send_composing_indication("active")
        told(watch, "MSRPChatGotComposingIndication", theirs, state="active")
        ours.send_composing_indication("idle")
        told(watch, "MSRPChatGotComposingIndication", theirs, state="idle")
        hang_up(watch, call)


@pytest.mark.parametrize(
    ("arguments", "error"), [(("typing",), ValueError), (("active", 10), ValueError), (("active", "90"), TypeError)]
)
def test_a_composing_indication_that_cannot_be_is_refused(arguments, error):
    with running() as watch:
        call = established(watch)
        with pytest.raises(error):
            call.caller.chat_transport.send_composing_indication(*arguments)
        hang_up(watch, call)


def test_who_asks_is_told_of_delivery_and_display():
    with running() as watch:
        call = established(watch)
        ours, theirs = chats(call)
        message_id = call.caller.send_message("read me", disposition=["positive-delivery", "display"])
        got = told(watch, "SCSessionGotMessage", call.callee, content="read me")
        assert (got.message_id, set(got.disposition)) == (message_id, {"positive-delivery", "display"})
        delivery = told(watch, "MSRPChatGotDeliveryNotification", ours, message_id=message_id)
        assert (delivery.type, delivery.status, delivery.recipient.user) == ("delivery", "delivered", "bob")
        assert delivery.sent_at is not None

        theirs.send_display_notification(got.message_id)
        for name, sender in (("MSRPChatDidDisplayMessage", ours), ("SCSessionDidDisplayMessage", call.caller)):
            assert told(watch, name, sender, message_id=message_id).status == "displayed"
        with pytest.raises(MSRPChatError, match="no display notification is awaited"):
            theirs.send_display_notification(got.message_id)
        hang_up(watch, call)


def test_a_display_that_will_not_be_is_told_too():
    with running() as watch:
        call = established(watch)
        message_id = call.callee.send_message("read me", disposition=["display"])
        told(watch, "SCSessionGotMessage", call.caller, content="read me")
        call.caller.chat_transport.send_display_notification(message_id, "forbidden")
        assert told(watch, "SCSessionDidNotDisplayMessage", call.callee, message_id=message_id).status == "forbidden"
        with pytest.raises(ValueError, match="smiled"):
            call.caller.chat_transport.send_display_notification(message_id, "smiled")
        hang_up(watch, call)


def test_a_message_that_asks_for_nothing_is_told_of_to_nobody():
    with running() as watch:
        call = established(watch)
        call.caller.send_message("first")
        got = told(watch, "SCSessionGotMessage", call.callee, content="first")
        assert got.disposition == ()
        with pytest.raises(MSRPChatError):
            call.callee.chat_transport.send_display_notification(got.message_id)
        hang_up(watch, call)
        assert watch.count("MSRPChatGotDeliveryNotification") == 0


def test_no_such_disposition_is_refused():
    with running() as watch:
        call = established(watch)
        with pytest.raises(ValueError, match="applause"):
            call.caller.send_message("x", disposition=["applause"])
        with pytest.raises(TypeError, match="disposition must be a sequence of texts, not 'display'"):
            call.caller.send_message("x", disposition="display")
        hang_up(watch, call)


def room():
    SessionManager().msrp_config.chatroom_capabilities = ("nickname", "private-messages")


def test_a_chat_room_gives_nicknames_and_refuses_those_that_are_taken():
    with running() as watch:
        room()
        call = established(watch)
        ours, theirs = chats(call)
        assert theirs.remote_chatroom_capabilities == ("nickname", "private-messages")
        ours.set_local_nickname("Alice")
        asked = told(watch, "MSRPChatGotNicknameRequest", theirs, nickname="Alice")
        theirs.accept_nickname(asked.message)
        assert told(watch, "MSRPChatDidSetNickname", ours, nickname="Alice").code == 200
        with pytest.raises(MSRPChatError, match="waits for an answer"):
            theirs.accept_nickname(asked.message)

        ours.set_local_nickname("Bob")
        asked = told(watch, "MSRPChatGotNicknameRequest", theirs, nickname="Bob")
        theirs.reject_nickname(asked.message)
        refused = told(watch, "MSRPChatDidNotSetNickname", ours, nickname="Bob")
        assert (refused.code, refused.reason) == (425, "Nickname reserved or already in use")
        hang_up(watch, call)


def test_a_nickname_that_nobody_answered_is_told_at_the_end():
    with running() as watch:
        room()
        call = established(watch)
        ours, theirs = chats(call)
        ours.set_local_nickname("Alice")
        told(watch, "MSRPChatGotNicknameRequest", theirs, nickname="Alice")
        hang_up(watch, call)
        assert told(watch, "MSRPChatDidNotSetNickname", ours, nickname="Alice").code == 0


def test_who_is_no_chat_room_gives_no_nicknames_and_takes_no_private_messages():
    with running() as watch:
        call = established(watch)
        ours, _ = chats(call)
        assert (ours.nickname_allowed, ours.private_messages_allowed) == (False, False)
        with pytest.raises(MSRPChatError, match="gives no nicknames"):
            ours.set_local_nickname("Alice")
        with pytest.raises(MSRPChatError, match="offers no private messages"):
            call.caller.send_message("psst", to_uri=SIPURI("example.com", "carol"))
        call.caller.send_message("aloud", to_uri=ours.to_uri)
        told(watch, "SCSessionGotMessage", call.callee, content="aloud")
        hang_up(watch, call)


def test_a_private_message_goes_through_a_room_that_offers_them():
    with running() as watch:
        room()
        call = established(watch)
        ours, _ = chats(call)
        assert ours.private_messages_allowed is True
        call.caller.send_message("psst", to_uri=SIPURI("example.com", "carol"))
        got = told(watch, "SCSessionGotMessage", call.callee, content="psst")
        assert got.cpim_headers["To"].user == "carol"
        hang_up(watch, call)


def test_nothing_of_this_can_be_done_before_the_chat_has_started():
    with running() as watch:
        call = place(watch, to=target())
        chat = watch.until(lambda: call.caller.chat_transport, "the chat")
        for method, *arguments in (
            ("send_composing_indication", "active"),
            ("send_display_notification", "m1"),
            ("set_local_nickname", "Alice"),
        ):
            with pytest.raises(SessionStateError):
                getattr(chat, method)(*arguments)
        call.caller.terminate()
        watch.wait_for("SCSessionDidEnd", call.callee)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (bytes(range(256)) * 8, "image/png"),
        (b"--b1\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b1--\r\n", "multipart/mixed; boundary=b1"),
        (b"\x00\xff" * 400_000, "application/octet-stream"),
    ],
)
def test_bytes_of_any_type_and_size_arrive_as_they_are_both_ways(content, content_type):
    with running() as watch:
        call = established(watch)
        for sender, receiver in ((call.caller, call.callee), (call.callee, call.caller)):
            message_id = sender.send_message(content, content_type)
            assert told(watch, "SCSessionGotMessage", receiver, content_type=content_type).content == content
            told(watch, "SCSessionDidDeliverMessage", sender, message_id=message_id)
        hang_up(watch, call)


def test_a_message_above_what_the_peer_takes_is_refused_at_the_call():
    with running() as watch:
        call = established(watch)
        with pytest.raises(MSRPChatError, match="up to 10485760 bytes"):
            call.caller.send_message("x" * (10 * 1024 * 1024 + 1))
        hang_up(watch, call)


class Heard:
    """In the place of the sound device: notes what is played."""

    def __init__(self):
        self.played = []

    def play(self, file_name, level):
        self.played.append((file_name.rpartition("/")[2], level))


def test_a_message_that_comes_and_one_that_leaves_can_be_heard(tmp_path):
    for name in ("sent.wav", "received.wav"):
        (tmp_path / name).write_bytes(b"RIFF\x00\x00\x00\x00WAVE")
    with running() as watch:
        call = established(watch)
        ours, theirs = chats(call)
        heard = Heard()
        ours.attach_sound(heard, None, str(tmp_path / "sent.wav"))
        theirs.attach_sound(heard, str(tmp_path / "received.wav"), None)
        theirs.sound_level = 50
        for text in ("one", "two"):
            call.caller.send_message(text)
            told(watch, "SCSessionGotMessage", call.callee, content=text)
        assert heard.played == [("sent.wav", 20), ("received.wav", 50)]  # not again so soon
        hang_up(watch, call)


def test_a_sound_that_cannot_be_played_disturbs_nothing():
    with running() as watch:
        SessionManager().ringtone_config.message_sent_sound = "/nowhere/sent.wav"
        try:
            call = established(watch)
        finally:
            SessionManager().ringtone_config.message_sent_sound = None
        assert call.caller.chat_transport.message_sent_sound == "/nowhere/sent.wav"
        call.caller.send_message("hello")
        told(watch, "SCSessionGotMessage", call.callee, content="hello")
        hang_up(watch, call)


def test_the_log_tells_of_all_this_without_content_and_names():
    structlog.configure()
    try:
        with capture_logs() as logs, running() as watch:
            room()
            call = established(watch)
            ours, theirs = chats(call)
            ours.send_composing_indication("active")
            told(watch, "MSRPChatGotComposingIndication", theirs, state="active")
            message_id = call.caller.send_message("hush, a secret", disposition=["positive-delivery", "display"])
            told(watch, "MSRPChatGotDeliveryNotification", ours, message_id=message_id)
            theirs.send_display_notification(message_id)
            told(watch, "MSRPChatDidDisplayMessage", ours, message_id=message_id)
            ours.set_local_nickname("Mata Hari")
            theirs.accept_nickname(told(watch, "MSRPChatGotNicknameRequest", theirs).message)
            told(watch, "MSRPChatDidSetNickname", ours)
            hang_up(watch, call)
    finally:
        structlog.reset_defaults()
    events = {each["event"] for each in logs}
    assert {"composing.sent", "composing.received", "disposition.sent", "disposition.received"} <= events
    assert {"nickname.wanted", "nickname.answered", "nickname.told"} <= events
    assert "hush" not in str(logs)
    assert "Mata" not in str(logs)
    assert all("msrp_session" in each and "call_id" in each for each in logs if each["event"].startswith("disposition"))
