"""One MSRP connection under several calls: its reader is killed, it breaks; each chat goes on, or ends once."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.core import Engine
from tests.endpoints import deliver, established, hang_up, running, wait_until_forgotten

CALLS = 3


def connections():
    """The MSRP connections of the engine, which is both ends of each."""
    msrp = next(each for each in Engine().core.system.root.children if each.spec.id == "msrp")
    return [each for each in msrp.children if each.spec.id.startswith("connection-")]


def test_calls_between_the_same_two_share_a_connection():
    with running() as watch:
        calls = [established(watch) for _ in range(CALLS)]
        assert len(connections()) == 2, "the two ends of one"
        for call in calls:
            deliver(watch, call.caller, call.callee, "hello")
        hang_up(watch, calls[0])
        deliver(watch, calls[1].caller, calls[1].callee, "still here")
        for call in calls[1:]:
            hang_up(watch, call)


@pytest.mark.parametrize("at", [0, 1])
def test_a_killed_reader_is_noticed_by_no_chat(at):
    with running(crashes=True) as watch:
        calls = [established(watch) for _ in range(CALLS)]
        ref = connections()[at].child("reader")
        for number in range(6):
            for call in calls:
                call.caller.send_message(f"{number} there")
                call.callee.send_message(f"{number} back")
            before = ref.restarts
            ref.kill()
            watch.until(lambda before=before: ref.restarts > before, "the reader to be restarted")
        watch.until(lambda: watch.count("SCSessionDidDeliverMessage") == 12 * CALLS, "the delivery of every message")
        for call in calls:
            hang_up(watch, call)
        assert watch.count("SCSessionDidFail") == 0


def test_beyond_its_budget_every_chat_on_it_ends_once_and_nothing_else():
    with running(crashes=True, sip_t1=0.01) as watch:
        calls = [established(watch) for _ in range(CALLS)]
        chats = [end.chat_transport for call in calls for end in (call.caller, call.callee)]
        ref = connections()[0].child("reader")
        while ref.is_alive:
            ref.kill()
            gevent.sleep(0)
        for call in calls:
            for end in (call.caller, call.callee):
                watch.wait_for("SCSessionDidEnd", end)
        for each in chats:
            watch.wait_for("MSRPChatDidEnd", each)
            assert watch.count("MSRPChatDidEnd", each) == 1
        wait_until_forgotten(watch)
        call = established(watch)
        deliver(watch, call.caller, call.callee, "on a new one")
        hang_up(watch, call)


def test_a_connection_that_breaks_ends_every_chat_on_it_once():
    with running() as watch:
        calls = [established(watch) for _ in range(CALLS)]
        chats = [end.chat_transport for call in calls for end in (call.caller, call.callee)]
        chats[0]._ref.state.stream.connection.stream.close(flush=False)
        for each in chats:
            watch.wait_for("MSRPChatDidEnd", each)
        for call in calls:
            for end in (call.caller, call.callee):
                watch.wait_for("SCSessionDidEnd", end)
        assert [watch.count("MSRPChatDidEnd", each) for each in chats] == [1] * len(chats)
