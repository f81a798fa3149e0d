"""Actors that are killed while somebody writes, asks for a name, waits for a display, or moves through a relay."""

from __future__ import annotations

import os

import pytest

from sipsimple.core import SIPURI, Credentials
from sipsimple.msrp import MSRPFileTransfer, MSRPRelaySettings
from sipsimple.session import Session, SessionManager
from tests.chaos.test_killed_actors import kill
from tests.endpoints import Call, counterpart, deliver, established, hang_up, running, target
from tests.interop.msrp_relay import Relay, Rules

ALICE = Credentials(SIPURI("example.com", "alice"), "secret")


def last(watch, name, sender, **data):
    """The last notification of that name, sender and data."""

    def look():
        found = [each.data for each in watch.seen if each.name == name and each.sender is sender]
        return next((each for each in reversed(found) if data.items() <= vars(each).items()), None)

    return watch.until(look, f"{name} {data}")


@pytest.mark.parametrize("who", ["writer", "reader"])
def test_who_writes_is_still_known_to_fall_silent_after_a_chat_was_killed(who):
    with running(crashes=True) as watch:
        call = established(watch)
        ours, theirs = call.caller.chat_transport, call.callee.chat_transport
        ours.send_composing_indication("active")
        last(watch, "MSRPChatGotComposingIndication", theirs, state="active")
        kill(watch, (ours if who == "writer" else theirs).ref)
        ours.send_composing_indication("idle")
        last(watch, "MSRPChatGotComposingIndication", theirs, state="idle")
        hang_up(watch, call)
        assert watch.count("MSRPChatGotComposingIndication") == 2


@pytest.mark.parametrize("who", ["sender", "receiver"])
def test_a_display_is_told_once_after_a_chat_was_killed(who):
    with running(crashes=True) as watch:
        call = established(watch)
        ours, theirs = call.caller.chat_transport, call.callee.chat_transport
        message_id = call.caller.send_message("read me", disposition=["display"])
        last(watch, "MSRPChatGotMessage", theirs, content="read me")
        kill(watch, (ours if who == "sender" else theirs).ref)
        theirs.send_display_notification(message_id)
        last(watch, "MSRPChatDidDisplayMessage", ours, message_id=message_id)
        hang_up(watch, call)
        assert watch.count("MSRPChatDidDisplayMessage") == 1


@pytest.mark.parametrize("who", ["participant", "room"])
def test_a_nickname_is_answered_once_after_a_chat_was_killed(who):
    with running(crashes=True) as watch:
        SessionManager().msrp_config.chatroom_capabilities = ("nickname",)
        call = established(watch)
        ours, theirs = call.caller.chat_transport, call.callee.chat_transport
        ours.set_local_nickname("Alice")
        asked = last(watch, "MSRPChatGotNicknameRequest", theirs, nickname="Alice")
        kill(watch, (ours if who == "participant" else theirs).ref)
        theirs.accept_nickname(asked.message)
        last(watch, "MSRPChatDidSetNickname", ours, nickname="Alice")
        hang_up(watch, call)
        assert (watch.count("MSRPChatDidSetNickname"), watch.count("MSRPChatDidNotSetNickname")) == (1, 0)


def relayed(watch, relay):
    """A call whose chat goes through the relay on the caller's side."""
    configuration = SessionManager().msrp_config
    configuration.use_relay_outgoing, configuration.use_relay_incoming = True, False
    configuration.relay_host, configuration.relay_port, configuration.relay_use_tls = "127.0.0.1", relay.port, False
    session = Session()
    session.connect(target(), ALICE, chat=True)
    call = Call(session, watch.until(lambda: counterpart(watch, session), "an incoming session"))
    call.callee.accept(chat=True)
    for each in (call.caller, call.callee):
        watch.wait_for("SCSessionDidStart", each)
        watch.wait_for("MSRPChatDidStart", each.chat_transport)
    return call


def test_a_chat_that_was_killed_follows_its_relay_to_another_path():
    with Relay(Rules(expires=2, moves=True)) as relay, running(crashes=True) as watch:
        call = relayed(watch, relay)
        ours, theirs = call.caller.chat_transport, call.callee.chat_transport
        first = ours.local_media.attribute("path")
        kill(watch, ours.ref)
        kill(watch, theirs.ref)
        watch.until(lambda: ours.local_media.attribute("path") != first, "another path")
        watch.until(lambda: " ".join(theirs._chat.session.remote_path) != first, "the peer to know it")
        deliver(watch, call.caller, call.callee, "after")
        deliver(watch, call.callee, call.caller, "after, too")
        hang_up(watch, call)
        assert watch.count("MSRPChatDidFail") == 0


@pytest.mark.parametrize("side", ["sender", "receiver"])
def test_a_transfer_through_a_relay_that_is_killed_goes_on(tmp_path, side):
    path = tmp_path / "file.bin"
    path.write_bytes(os.urandom(3_000_000))
    with Relay() as relay, running(crashes=True) as watch:
        settings = MSRPRelaySettings("127.0.0.1", "alice", "secret", "127.0.0.1", relay.port, use_tls=False)
        mine = MSRPFileTransfer(ALICE.uri, target(), True, relay=settings, file_path=path)
        caller = Session()
        caller.connect(target(), ALICE, files=[mine])
        callee = watch.until(lambda: counterpart(watch, caller), "an incoming session")
        [theirs] = watch.data("SCSessionNewIncoming", callee)["files"]
        theirs.save_directory = tmp_path / "inbox"
        callee.accept(files=[theirs])
        for transfer in (mine, theirs):
            watch.wait_for("MSRPFileTransferDidStart", transfer)
        victim = (mine if side == "sender" else theirs).ref
        before = victim.restarts
        victim.kill()
        watch.until(lambda: not victim.is_alive or victim.restarts > before, "a restart or the end")
        watch.wait_for("MSRPFileTransferGotFile", theirs)
        for session in (caller, callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert theirs.file_path.read_bytes() == path.read_bytes()
