"""Streams that are added to and removed from a session, with a peer that takes its time or breaks rules."""

from __future__ import annotations

import re
import socket

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.session import SessionStateError
from tests.api.audio.calls import needs_audio, sounding
from tests.endpoints import port
from tests.interop.sip_dialog import Dialog
from tests.interop.sip_peer import SIPPeer, chat_line, description, parse

AUDIO = "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
NO_CHAT = "m=message 0 TCP/MSRP *\r\n"
PATH = "msrp://127.0.0.1:9/peersession;tcp"
CHAT = chat_line(PATH, "setup:active")
PROPOSED, ACCEPTED, REJECTED = [f"SCSession{each}StreamProposal" for each in ("Got", "Accepted", "Rejected")]
UPDATED = "SCSessionGotStreamUpdate"

pytestmark = [needs_audio, pytest.mark.slow]


@pytest.fixture
def ring(monkeypatch):
    """The engine with audio in a thread of its own, and a raw SIP peer."""
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with SIPPeer() as peer, sounding("own") as watch:
        yield watch, peer


class Caller:
    """A peer that calls with these lines and is answered."""

    def __init__(self, watch, peer, *lines, **accepted):
        self.watch, self.peer = watch, peer
        invite = peer.invite(port(), description(*lines))
        self.session = watch.wait_for("SCSessionNewIncoming").sender
        self.session.accept(**accepted)
        self.answer = peer.receive("SIP/2.0 200")
        sent = peer.within(invite, "ACK", self.answer)
        peer.send(sent)
        watch.wait_for("SCSessionDidStart", self.session)
        self.dialog = Dialog.calling(_parsed(invite), peer.port)
        self.dialog.learn(self.answer)
        self.version = 1

    def said(self, *lines):
        """A description with these lines and the next version."""
        self.version += 1
        return description(*lines).replace("o=- 1 1", f"o=- 1 {self.version}")

    def offer(self, *lines):
        """Send a re-INVITE with these lines; return the final response, acknowledged."""
        invite = self.dialog.request("INVITE", self.said(*lines))
        self.peer.send(invite)
        while (response := self.peer.receive("SIP/2.0")).status < 200:
            pass
        self.peer.send(self.dialog.ack(_parsed(invite), response))
        return response

    def take(self):
        """Take our next re-INVITE."""
        return self.peer.receive("INVITE")

    def answer_with(self, invite, *lines):
        """Answer our re-INVITE, and wait for the ACK."""
        self.peer.respond(invite, 200, "OK", body=self.said(*lines))
        self.peer.receive("ACK")


def _parsed(text):
    return parse(text.encode())


def ports(message):
    return [(kind, int(number) > 0) for kind, number in re.findall(r"^m=(\w+) (\d+)", message.body, re.MULTILINE)]


def test_a_chat_is_accepted_before_its_connection_is_there(ring):
    """The answer to the re-INVITE decides; the connection may take its time."""
    watch, peer = ring
    call = Caller(watch, peer, AUDIO, audio=True)
    with socket.socket() as slow:
        slow.bind(("127.0.0.1", 0))
        slow.listen()
        call.session.add_chat()
        invite = call.take()
        path = f"msrp://127.0.0.1:{slow.getsockname()[1]}/late;tcp"
        call.answer_with(invite, AUDIO, chat_line(path, "setup:passive"))
        watch.wait_for(ACCEPTED, call.session)
        assert (call.session.state, call.session.has_chat) == ("ESTABLISHED", True)
        assert watch.count("MSRPChatDidStart") == 0
        stream = call.session.chat_transport
        message_id = call.session.send_message("waits")
        watch.until(lambda: slow.accept()[0].close() is None, "our connection")
        watch.wait_for("MSRPChatDidEnd", stream)
    assert watch.data("MSRPChatDidFail", stream)["context"] == "start"
    assert watch.data("SCSessionDidNotDeliverMessage", call.session)["message_id"] == message_id
    watch.until(lambda: not call.session.has_chat, "the chat to be gone")
    assert call.session.state == "ESTABLISHED", "there is audio"


def test_a_chat_that_we_remove_is_forgotten_whatever_the_peer_says(ring):
    watch, peer = ring
    call = Caller(watch, peer, AUDIO, CHAT, audio=True, chat=True)
    stream = call.session.chat_transport
    call.session.remove_chat()
    invite = call.take()
    assert ports(invite) == [("audio", True), ("message", False)]
    assert (call.session.has_chat, call.session.chat_transport) == (False, None)
    assert call.session.audio_transport is not None
    with pytest.raises(SessionStateError):
        call.session.remove_chat()
    peer.respond(invite, 500, "Server Internal Error")
    watch.wait_for("MSRPChatDidEnd", stream)
    assert not call.session.has_chat


def test_a_line_that_was_not_accepted_is_used_when_its_stream_is_added_later(ring):
    watch, peer = ring
    call = Caller(watch, peer, CHAT, AUDIO, audio=True)
    assert ports(call.answer) == [("message", False), ("audio", True)]
    call.session.add_chat()
    invite = call.take()
    assert ports(invite) == [("message", True), ("audio", True)]
    call.answer_with(invite, CHAT, AUDIO)
    watch.wait_for(ACCEPTED, call.session)


def test_a_line_that_the_peer_refused_is_used_for_the_next_try_and_for_its_own(ring):
    watch, peer = ring
    call = Caller(watch, peer, AUDIO, audio=True)
    for number in (1, 2):
        call.session.add_chat()
        invite = call.take()
        assert ports(invite) == [("audio", True), ("message", True)]
        call.answer_with(invite, AUDIO, NO_CHAT)
        watch.wait_for(REJECTED, call.session, number)
        assert not call.session.has_chat
    watch.on[PROPOSED] = lambda session: session.accept_proposal()
    assert ports(call.offer(AUDIO, CHAT)) == [("audio", True), ("message", True)]
    watch.wait_for(ACCEPTED, call.session)


@pytest.mark.parametrize("status", [100, 180, 183])
def test_a_proposal_waits_for_more_than_a_provisional_response(ring, status):
    watch, peer = ring
    call = Caller(watch, peer, AUDIO, audio=True)
    call.session.add_chat()
    invite = call.take()
    peer.respond(invite, status, "Wait", body="" if status == 100 else call.said(AUDIO, NO_CHAT))
    assert peer.repeats == 0
    peer.respond(invite, 603, "Decline")
    peer.receive("ACK")
    watch.wait_for(REJECTED, call.session)
    names = watch.names(call.session)
    assert names[-4:] == ["ESTABLISHED>PROPOSING", PROPOSED, "PROPOSING>ESTABLISHED", REJECTED]
    assert watch.data(REJECTED, call.session)["reason"].startswith("603 ")
    call.session.hold()
    assert ports(call.take()) == [("audio", True)], "the next command is free to go, and what was refused is no line"


@pytest.mark.parametrize(
    "lines",
    [(), (AUDIO,), (AUDIO, CHAT, NO_CHAT), (CHAT, AUDIO)],
    ids=["none", "one too few", "one too many", "in another order"],
)
def test_an_answer_with_other_lines_than_the_offer_ends_the_session_and_crashes_nothing(ring, lines):
    watch, peer = ring
    call = Caller(watch, peer, AUDIO, audio=True)
    call.session.add_chat()
    call.answer_with(call.take(), *lines)
    peer.respond(peer.receive("BYE"), 200, "OK")
    watch.wait_for("SCSessionDidEnd", call.session)
    failure = watch.data("SCSessionDidFail", call.session)
    assert (failure["originator"], failure["code"]) == ("local", 488)


def test_the_first_usable_line_of_a_kind_is_taken_and_the_others_refused(ring):
    watch, peer = ring
    unfit = "m=audio 4000 RTP/AVP 18\r\n"
    call = Caller(watch, peer, unfit, AUDIO, AUDIO.replace("4000", "4002"), CHAT, CHAT, audio=True, chat=True)
    assert ports(call.answer) == [
        ("audio", False),
        ("audio", True),
        ("audio", False),
        ("message", True),
        ("message", False),
    ]
    assert call.session.audio_remote_rtp_port_sdp == 4000


def test_a_chat_that_the_peer_removes_goes_and_the_audio_stays_and_the_other_way_round(ring):
    watch, peer = ring
    call = Caller(watch, peer, AUDIO, CHAT, audio=True, chat=True)
    assert ports(call.offer(AUDIO, NO_CHAT)) == [("audio", True), ("message", False)]
    watch.until(lambda: not call.session.has_chat, "the chat to be gone")
    assert call.session.has_audio
    watch.on[PROPOSED] = lambda session: session.accept_proposal()
    call.offer(AUDIO, CHAT)
    watch.wait_for(ACCEPTED, call.session)
    assert ports(call.offer("m=audio 0 RTP/AVP 0\r\n", CHAT)) == [("audio", False), ("message", True)]
    watch.until(lambda: not call.session.has_audio, "the audio to be gone")
    assert call.session.has_chat
    assert call.session.state == "ESTABLISHED"
    watch.wait_for(UPDATED, call.session, 3)
    told = [each.data.streams for each in watch.seen if each.name == UPDATED]
    assert told == [["audio"], ["audio", "chat"], ["chat"]]
