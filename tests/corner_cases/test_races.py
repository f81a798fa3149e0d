"""Two who do the same thing at the same time: nobody gets an exception, and every end is told once."""

from __future__ import annotations

import threading

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.core import SIPURI
from sipsimple.msrp import MSRPChat
from tests.endpoints import port, running
from tests.interop.sip_peer import SIPPeer, chat_line, description

OFFER = description(chat_line("msrp://127.0.0.1:9/racer;tcp", "setup:active"))


@pytest.fixture
def ring(monkeypatch):
    """The engine in a thread of its own, and a raw SIP peer."""
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with SIPPeer() as peer, running(hub="own") as watch:
        yield watch, peer


def at_once(*actions):
    """Do all of these in threads that begin together; return what they raised."""
    together, raised = threading.Barrier(len(actions)), []

    def body(action):
        together.wait()
        try:
            action()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            raised.append(error)

    threads = [threading.Thread(target=body, args=(each,)) for each in actions]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return raised


def final(peer, method):
    """The status of the final response to the INVITE or its CANCEL."""
    while True:
        response = peer.receive("SIP/2.0")
        if response.status >= 200 and response.get("CSeq").endswith(method):
            return response.status


def test_reject_and_the_cancel_of_the_caller_may_meet_in_any_moment(ring):
    watch, peer = ring
    for number in range(1, 21):
        invite = peer.invite(port(), OFFER)
        session = watch.wait_for("SCSessionNewIncoming", count=number).sender
        cancel = peer.within(invite, "CANCEL", None)
        assert at_once(session.reject, lambda cancel=cancel: peer.send(cancel)) == []
        assert final(peer, "INVITE") in (486, 487)
        session.reject()
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.count("SCSessionDidEnd", session) == 1


def test_who_rejects_as_the_cancel_is_told_rejects_nothing(ring):
    watch, peer = ring
    told = []
    for name in ("SCSessionDidFail", "SCSessionDidEnd"):
        watch.on[name] = lambda session: told.append((session.state, session.reject()))
    invite = peer.invite(port(), OFFER)
    session = watch.wait_for("SCSessionNewIncoming").sender
    peer.send(peer.within(invite, "CANCEL", None))
    watch.wait_for("SCSessionDidEnd", session)
    watch.until(lambda: len(told) == 2, "both")
    assert told == [("TERMINATED", None)] * 2
    assert watch.data("SCSessionDidFail", session)["code"] == 487
    assert final(peer, "INVITE") == 487


@pytest.mark.slow
def test_a_chat_that_many_threads_end_at_once_ends_once(ring):
    watch, _peer = ring
    alice, bob = SIPURI("example.com", "alice"), SIPURI("example.com", "bob")
    for _ in range(2):
        ours, theirs = MSRPChat(alice, bob, True), MSRPChat(bob, alice, False)
        for each in (ours, theirs):
            each.initialize(use_tls=False)
            watch.wait_for("MSRPChatDidInitialize", each)
        theirs.start(ours.local_media)
        ours.start(theirs.local_media)
        watch.wait_for("MSRPChatDidStart", ours)
        assert at_once(*[ours.end] * 8) == []
        for each in (ours, theirs):
            watch.wait_for("MSRPChatDidEnd", each)
        ours.end()
        assert watch.names(ours).count("MSRPChatWillEnd") == watch.names(ours).count("MSRPChatDidEnd") == 1


def test_many_threads_that_terminate_at_once_end_the_session_once(ring):
    watch, peer = ring
    peer.invite(port(), OFFER)
    session = watch.wait_for("SCSessionNewIncoming").sender
    assert at_once(*[session.terminate] * 8) == []
    watch.wait_for("SCSessionDidEnd", session)
    assert [watch.count(f"SCSession{each}", session) for each in ("WillEnd", "DidEnd", "DidFail")] == [1, 1, 0]
    assert final(peer, "INVITE") == 486
