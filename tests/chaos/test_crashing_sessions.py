"""The session's actor crashes, in its core or in whatever it carries: the call goes on, or ends and says why."""

from __future__ import annotations

import contextlib

import pytest

from sipsimple.actors.msrp.listener import MSRPListener
from sipsimple.actors.runtime import again
from sipsimple.actors.runtime.tables import is_carried_again
from sipsimple.actors.sip import session as actors
from sipsimple.core import Engine
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.usage.outputs import Notify
from sipsimple.session import Session, SessionStateError
from tests.endpoints import alice, deliver, port, running, target, wait_until_forgotten
from tests.interop.sip_peer import SIPPeer, chat_line, description

ROLES = pytest.mark.parametrize("role", ["outgoing", "incoming"])
ALWAYS = 10**9
OUR_PATH = "msrp://127.0.0.1:9/peersession;tcp"
TIMES = pytest.mark.parametrize("times", [1, ALWAYS], ids=["once", "each time"])
OUTPUTS = pytest.mark.parametrize("output", actors.Session.output_rows, ids=lambda each: each.__name__)
STEPS = ("step", "invited", "request_arrived", "response_arrived", "timer_fired")


class Faults:
    """Raises in the sessions of one side: the first time that it is met after `skipped` times, and so often."""

    def __init__(self, role, times, skipped=0):
        self.role, self.left, self.skipped = role, times, skipped

    def strike(self, call, event=None):
        role = call.direction or ("incoming" if type(event).__name__ == "Invited" else "outgoing")
        if role != self.role or self.left == 0:
            return
        if self.skipped:
            self.skipped -= 1
            return
        self.left -= 1
        raise ValueError("a fault of ours")

    def in_row(self, monkeypatch, output):
        """Raise in the row of `output`."""
        row = actors.Session.output_rows[output]

        def carry(actor, given):
            self.strike(actor.state)
            row(actor, given)

        monkeypatch.setitem(actors.Session.output_rows, output, again(carry) if is_carried_again(row) else carry)

    def in_steps(self, monkeypatch):
        """Raise in the core, whichever way it is entered."""
        for name in STEPS:
            monkeypatch.setattr(actors, name, self._wrapped(getattr(actors, name)))

    def _wrapped(self, step):
        def run(call, *stimulus):
            self.strike(call, stimulus[0] if stimulus else None)
            return step(call, *stimulus)

        return run


def sessions(watch, caller):
    """Both ends, as far as they are known."""
    found, name = [caller], caller.call.identity.call_id
    for each in watch.seen:
        if isinstance(each.sender, Session) and each.sender not in found and name == each.sender.call.identity.call_id:
            found.append(each.sender)
    return found


def started(watch, caller):
    """Have the call accepted; tell whether it has started at both ends, or is over."""
    ends = sessions(watch, caller)
    for each in ends:
        with contextlib.suppress(SessionStateError):
            each.accept(chat=True)  # a crash may have cost a command, which is given again then
    return caller.has_ended or (len(ends) > 1 and all(watch.count("SCSessionDidStart", each) for each in ends))


def over(watch, caller):
    """End the call; tell whether both ends have told so."""
    ends = sessions(watch, caller)
    for each in ends:
        each.terminate()
    return all(each.has_ended for each in ends)


def go_through(watch, caller):
    """Place a call, have it accepted and end it, whatever crashes; return its ends."""
    caller.connect(target(), alice(), chat=True)
    watch.until(lambda: started(watch, caller), "the call to start or to end")
    watch.until(lambda: over(watch, caller), "the call to end")
    return sessions(watch, caller)


def check(watch, ends):
    """Nothing is left, and each end told its end once and last."""
    for each in ends:
        watch.wait_for("SCSessionDidEnd", each)
        names = watch.names(each)
        assert names.count("SCSessionDidEnd") == 1
        assert names[-1] == "SCSessionDidEnd"
        assert names.count("SCSessionDidFail") <= 1
    wait_until_forgotten(watch)
    watch.until(lambda: Engine().core.calls._supervisor.children == (), "the actors to end")
    for listener in Engine().core.listeners._listeners.values():
        assert not listener._expected


@ROLES
@OUTPUTS
def test_crashes_each_time_that_an_output_is_carried_leave_no_call_behind(output, role, monkeypatch):
    with running(crashes=True, sip_t1=0.005) as watch:
        Faults(role, ALWAYS).in_row(monkeypatch, output)
        check(watch, go_through(watch, Session()))


@ROLES
@OUTPUTS
def test_one_crash_in_carrying_ends_no_call(output, role, monkeypatch):
    with running(crashes=True, sip_t1=0.1) as watch:
        Faults(role, 1).in_row(monkeypatch, output)
        for each in go_through(watch, Session()):
            watch.wait_for("SCSessionDidEnd", each)
    assert watch.count("SCSessionDidStart") == 2
    assert watch.count("SCSessionDidFail") == 0


@ROLES
@TIMES
@pytest.mark.parametrize("skipped", range(6))
def test_a_crash_in_any_step_leaves_no_call_behind(skipped, times, role, monkeypatch):
    with running(crashes=True, sip_t1=0.005) as watch:
        Faults(role, times, skipped).in_steps(monkeypatch)
        check(watch, go_through(watch, Session()))


def accept_if_possible(session):
    with contextlib.suppress(SessionStateError):
        session.accept(chat=True)


BEFORE_THE_ANSWER = (Send, StartTimer, Notify)


@pytest.mark.parametrize("output", [*BEFORE_THE_ANSWER, None], ids=lambda each: each.__name__ if each else "a step")
def test_an_invite_whose_call_crashes_for_good_gets_500_and_its_repeat_makes_no_new_call(output, monkeypatch):
    with SIPPeer() as peer, running(hub="own", crashes=True) as watch:
        faults = Faults("incoming", ALWAYS)
        if output is None:
            faults.in_steps(monkeypatch)
        else:
            faults.in_row(monkeypatch, output)
        watch.on["SCSessionNewIncoming"] = accept_if_possible
        invite = peer.invite(port(), description(chat_line(OUR_PATH)))
        refused = peer.receive("SIP/2.0 500")
        monkeypatch.undo()
        peer.send(invite)
        peer.send(peer.within(invite, "OPTIONS", None))
        peer.receive("SIP/2.0 200")  # all before it was dealt with
        assert {each.tag("To") for each in peer.received if each.get("CSeq") == "1 INVITE"} == {refused.tag("To")}
        peer.send(peer.within(invite, "ACK", refused))
    assert watch.count("SCSessionNewIncoming") <= 1
    assert watch.count("SCSessionDidEnd") == watch.count("SCSessionNewIncoming")


@pytest.mark.parametrize("role", ["caller", "callee"])
def test_a_crash_each_time_that_the_chat_is_prepared_fails_the_call_and_tells_the_peer(role, monkeypatch):
    """As an MSRP port that is no number once did."""
    with running(crashes=True, sip_t1=0.01) as watch:
        caller = Session()
        listeners = Engine().core.listeners
        if role == "caller":
            monkeypatch.setattr(listeners, "get", None)
        else:
            watch.on["SCSessionNewIncoming"] = lambda _session: monkeypatch.setattr(listeners, "get", None)
        ends = go_through(watch, caller)
        monkeypatch.undo()
        check(watch, ends)
    broken = ends[0] if role == "caller" else ends[1]
    failure = watch.data("SCSessionDidFail", broken)
    assert (failure["originator"], failure["code"]) == ("local", 0)
    if role == "callee":
        assert watch.data("SCSessionDidFail", caller)["code"] == 500


def test_a_keeper_that_takes_no_transactions_leaves_no_route(monkeypatch):
    with running(sip_t1=0.01) as watch:
        caller = Session()
        lingering = Engine().core.around.lingering
        monkeypatch.setattr(type(lingering), "tell", refusing(lingering, type(lingering).tell))
        go_through(watch, caller)
        watch.until(lambda: len(Engine().core.router) == 0, "the routes to be forgotten")


def refusing(deaf, tell):
    return lambda ref, message: ref is not deaf and tell(ref, message)


def test_a_preparation_that_never_ends_fails_the_call(monkeypatch):
    with running(sip_t1=0.01) as watch:
        caller = Session()
        monkeypatch.setattr(Engine().core.around.resolver, "resolve", lambda *_: None)
        caller.connect(target(), alice(), chat=True)
        watch.wait_for("SCSessionDidEnd", caller)
    assert watch.data("SCSessionDidFail", caller)["code"] == 503


def test_messages_flow_after_a_crash_in_the_preparations(monkeypatch):
    faults = Faults("incoming", 1, skipped=2)
    with running(crashes=True) as watch:
        faults.in_steps(monkeypatch)
        caller = Session()
        caller.connect(target(), alice(), chat=True)
        watch.until(lambda: started(watch, caller), "the call to start")
        assert faults.left == 0
        caller, callee = sessions(watch, caller)
        deliver(watch, caller, callee, "hello")


@pytest.mark.parametrize("role", ["caller", "callee"])
def test_a_chat_that_crashed_before_it_had_said_its_line_says_it_again(role, monkeypatch):
    """It crashes where it makes itself known to the listener."""
    left = [1 if role == "caller" else 2]
    expect = MSRPListener.expect

    def fail(listener, session_id, chat):
        left[0] -= 1
        if left[0] == 0:
            raise ValueError("a fault of ours")
        expect(listener, session_id, chat)

    monkeypatch.setattr(MSRPListener, "expect", fail)
    with running(crashes=True) as watch:
        caller = Session()
        caller.connect(target(), alice(), chat=True)
        watch.until(lambda: started(watch, caller), "the call to start")
        assert left[0] < 0
        caller, callee = sessions(watch, caller)
        deliver(watch, caller, callee, "hello")
