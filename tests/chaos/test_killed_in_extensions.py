"""Sessions that are killed while PRACK is awaited, or before a refresh: nothing is lost."""

from __future__ import annotations

import pytest

from sipsimple.actors.sip import session as actors
from sipsimple.session import Session
from tests.chaos.test_killed_actors import kill, victim
from tests.endpoints import Call, alice, counterpart, established, hang_up, running, target

RELIABLE = {"reliable_provisionals": True}
TIMED = {"session_expires": 3, "min_session_expires": 1}
TRANSPORTS = pytest.mark.parametrize("transport", ["udp", "tcp"])


def crash_once(monkeypatch, step, matches):
    """Have the core crash in `step`, the first time that what it is given `matches`; return whether it has."""
    taken = getattr(actors, step)
    struck = []

    def run(call, stimulus):
        if not struck and matches(call, stimulus):
            struck.append(stimulus)
            raise ValueError("a fault of ours")
        return taken(call, stimulus)

    monkeypatch.setattr(actors, step, run)
    return struck


def ringing(watch, transport):
    """Call the engine itself; wait until its other end is there."""
    caller = Session()
    caller.connect(target(transport), alice(), chat=True)
    return Call(caller, watch.until(lambda: counterpart(watch, caller), "an incoming session"))


def go_through(watch, call):
    """Accept, and hang up when both have started."""
    call.callee.accept(chat=True)
    for session in (call.caller, call.callee):
        watch.wait_for("SCSessionDidStart", session)
    hang_up(watch, call)
    assert watch.count("SCSessionDidFail") == 0


def is_prack(_call, event):
    return event.request.method == "PRACK"


def is_reliable(_call, event):
    return "rseq" in event.response.headers


@TRANSPORTS
def test_a_crash_that_costs_a_prack_costs_no_call(transport, monkeypatch):
    with running(crashes=True, sip_t1=0.05, **RELIABLE) as watch:
        struck = crash_once(monkeypatch, "request_arrived", is_prack)
        call = ringing(watch, transport)
        watch.until(lambda: struck, "PRACK to be lost")
        watch.until(lambda: call.callee.call.reliable.response is None, "the repeats to end")
        go_through(watch, call)


@TRANSPORTS
def test_a_crash_that_costs_the_180_has_it_repeated(transport, monkeypatch):
    with running(crashes=True, sip_t1=0.05, **RELIABLE) as watch:
        struck = crash_once(monkeypatch, "response_arrived", is_reliable)
        call = ringing(watch, transport)
        watch.wait_for("SCSessionGotRingIndication", call.caller)
        assert struck
        watch.until(lambda: call.callee.call.reliable.response is None, "PRACK")
        go_through(watch, call)


@TRANSPORTS
def test_a_session_that_is_killed_while_it_awaits_prack_goes_on(transport, monkeypatch):
    with running(crashes=True, sip_t1=0.2, **RELIABLE) as watch:
        crash_once(monkeypatch, "response_arrived", is_reliable)  # so that PRACK takes T1
        call = ringing(watch, transport)
        assert call.callee.call.reliable.response is not None
        kill(watch, victim(call, "calls/{callee}/session"))
        if transport == "udp":
            watch.wait_for("SCSessionGotRingIndication", call.caller)
        watch.until(lambda: call.callee.call.reliable.response is None, "PRACK, or the end of the repeats")
        go_through(watch, call)


def updates(watch):
    """How many times UPDATE has arrived."""
    return sum(
        each.name == "SCEngineSIPTrace" and each.data.received and each.data.data.startswith("UPDATE ")
        for each in watch.seen
    )


@TRANSPORTS
@pytest.mark.parametrize("role", ["caller", "callee"])
def test_a_session_that_is_killed_before_a_refresh_is_refreshed_all_the_same(role, transport):
    with running(crashes=True, trace_sip=True, **TIMED) as watch:
        call = established(watch, transport)
        kill(watch, victim(call, f"calls/{{{role}}}/session"))
        watch.until(lambda: updates(watch) >= 2, "two refreshes")
        assert call.caller.state == call.callee.state == "ESTABLISHED"
        hang_up(watch, call)
    assert watch.count("SCSessionDidFail") == 0


@TRANSPORTS
def test_a_crash_that_costs_the_clock_of_the_refresh_costs_no_session(transport, monkeypatch):
    with running(crashes=True, trace_sip=True, **TIMED) as watch:
        struck = crash_once(monkeypatch, "timer_fired", lambda _call, name: name == "refresh")
        call = established(watch, transport)
        watch.until(lambda: updates(watch) >= 2, "two refreshes")
        assert struck
        assert call.caller.state == call.callee.state == "ESTABLISHED"
        hang_up(watch, call)
    assert watch.count("SCSessionDidFail") == 0
