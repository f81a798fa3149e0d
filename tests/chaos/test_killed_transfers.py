"""Sessions that are killed in the middle of a transfer: its outcome is told exactly once, to either side."""

from __future__ import annotations

import pytest

from tests.chaos.test_killed_actors import kill
from tests.endpoints import Call, deliver, established, hang_up, running, target
from tests.network.test_transfers import callee_of

OUTCOMES = ("SCSessionTransferDidEnd", "SCSessionTransferDidFail")


def outcomes(watch, session):
    return [each.name for each in watch.of(session) if each.name in OUTCOMES]


def transferring(watch):
    """Begin a transfer; return the call, the new session of the callee, and the third."""
    call = established(watch)
    call.caller.transfer(target(user="carol"))
    watch.wait_for("SCSessionTransferNewIncoming", call.callee)
    new = call.callee.accept_transfer()
    carol = callee_of(watch, new)
    watch.wait_for("SCSessionTransferGotProgress", call.caller, 2)
    return call, new, carol


@pytest.mark.parametrize("who", ["referrer", "referee", "new", "third"])
def test_a_transfer_goes_on_after_any_of_its_sessions_was_killed(who):
    with running(crashes=True) as watch:
        call, new, carol = transferring(watch)
        kill(watch, {"referrer": call.caller, "referee": call.callee, "new": new, "third": carol}[who].ref)
        carol.accept(chat=True)
        for session in (call.caller, call.callee):
            watch.wait_for("SCSessionDidEnd", session)
            assert outcomes(watch, session) == ["SCSessionTransferDidEnd"]
        for session in (new, carol):
            watch.wait_for("MSRPChatDidStart", session.chat_transport)
        deliver(watch, new, carol, "all the same")
        hang_up(watch, Call(new, carol))


def kill_or_end(watch, ref):
    """Kill an actor and wait until it runs again, or never will."""
    before = ref.restarts
    ref.kill()
    watch.until(lambda: not ref.is_alive or ref.restarts > before, "a restart or the end")


@pytest.mark.parametrize("who", ["referrer", "referee"])
def test_a_session_that_crashes_over_and_over_has_not_been_transferred(who):
    with running(crashes=True) as watch:
        call, new, carol = transferring(watch)
        victim = call.caller if who == "referrer" else call.callee
        for _ in range(4):  # one more than its budget
            kill_or_end(watch, victim.ref)
        for session in (call.caller, call.callee):
            watch.wait_for("SCSessionDidEnd", session)
            assert outcomes(watch, session) == ["SCSessionTransferDidFail"]
        carol.accept(chat=True)
        watch.wait_for("SCSessionDidStart", new)
        hang_up(watch, Call(new, carol))


def test_a_killed_new_session_that_is_refused_is_reported_once():
    with running(crashes=True) as watch:
        call, new, carol = transferring(watch)
        kill(watch, new.ref)
        carol.reject(603)
        told = watch.wait_for("SCSessionTransferDidFail", call.caller).data
        assert told.code == 603
        assert outcomes(watch, call.caller) == outcomes(watch, call.callee) == ["SCSessionTransferDidFail"]
        hang_up(watch, call)


def test_the_session_that_takes_the_place_of_another_one_does_so_after_it_was_killed():
    with running(crashes=True) as watch:
        first, second = established(watch), established(watch)
        first.caller.transfer(second.caller)
        watch.wait_for("SCSessionTransferNewIncoming", first.callee)
        kill(watch, first.callee.ref)
        kill(watch, second.callee.ref)
        new = first.callee.accept_transfer()
        joined = callee_of(watch, new)
        for session in (first.caller, first.callee, second.caller, second.callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert joined.replaces is second.callee
        assert outcomes(watch, first.caller) == ["SCSessionTransferDidEnd"]
        hang_up(watch, Call(new, joined))


def test_an_info_that_waits_when_its_session_is_killed_is_told_of_once():
    with running(crashes=True) as watch:
        call = established(watch)
        ids = [call.caller.send_info("text/plain", str(number)) for number in range(20)]
        kill(watch, call.caller.ref)
        hang_up(watch, call)
        names = ("SCSessionInfoDidSucceed", "SCSessionInfoDidFail")
        told = [each.data.info_id for each in watch.of(call.caller) if each.name in names]
        assert sorted(told) == sorted(ids)
