"""Actors that are killed in the middle of a chat: the call goes on, or ends in the ordinary way; nothing is left."""

from __future__ import annotations

import contextlib
import random
import threading
import time

import gevent
import pytest

from sipsimple.api.engine import running as lives
from sipsimple.core import Engine
from sipsimple.notification import NotificationCenter, signals
from sipsimple.protocols.sip.usage.events import Accept
from sipsimple.session import SessionStateError
from tests.endpoints import counterpart, deliver, established, hang_up, place, running, wait_until_forgotten

PATHS = {
    "the caller's session": "calls/{caller}/session",
    "the callee's session": "calls/{callee}/session",
    "the caller's chat": "calls/{caller}/chat",
    "the callee's chat": "calls/{callee}/chat",
    "an MSRP reader that dialled": "msrp/connection-1/reader",
    "an MSRP reader that accepted": "msrp/connection-2/reader",
    "the MSRP acceptor": "msrp/msrp",
    "the UDP reader": "transports/udp",
    "the TCP acceptor": "transports/tcp 127.0.0.1:{port}/reader",
    "a SIP connection": "transports/connection",
    "the endpoint": "endpoint/actor",
    "the keeper of old transactions": "lingering/actor",
}


def actors():
    """Every living actor by its path."""
    found = {}
    waiting = [Engine().core.system.root]
    while waiting:
        for child in waiting.pop().children:
            if hasattr(child, "children"):
                waiting.append(child)
            else:
                found[child.name.removeprefix("root/")] = child.ref
    return found


def tokens(call):
    return {
        "caller": call.caller.call.identity.token,
        "callee": call.callee.call.identity.token,
        "port": Engine().local_tcp_port,
    }


def victim(call, path):
    """The first actor whose path begins with `path`."""
    start = path.format(**tokens(call))
    return next(ref for name, ref in sorted(actors().items()) if name.startswith(start))


def kill(watch, ref):
    """Kill an actor and wait until it runs again."""
    before = ref.restarts
    ref.kill()
    watch.until(lambda: ref.restarts == before + 1 and ref.is_alive, f"{ref.name} to be restarted")


def kill_for_good(watch, ref):
    """Kill an actor until nobody restarts it: the second time, or later if it handles something in between."""
    while ref.is_alive:
        before = ref.restarts
        ref.kill()
        watch.until(lambda before=before: not ref.is_alive or ref.restarts > before, f"{ref.name} to be dealt with")


@pytest.mark.parametrize(("name", "path"), PATHS.items(), ids=PATHS)
def test_the_call_goes_on_and_the_next_message_arrives_both_ways(name, path):
    transport = "udp" if "UDP" in name else "tcp"
    with running(crashes=True) as watch:
        call = established(watch, transport)
        kill(watch, victim(call, path))
        deliver(watch, call.caller, call.callee, "to the callee")
        deliver(watch, call.callee, call.caller, "to the caller")
        hang_up(watch, call)
        hang_up(watch, established(watch, transport))
    assert watch.data("SCSessionDidEnd", call.callee) == {"originator": "remote"}
    assert watch.count("SCSessionDidFail") == 0


@pytest.mark.parametrize("role", ["caller", "callee"])
@pytest.mark.parametrize("actor", ["session", "chat"])
def test_beyond_its_budget_the_call_ends_by_bye_and_tells_so(role, actor):
    with running(crashes=True, trace_sip=True, sip_t1=0.01) as watch:
        call = established(watch)
        end, other = getattr(call, role), getattr(call, "callee" if role == "caller" else "caller")
        stream = end.chat_transport
        kill_for_good(watch, victim(call, f"calls/{{{role}}}/{actor}"))
        for session in (end, other):
            watch.wait_for("SCSessionDidEnd", session)
        watch.wait_for("MSRPChatDidEnd", stream)
        failure = watch.data("SCSessionDidFail", end)
        assert (failure["originator"], failure["code"]) == ("local", 0)
        assert f"{actor} crashed too often" in failure["reason"]
        assert watch.names(end)[-3:] == ["ESTABLISHED>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]
        assert watch.data("SCSessionDidEnd", other) == {"originator": "remote"}
        assert any(
            each.name == "SCEngineSIPTrace" and not each.data.received and each.data.data.startswith("BYE ")
            for each in watch.seen
        )
        assert (end.state, end.has_chat) == ("TERMINATED", False)
        assert watch.count("SCSessionDidEnd", end) == watch.count("MSRPChatDidEnd", stream) == 1
        wait_until_forgotten(watch)
        assert Engine().core.calls._supervisor.children == ()
        listener = next(iter(Engine().core.listeners._listeners.values()))
        assert not listener._expected


def test_a_chat_that_crashes_four_times_with_messages_in_between_is_beyond_its_budget_too():
    with running(crashes=True) as watch:
        call = established(watch)
        ref = victim(call, "calls/{callee}/chat")
        for number in range(3):
            kill(watch, ref)
            deliver(watch, call.caller, call.callee, f"after crash {number}")
        message_id = call.callee.send_message("lost with the chat")
        ref.kill()
        for session in (call.caller, call.callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert "chat crashed too often" in watch.data("SCSessionDidFail", call.callee)["reason"]
        fates = [each.name for each in watch.of(call.callee) if getattr(each.data, "message_id", "") == message_id]
        assert len(fates) == 1


@pytest.mark.parametrize("role", ["caller", "callee"])
def test_a_call_that_rings_ends_too_when_its_session_crashes_too_often(role):
    with running(crashes=True, sip_t1=0.01) as watch:
        call = place(watch)
        end = getattr(call, role)
        watch.wait_for("SCSessionGotRingIndication", call.caller)
        kill_for_good(watch, victim(call, f"calls/{{{role}}}/session"))
        for session in (call.caller, call.callee):
            watch.wait_for("SCSessionDidEnd", session)
        failure = watch.data("SCSessionDidFail", end)
        assert (failure["originator"], failure["code"]) == ("local", 0)
        wait_until_forgotten(watch)


def test_a_command_that_a_crash_has_cost_can_be_given_again():
    with running(crashes=True) as watch:
        call = place(watch)
        crash_at_once(call.callee)
        call.callee.accept(chat=True)
        watch.until(lambda: call.callee._ref.restarts == 1, "the restart")
        watch.until(lambda: call.callee.state == "INCOMING", "the command to be lost")
        call.callee.accept(chat=True)
        watch.wait_for("SCSessionDidStart", call.caller)
        watch.wait_for("SCSessionDidStart", call.callee)
        hang_up(watch, call)


def crash_at_once(session):
    """Have the session's actor crash on the message that it handles next."""
    slot = session._ref._slot
    actor, step = slot.actor, type(slot.actor).take

    def crash(self, event):
        type(actor).message_rows[type(event)] = step
        raise ValueError("a fault of ours")

    type(actor).message_rows[Accept] = crash


def test_messages_that_crash_the_endpoint_over_and_over_cost_it_its_state_only():
    with running(crashes=True) as watch:
        call = established(watch)
        endpoint = Engine().core.router.endpoint
        for _ in range(6):
            endpoint.tell("no message that it knows")
            endpoint.tell("nor this")
            watch.until(lambda: endpoint.is_alive and not endpoint.depth, "the endpoint to be back")
        hang_up(watch, call)
        hang_up(watch, established(watch))


def test_a_keeper_that_has_lost_its_state_leaves_no_routes():
    with running(crashes=True) as watch:
        hang_up(watch, established(watch))
        watch.until(lambda: len(Engine().core.around.lingering.state.calls) == 2, "the calls to be over")
        lingering = Engine().core.around.lingering
        lingering.tell("no message that it knows")
        lingering.tell("nor this")
        watch.until(lambda: len(Engine().core.router) == 0, "the routes to be forgotten")


@pytest.mark.parametrize("hub", ["current", "own"])
def test_an_observer_that_waits_delays_neither_other_sessions_nor_the_sip_of_its_own(hub, monkeypatch):
    monkeypatch.setattr(lives, "OBSERVER_LIMIT", 0.1)
    wait = gevent.sleep if hub == "current" else (lambda _seconds: gate.wait())
    gate = threading.Event()
    with running(hub=hub) as watch:
        slow = []

        def sit(session):
            if not slow:
                slow.append(session)
                wait(60)

        first = established(watch)
        watch.on["SCSessionGotMessage"] = sit
        begun = time.monotonic()
        first.caller.send_message("hold it")
        watch.until(lambda: slow, "the observer to wait")
        second = established(watch)
        deliver(watch, second.caller, second.callee, "past it")
        hang_up(watch, second)
        first.caller.terminate()
        watch.wait_for("SCSessionDidEnd", first.caller)
        watch.until(lambda: first.callee.state == "TERMINATED", "its own session to go on")
        assert watch.count("SCSessionDidEnd", first.callee) == 0
        assert time.monotonic() - begun < 30
        gate.set()
        if hub == "own":
            watch.wait_for("SCSessionDidEnd", first.callee)


def test_an_observer_that_raises_hurts_nobody_on_either_bus(caplog):
    class Broken:
        def handle_notification(self, notification):
            raise ValueError("an observer's own fault")

    def broken(sender, notification):
        raise ValueError("a receiver's own fault")

    observer = Broken()
    with running(crashes=True) as watch:
        NotificationCenter().add_observer(observer)
        signals.SCSessionDidStart.connect(broken)
        try:
            call = established(watch)
            deliver(watch, call.caller, call.callee, "hello")
            hang_up(watch, call)
        finally:
            NotificationCenter().remove_observer(observer)
            signals.SCSessionDidStart.disconnect(broken)
        watch.until(lambda: len(watch.signalled) >= len(watch.seen), "the signals")
    assert "observer.failed" in caplog.text


@pytest.mark.parametrize("seed", [1, 2])
def test_random_kills_of_everything_under_load_and_the_tree_heals(seed):
    chance = random.Random(seed)
    with running(crashes=True, sip_t1=0.015) as watch:
        calls = [established(watch, chance.choice(["udp", "tcp"])) for _ in range(10)]
        for _ in range(60):
            for call in chance.sample(calls, 4):
                for end in (call.caller, call.callee):
                    with contextlib.suppress(SessionStateError):  # a call that was hit too often
                        end.send_message("under load")
            chance.choice(sorted(actors().items()))[1].kill()
            gevent.sleep(0)
        for call in calls:
            call.caller.terminate()
        for call in calls:
            for end in (call.caller, call.callee):
                watch.wait_for("SCSessionDidEnd", end)
                assert end.state == "TERMINATED"
        after = established(watch)
        deliver(watch, after.caller, after.callee, "healed")
        hang_up(watch, after)
        assert counterpart(watch, after.caller) is after.callee
        wait_until_forgotten(watch)
        assert Engine().core.calls._supervisor.children == ()
    for call in calls:
        assert watch.count("SCSessionDidEnd", call.caller) == watch.count("SCSessionDidEnd", call.callee) == 1
