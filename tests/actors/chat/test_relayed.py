"""Chats that go through a real relay over loopback."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.chat.line import End, Line, SendMessage, Start
from sipsimple.actors.chat.relayed import RelayedChat, RelayPlan
from sipsimple.actors.msrp.relay_finder import RelayTarget
from sipsimple.actors.msrp.relay_port import MSRPRelayPort
from sipsimple.actors.runtime import Actor, ChildSpec, Restart, handles
from sipsimple.protocols.digest import Credentials
from sipsimple.protocols.msrp.chat import chat as chats
from sipsimple.protocols.msrp.relay import relay as reserving
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage.events import StreamEnded, StreamFailed, StreamPrepared
from tests.actors.waiting import until
from tests.interop.msrp_peer import connected
from tests.interop.msrp_relay import Relay, Rules

PEER = "msrp://127.0.0.1:9/peersession;tcp"


class Session(Actor):
    """Keeps what its stream tells it."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    @handles(StreamPrepared, StreamFailed, StreamEnded)
    def keep(self, event) -> None:
        """Keep an event."""
        self.told.append(event)


@pytest.fixture
def budget():
    """Restarts: some of these tests crash many times."""
    return 20


class Side:
    """One user: his chat, its port at the relay, and what was told."""

    def __init__(self, call, relay, name="alice", relays=()):
        self.call, self.name, self.told, self.notes = call, name, [], []
        self.own = f"msrp://127.0.0.1:2855/{name}session;tcp"
        self.port = MSRPRelayPort()
        owner = call.start_child(ChildSpec(f"{name}-session", Session, (self.told,), Restart.TRANSIENT))
        credentials = (Credentials(name, "secret"),)
        reservation = reserving.create(self.own, relays or (relay.uri,), credentials, f"{name}seed")
        plan = RelayPlan(reservation, self.port, RelayTarget("127.0.0.1", "127.0.0.1", relay.port, tls=False))
        media = MessageMedia((self.own,), chats.ACCEPT_TYPES, ("*",)).to_media()
        line = Line(chats.create((self.own,), f"{name}chat"))
        arguments = (line, media, plan, owner, lambda what, data: self.notes.append((what, data)))
        self.ref = call.start_child(ChildSpec(f"{name}-chat", RelayedChat, arguments, Restart.TRANSIENT))

    def prepared(self):
        until(lambda: self.told)
        assert isinstance(self.told[0], StreamPrepared)
        return self

    @property
    def media(self):
        return MessageMedia.from_media(self.told[0].media)

    def start(self, path, active):
        self.ref.tell(Start(MessageMedia(tuple(path), ("message/cpim", "text/*"), ("*",)), active))

    def say(self, text, message_id):
        self.ref.tell(SendMessage(message_id, text, "text/plain", "sip:a@b", "sip:c@d", "2026-11-22T19:12:55Z"))

    def data(self, name):
        return [data for what, data in self.notes if what == name]

    def saw(self, name):
        until(lambda: any(what == name for what, _ in self.notes))

    @property
    def contents(self):
        return [each.content for each in self.data("MSRPChatGotMessage")]


@pytest.fixture
def two(call, relay):
    """Two users of one relay, chatting."""
    alice, bob = Side(call, relay).prepared(), Side(call, relay, "bob").prepared()
    bob.start(alice.media.path, False)
    alice.start(bob.media.path, True)
    for each in (alice, bob):
        each.saw("MSRPChatDidStart")
    return alice, bob


def test_the_line_that_is_told_has_the_path_through_the_relay(call, relay):
    """RFC 4976 section 5.1: relays first; the port stays that of our own URI."""
    alice = Side(call, relay).prepared()
    assert alice.media.path == (*alice.port.path, alice.own)
    assert f":{relay.port}/" in alice.media.path[0]
    assert (alice.media.port, [what for what, _ in alice.notes]) == (2855, ["MSRPChatDidInitialize"])


def test_messages_and_reports_go_both_ways(two):
    alice, bob = two
    for number in range(20):
        alice.say(b"to bob %d" % number, f"first{number}")
        bob.say(b"to alice %d" % number, f"second{number}")
    until(lambda: len(alice.data("MSRPChatDidDeliverMessage")) == len(bob.data("MSRPChatDidDeliverMessage")) == 20)
    assert bob.contents == [b"to bob %d" % number for number in range(20)]
    assert alice.contents == [b"to alice %d" % number for number in range(20)]


def test_two_relays_for_each_side_are_gone_through(call, relay):
    with Relay() as outer:
        alice = Side(call, relay, relays=(relay.uri, outer.uri)).prepared()
        bob = Side(call, relay, "bob").prepared()
        assert len(alice.media.path) == 3
        bob.start(alice.media.path, False)
        alice.start(bob.media.path, True)
        for each in (alice, bob):
            each.saw("MSRPChatDidStart")
        alice.say(b"a long way", "long1")
        bob.say(b"and back", "back1")
        until(lambda: alice.data("MSRPChatDidDeliverMessage") and bob.data("MSRPChatDidDeliverMessage"))
        assert (alice.contents, bob.contents) == ([b"and back"], [b"a long way"])


def test_a_relay_that_refuses_fails_the_stream_before_it_is_prepared(call):
    with Relay(Rules(refuse="403 Forbidden")) as relay:
        alice = Side(call, relay)
        alice.saw("MSRPChatDidEnd")
    [failed] = alice.data("MSRPChatDidFail")
    assert (failed.context, failed.reason) == ("initialize", "the MSRP relay: 403 Forbidden")
    assert alice.told == [StreamFailed("chat", failed.reason)]


def test_a_relay_that_goes_away_ends_the_chat(two, relay):
    relay.kill()
    for each in two:
        each.saw("MSRPChatDidEnd")
        assert len(each.data("MSRPChatDidFail")) <= 1
        until(lambda each=each: not each.ref.is_alive)


def test_a_path_that_expired_at_the_relay_is_a_failed_delivery(two, relay):
    alice, _ = two
    relay.expire()
    alice.say(b"too late", "late1")
    alice.saw("MSRPChatDidNotDeliverMessage")
    assert [each.code for each in alice.data("MSRPChatDidNotDeliverMessage")] == [481]


def test_what_the_far_end_refuses_comes_back_as_a_report_of_the_relay(two, relay):
    """Responses go one hop, so the relay says it in its own name (RFC 4976 section 6.4)."""
    alice, bob = two
    bob.port.forget("bobsession")
    alice.say(b"anybody?", "late2")
    alice.saw("MSRPChatDidNotDeliverMessage")
    assert [each.code for each in alice.data("MSRPChatDidNotDeliverMessage")] == [481]


def test_a_chat_that_ends_gives_its_path_back(two, call):
    alice, _ = two
    alice.ref.tell(End())
    alice.saw("MSRPChatDidEnd")
    until(lambda: call.child("alice-chat-relay") is None and call.child("alice-chat-relay-connection") is None)
    assert (alice.port.path, alice.port.stream) == ((), None)


def test_actors_killed_in_traffic_lose_nothing(two, call):
    """The reader and the relay's actor; a killed chat may lose the message that it was handling."""
    alice, bob = two
    for number in range(30):
        alice.say(b"%d" % number, f"kill{number}")
        if number % 6 == 0:
            call.child("bob-chat-relay-connection").kill()
        gevent.sleep(0)
    call.child("bob-chat-relay").kill()
    until(lambda: len(alice.data("MSRPChatDidDeliverMessage")) == 30)
    assert bob.contents == [b"%d" % number for number in range(30)]


def test_a_chat_killed_before_it_has_its_path_still_gets_it(call, relay):
    alice = Side(call, relay)
    alice.ref.kill()
    alice.prepared()
    assert alice.ref.restarts == 1


def test_a_killed_chat_says_its_whole_path_again_and_goes_on(call, relay):
    alice, bob = Side(call, relay).prepared(), Side(call, relay, "bob").prepared()
    alice.ref.kill()
    until(lambda: len(alice.told) == 2)
    assert MessageMedia.from_media(alice.told[1].media).path == alice.media.path
    bob.start(alice.media.path, False)
    alice.start(bob.media.path, True)
    alice.saw("MSRPChatDidStart")
    alice.ref.kill()
    until(lambda: alice.ref.restarts == 2)
    alice.say(b"still here", "still1")
    alice.saw("MSRPChatDidDeliverMessage")


def test_what_comes_before_the_peers_path_is_known_is_kept(call, relay):
    """The peer may speak as soon as it has our answer, before the ACK reaches our chat."""
    alice, bob = Side(call, relay).prepared(), Side(call, relay, "bob").prepared()
    alice.start(bob.media.path, True)
    until(lambda: bob.port.early("bobsession"))
    bob.start(alice.media.path, False)
    for each in (alice, bob):
        each.saw("MSRPChatDidStart")


def test_a_relay_that_is_gone_before_the_start_fails_the_chat(call, relay):
    alice = Side(call, relay).prepared()
    relay.drop()
    alice.saw("MSRPChatDidEnd")
    assert "relay" in alice.data("MSRPChatDidFail")[0].reason


def test_a_peer_without_a_relay_connects_to_ours(call, relay):
    """The path of the peer's To-Path leads through our relay; its answers come back over its own connection."""
    alice = Side(call, relay).prepared()
    alice.start((PEER,), False)
    path = " ".join(alice.media.path)

    def speak():
        with connected(PEER, path) as peer:
            peer.send(None)
            assert peer.read().start == "200 OK"
            peer.send(b"hello")
            assert peer.read().start == "200 OK"
            return peer.read()

    report = gevent.get_hub().threadpool.spawn(speak).get()
    assert (report.start, report.headers["Status"]) == ("REPORT", "000 200 OK")
    assert alice.contents == [b"hello"]
