"""SCSessionDidEnd is the last word of a session: what became of its messages is told before, whoever ends it."""

from __future__ import annotations

import time

import pytest

from sipsimple.actors.chat.chat import MSRPChat
from sipsimple.actors.msrp.messages import ChunksReceived
from sipsimple.api.engine import running as lives
from sipsimple.core import Engine
from sipsimple.protocols.msrp import machine
from sipsimple.protocols.msrp.machine import LINGER
from tests.endpoints import counterpart, established, place, running

FATES = ("SCSessionDidDeliverMessage", "SCSessionDidNotDeliverMessage")


def check(watch, session, ids):
    """The end came last, and after one fate for each message."""
    watch.wait_for("SCSessionDidEnd", session)
    watch.until(lambda: session.last_chat is None, "the chat to end")
    told = watch.of(session)
    assert [each.name for each in told][-2:] == ["SCSessionChangedState", "SCSessionDidEnd"]
    assert [each.data.message_id for each in told if each.name in FATES] == ids


@pytest.fixture
def deafness(monkeypatch):
    """Chats that read nothing: no report ever comes."""
    return lambda: monkeypatch.setitem(MSRPChat.message_rows, ChunksReceived, lambda _actor, _event: None)


@pytest.mark.parametrize("ender", ["caller", "callee"])
@pytest.mark.parametrize("count", [1, 30])
def test_what_is_sent_right_before_the_end_has_its_fate_before_it(ender, count):
    with running() as watch:
        call = established(watch)
        sent = {end: [end.send_message(str(number)) for number in range(count)] for end in (call.caller, call.callee)}
        getattr(call, ender).terminate()
        for end, ids in sent.items():
            check(watch, end, ids)


def test_reports_have_their_time_when_this_side_ends_and_none_when_the_peer_does(deafness):
    with running() as watch:
        call = established(watch)
        deafness()
        ids = [call.callee.send_message("unheard")]
        begun = time.monotonic()
        call.caller.terminate()
        check(watch, call.callee, ids)
        check(watch, call.caller, [])
        assert time.monotonic() - begun < LINGER, "the peer is gone, nobody waits for its reports"
        assert watch.count("SCSessionDidNotDeliverMessage", call.callee) == 1


def test_what_arrived_before_the_bye_is_told_before_the_end():
    with running() as watch:
        call = established(watch)
        for number in range(20):
            call.caller.send_message(str(number))
        watch.wait_for("SCSessionGotMessage", call.callee)
        call.caller.terminate()
        check(watch, call.callee, [])
        got = watch.count("SCSessionGotMessage", call.callee)
        watch.wait_for("SCSessionDidEnd", call.caller)
        assert watch.count("SCSessionDidDeliverMessage", call.caller) <= got


def test_a_failure_the_state_and_the_end_come_together_after_the_fates():
    with running(crashes=True) as watch:
        call = established(watch)
        ids = [call.caller.send_message(str(number)) for number in range(5)]
        call.caller.abandon("given up")
        watch.wait_for("SCSessionDidEnd", call.caller)
        assert watch.names(call.caller)[-3:] == ["ESTABLISHED>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]
        assert [each.data.message_id for each in watch.of(call.caller) if each.name in FATES] == ids


def test_messages_that_wait_for_a_chat_that_never_starts_have_their_fate_before_the_end():
    with running() as watch:
        ids = []
        watch.on["SCSessionDidStart"] = lambda session: ids.append(session.send_message("x")) or session.terminate()
        call = place(watch)
        call.callee.accept(chat=True)
        for end in (call.caller, counterpart(watch, call.caller)):
            watch.wait_for("SCSessionDidEnd", end)
            names = watch.names(end)
            assert names[-1] == "SCSessionDidEnd"
        told = [each.data.message_id for each in watch.seen if each.name in FATES]
        assert sorted(told) == sorted(ids)


def test_an_engine_that_stops_tells_the_fates_first_too(deafness, monkeypatch):
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    monkeypatch.setattr(machine, "LINGER", 0.2)
    with running() as watch:
        call = established(watch)
        deafness()
        ids = [call.caller.send_message("unheard")]
        Engine().stop()
        assert [each.data.message_id for each in watch.of(call.caller) if each.name in FATES] == ids
        assert watch.names(call.caller)[-1] == "SCSessionDidEnd"
    assert watch.count("SCSessionDidFail") == 0
