"""Chats that belong to no session, over loopback: the application does the signalling, here by hand."""

from __future__ import annotations

import pytest
from gevent.event import Event

from sipsimple.actors.runtime import TimerFired
from sipsimple.api.chat import alone as chat_alone
from sipsimple.api.chat import backlog as chat_backlog
from sipsimple.core import SIPURI
from sipsimple.errors import SessionStateError, SIPCoreError
from sipsimple.msrp import MSRPChat, MSRPRelaySettings
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.values import replace
from tests.endpoints import running
from tests.interop.msrp_relay import Relay, Rules

ALICE, BOB = SIPURI("example.com", "alice"), SIPURI("example.com", "bob")


def pair(watch, relay=None, **how):
    """Two chats that were initialised."""
    ours, theirs = MSRPChat(ALICE, BOB, True, relay), MSRPChat(BOB, ALICE, False)
    for each in (ours, theirs):
        each.initialize(**{"use_tls": False, **how})
        watch.wait_for("MSRPChatDidInitialize", each)
    return ours, theirs


def begun(watch, ours, theirs):
    theirs.start(ours.local_media)
    ours.start(theirs.local_media)
    for each in (ours, theirs):
        watch.wait_for("MSRPChatDidStart", each)


def say(watch, one, other, text):
    message_id = one.send_message(text)
    watch.until(lambda: text in [each.data.content for each in got(watch, other)], text)
    watch.until(lambda: message_id in delivered(watch, one), "its report")


def got(watch, chat):
    return [each for each in watch.seen if each.name == "MSRPChatGotMessage" and each.sender is chat]


def delivered(watch, chat):
    return [
        each.data.message_id for each in watch.seen if each.name == "MSRPChatDidDeliverMessage" and each.sender is chat
    ]


def end(watch, *chats):
    chats[0].end()
    for each in chats:
        watch.wait_for("MSRPChatDidEnd", each)


@pytest.mark.parametrize("use_tls", [False, True])
def test_two_chats_talk_and_end(use_tls):
    with running() as watch:
        ours, theirs = pair(watch, use_tls=use_tls)
        assert (ours.state, theirs.state) == ("INITIALIZED", "INITIALIZED")
        assert (ours.local_media.attribute("setup"), theirs.local_media.attribute("setup")) == ("actpass", "passive")
        begun(watch, ours, theirs)
        say(watch, ours, theirs, "hello")
        say(watch, theirs, ours, "hello yourself")
        end(watch, ours, theirs)
        assert (ours.state, theirs.state) == ("ENDED", "ENDED")
        assert watch.count("SCSessionGotMessage") == 0


def test_a_chat_goes_through_the_relay_that_it_was_made_with():
    with Relay() as relay, running() as watch:
        settings = MSRPRelaySettings("127.0.0.1", "alice", "secret", "127.0.0.1", relay.port, use_tls=False)
        ours, theirs = pair(watch, settings)
        assert ours.local_media.attribute("path").split()[0].startswith(f"msrp://127.0.0.1:{relay.port}/")
        begun(watch, ours, theirs)
        say(watch, ours, theirs, "by the relay")
        assert relay.forwarded
        end(watch, ours)
        end(watch, theirs)


def test_a_relay_that_refuses_fails_the_chat():
    with Relay(Rules(refuse="403 Forbidden")) as relay, running() as watch:
        settings = MSRPRelaySettings("127.0.0.1", "alice", "secret", "127.0.0.1", relay.port, use_tls=False)
        chat = MSRPChat(ALICE, BOB, True, settings)
        chat.initialize()
        watch.wait_for("MSRPChatDidEnd", chat)
        assert watch.data("MSRPChatDidFail", chat)["context"] == "initialize"
        assert chat.state == "ERROR"


def test_a_line_of_the_peer_that_cannot_be_used_fails_the_chat():
    with running() as watch:
        ours, theirs = pair(watch)
        ours.start(Media.parse(["m=message 9 TCP/MSRP *", "a=accept-types:text/plain"]))
        watch.wait_for("MSRPChatDidEnd", ours)
        assert watch.data("MSRPChatDidFail", ours)["context"] == "sdp_negotiation"
        end(watch, theirs)


def test_a_port_that_is_taken_fails_the_chat():
    with running() as watch:
        ours, theirs = pair(watch)
        other = MSRPChat(ALICE, BOB, True)
        other.initialize(ip="192.0.2.1", port=2855)
        watch.wait_for("MSRPChatDidEnd", other)
        assert watch.data("MSRPChatDidFail", other)["context"] == "initialize"
        end(watch, ours)
        end(watch, theirs)


def test_a_peer_that_writes_faster_than_an_observer_reads_has_to_wait(monkeypatch):
    """Nothing is lost, and what waits stays within a bound."""
    monkeypatch.setattr(chat_backlog, "MOST_BYTES", 300_000)
    waiting, heard = [], Event()

    def read_slowly(chat):
        heard.wait()
        waiting.append(len(chat._session.waiting))

    with running() as watch:
        ours, theirs = pair(watch)
        begun(watch, ours, theirs)
        watch.on["MSRPChatGotMessage"] = read_slowly
        for _ in range(50):
            theirs.send_message("x" * 50_000)
        watch.until(ours.lags, "so much that the peer waits")
        heard.set()
        watch.until(lambda: len(delivered(watch, theirs)) == 50, "every report")
        end(watch, ours, theirs)
        assert len(got(watch, ours)) == 50
        assert max(waiting) < 20


def test_an_answer_that_this_side_has_not_read_yet_is_not_missed(monkeypatch):
    """The message has arrived: who reads slowly is not told that it has not."""
    monkeypatch.setattr(chat_backlog, "MOST_BYTES", 300_000)
    heard = Event()
    with running() as watch:
        ours, theirs = pair(watch)
        begun(watch, ours, theirs)
        watch.on["MSRPChatGotMessage"] = lambda chat: chat is theirs or heard.wait()
        for _ in range(50):
            theirs.send_message("x" * 50_000)
        watch.until(ours.lags, "so much that the peer waits")
        reply = ours.send_message("slowly, please")
        watch.until(lambda: got(watch, theirs), "the reply")
        [transaction] = ours.ref.state.chat.session.transactions
        ours.ref.tell(TimerFired(("response", transaction)))
        watch.until(lambda: not ours.ref.depth, "the end of the time for an answer")
        heard.set()
        watch.until(lambda: reply in delivered(watch, ours), "its report")
        end(watch, ours, theirs)


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_chat_that_has_too_much_to_say_is_ended_all_the_same(monkeypatch, has_begun):
    """What it has no room for is told as not delivered; its end has room."""
    monkeypatch.setattr(chat_alone, "CHAT_CHILD", replace(chat_alone.CHAT_CHILD, mailbox_limit=5))
    with running() as watch:
        ours, theirs = pair(watch)
        if has_begun:
            theirs.start(ours.local_media)
            ours.start(theirs.local_media)
        said = [ours.send_message("and another thing") for _ in range(20)]
        ours.end()
        theirs.end()
        for each in (ours, theirs):
            watch.wait_for("MSRPChatDidEnd", each)
        lost = [each.data.message_id for each in watch.seen if each.name == "MSRPChatDidNotDeliverMessage"]
        assert sorted(lost) == sorted(said)


def test_what_comes_at_the_wrong_time_is_refused():
    chat = MSRPChat(ALICE, BOB, True)
    with pytest.raises(SIPCoreError):
        chat.initialize()
    with pytest.raises(SessionStateError):
        chat.start(Media("message", 9, "TCP/MSRP", ("*",)))
    with running() as watch:
        ours, theirs = pair(watch)
        with pytest.raises(SessionStateError):
            ours.initialize()
        with pytest.raises(TypeError):
            ours.start("m=message")
        theirs.start(ours.local_media)
        ours.start(theirs.local_media)
        with pytest.raises(SessionStateError):
            ours.start(theirs.local_media)
        watch.wait_for("MSRPChatDidStart", ours)
        watch.wait_for("MSRPChatDidStart", theirs)
        with pytest.raises(SessionStateError):
            ours.start(theirs.local_media)
        end(watch, ours, theirs)


def test_the_engine_ends_chats_when_it_stops():
    with running() as watch:
        ours, theirs = pair(watch)
        begun(watch, ours, theirs)
    assert (ours.state, theirs.state) == ("ENDED", "ENDED")


def test_a_chat_whose_actor_crashes_for_ever_ends_and_says_so():
    with running(crashes=True) as watch:
        ours, theirs = pair(watch)
        begun(watch, ours, theirs)
        ours.ref.kill()
        watch.until(lambda: ours.ref.restarts == 1, "a restart")
        say(watch, ours, theirs, "still here")
        ours.ref.kill()
        watch.until(lambda: ours.ref.restarts == 2, "a restart")
        ours.ref.kill()  # with nothing handled in between
        watch.wait_for("MSRPChatDidEnd", ours)
        assert "crashed" in watch.data("MSRPChatDidFail", ours)["reason"]
        watch.wait_for("MSRPChatDidEnd", theirs)
