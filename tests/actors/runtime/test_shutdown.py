"""Stopping: in order, in time, and against children that refuse to end."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event

from sipsimple.actors.runtime import Actor, ChildSpec, Restart, Strategy, SupervisorSpec, handles


class Stubborn(Actor):
    """Waits where its name says, for an event that never comes unless it is set."""

    def __init__(self, trace, where, never):
        self.trace = trace
        self.where = where
        self.never = never

    def wait_at(self, where):
        if where == self.where:
            self.trace.append(f"{where} waits")
            self.never.wait()
            self.trace.append(f"{where} done")

    def started(self):
        self.wait_at("started")

    def restarted(self):
        self.wait_at("restarted")

    def stopped(self, reason):
        self.wait_at("stopped")

    def incarnation_ended(self):
        self.trace.append("ended")

    @handles(str)
    def take(self, word):
        if word == "crash":
            raise ValueError(word)
        self.wait_at("message")


class Ghost(Stubborn):
    """Does not even end when it is killed."""

    def wait_at(self, where):
        try:
            super().wait_at(where)
        except gevent.GreenletExit:
            self.never.wait()
            self.state = "haunting"


@pytest.fixture
def trace():
    return []


@pytest.fixture
def never():
    event = Event()
    yield event
    event.set()
    gevent.idle()


@pytest.fixture
def start(system, trace, never):
    def run(where, cls=Stubborn, **options):
        ref = system.start_child(ChildSpec("child", cls, (trace, where, never), **options))
        ref.tell("message")
        gevent.idle()
        return ref

    return run


@pytest.mark.parametrize("where", ["started", "message", "stopped"])
def test_a_child_that_does_not_end_in_time_is_killed_where_it_waits(start, system, clock, trace, where):
    ref = start(where, shutdown=2.0)
    system.root.stop_soon()
    clock.advance(1.9)
    assert ref.is_alive
    clock.advance(0.2)
    assert (ref.is_alive, trace) == (False, [f"{where} waits", "ended"])


def test_a_child_that_ends_in_time_is_not_killed(start, system, clock, trace, never):
    ref = start("stopped")
    system.root.stop_soon()
    gevent.idle()
    never.set()
    gevent.idle()
    assert (ref.is_alive, trace, clock.pending) == (False, ["stopped waits", "stopped done", "ended"], 0)


def test_a_shutdown_of_zero_kills_without_asking(start, system, trace):
    ref = start("stopped", shutdown=0.0)
    system.root.terminate_child("child")
    assert (ref.is_alive, trace) == (False, ["ended"])


def test_a_child_that_clings_to_life_is_abandoned_and_can_do_no_more(start, system, clock, trace, never):
    ref = start("message", cls=Ghost, shutdown=1.0)
    system.root.terminate_child("child", wait=False)
    clock.advance(1.1)
    assert (ref.is_alive, system.root.children, trace) == (False, (), ["message waits", "ended"])
    never.set()
    gevent.idle()
    assert ref.state is None


def test_an_abandoned_child_does_not_read_the_mailbox_of_its_successor(system, clock, trace, never):
    """Both are incarnations of one slot, in a supervisor that restarts all."""
    children = (
        ChildSpec("ghost", Ghost, (trace, "message", never), shutdown=1.0),
        ChildSpec("other", Stubborn, (trace, "nowhere", never)),
    )
    supervisor = system.start_child(SupervisorSpec("s", strategy=Strategy.ONE_FOR_ALL, children=children))
    ghost = supervisor.child("ghost")
    ghost.tell("message")
    gevent.idle()
    supervisor.child("other").tell("crash")
    clock.advance(2.0)
    assert ghost.restarts == 1
    never.set()
    gevent.idle()
    ghost.tell("message")
    gevent.idle()
    assert (ghost.is_alive, ghost.state, trace.count("message waits")) == (True, None, 2)


def test_a_stop_passes_the_messages_that_wait(system):
    seen = []

    class Busy(Actor):
        @handles(int)
        def take(self, number):
            seen.append(number)

    ref = system.start_child(ChildSpec("busy", Busy))
    for number in range(1000):
        ref.tell(number)
    gevent.sleep(0)
    system.root.terminate_child("busy")
    assert len(seen) in (200, 400)


def test_a_stop_while_a_restart_is_under_way_ends_what_was_restarted(start, system, clock, trace):
    ref = start("restarted", shutdown=1.0)
    ref.tell("crash")
    gevent.idle()
    assert trace == ["ended", "restarted waits"]
    system.root.stop_soon()
    clock.advance(1.1)
    assert (ref.is_alive, trace) == (False, ["ended", "restarted waits", "ended"])


def test_a_stop_between_a_crash_and_its_restart_prevents_the_restart(start, system, trace):
    ref = start("nowhere")
    ref.tell("crash")
    while ref._slot.actor is not None:
        gevent.sleep(0)
        system.root.stop_soon() if ref._slot.actor is None else None
    gevent.idle()
    assert (ref.is_alive, ref.restarts, system.root.is_alive) == (False, 0, False)


def test_a_stop_while_siblings_are_being_stopped_for_a_restart_restarts_nobody(system, clock, trace, never):
    children = (
        ChildSpec("slow", Stubborn, (trace, "stopped", never), shutdown=5.0),
        ChildSpec("crashing", Stubborn, (trace, "nowhere", never)),
    )
    spec = SupervisorSpec("s", strategy=Strategy.ONE_FOR_ALL, children=children)
    supervisor = system.start_child(spec)
    refs = supervisor.child("slow"), supervisor.child("crashing")
    refs[1].tell("crash")
    gevent.idle()
    supervisor.stop_soon()
    clock.advance(6.0)
    assert [(ref.is_alive, ref.restarts) for ref in refs] == [(False, 0), (False, 0)]
    assert system.root.children == ()


def test_a_child_that_stops_its_supervisor_is_stopped_with_it(system):
    class Ending(Actor):
        @handles(str)
        def end(self, _):
            self.supervisor.stop()
            self.state = "went on"

    supervisor = system.start_child(SupervisorSpec("s", children=(ChildSpec("ending", Ending),)))
    ref = supervisor.child("ending")
    ref.tell("end")
    gevent.idle()
    assert (ref.state, ref.is_alive, supervisor.is_alive) == ("went on", False, False)


def test_a_child_that_terminates_itself_ends(system):
    class Ending(Actor):
        @handles(str)
        def end(self, _):
            self.supervisor.terminate_child("ending")

    ref = system.start_child(ChildSpec("ending", Ending))
    ref.tell("end")
    gevent.idle()
    assert (ref.is_alive, system.root.children) == (False, ())


def test_an_actor_may_stop_another_subtree_and_wait_for_it(system, trace, never):
    class Ending(Actor):
        @handles(str)
        def end(self, _):
            system.root.terminate_child("other")
            trace.append("waited")

    other = SupervisorSpec("other", children=(ChildSpec("a", Stubborn, (trace, "nowhere", never)),))
    system.start_child(other)
    ref = system.start_child(ChildSpec("ending", Ending))
    ref.tell("end")
    gevent.idle()
    assert (trace, ref.is_alive) == (["ended", "waited"], True)


def test_a_supervisor_with_too_little_time_has_its_children_killed(system, clock, trace, never):
    child = ChildSpec("a", Stubborn, (trace, "stopped", never), shutdown=100.0)
    system.start_child(SupervisorSpec("s", shutdown=2.0, children=(child,)))
    gevent.idle()
    system.root.terminate_child("s", wait=False)
    clock.advance(1.9)
    assert trace == ["stopped waits"]
    clock.advance(0.2)
    assert (trace, system.root.children) == (["stopped waits", "ended"], ())


def test_a_kill_while_the_supervisor_waits_ends_the_child_at_once(start, system, clock, trace):
    ref = start("message", shutdown=50.0)
    system.root.stop_soon()
    gevent.idle()
    ref.kill()
    gevent.idle()
    assert (ref.is_alive, clock.pending, system.root.is_alive) == (False, 0, False)


def test_a_crash_after_the_stop_was_asked_does_not_stop_the_next_incarnation(system, trace, never):
    """A sibling's crash has all restarted; this one crashes before it heeds the request to stop."""
    children = (
        ChildSpec("a", Stubborn, (trace, "message", never), shutdown=50.0),
        ChildSpec("b", Stubborn, (trace, "nowhere", never)),
    )
    supervisor = system.start_child(SupervisorSpec("s", strategy=Strategy.ONE_FOR_ALL, children=children))
    a, b = supervisor.child("a"), supervisor.child("b")
    a.tell("message")
    gevent.idle()
    b.tell("crash")
    gevent.idle()
    a.kill()
    gevent.idle()
    assert (a.restarts, a.is_alive, b.restarts) == (1, True, 1)


def test_stopping_while_giving_up_is_final(system, clock, trace, never):
    children = (
        ChildSpec("slow", Stubborn, (trace, "stopped", never), shutdown=5.0),
        ChildSpec("crashing", Stubborn, (trace, "nowhere", never), Restart.PERMANENT),
    )
    supervisor = system.start_child(SupervisorSpec("s", intensity=0, children=children))
    supervisor.child("crashing").tell("crash")
    gevent.idle()
    supervisor.stop_soon()
    clock.advance(6.0)
    assert (supervisor.is_alive, supervisor.restarts, system.root.children) == (False, 0, ())


def test_a_stop_while_giving_up_costs_the_parent_no_restart(system, clock, trace, never):
    children = (
        ChildSpec("slow", Stubborn, (trace, "stopped", never), shutdown=5.0),
        ChildSpec("crashing", Stubborn, (trace, "nowhere", never)),
    )
    inner = SupervisorSpec("inner", intensity=0, children=children)
    outer = system.start_child(SupervisorSpec("outer", intensity=0, children=(inner,)))
    supervisor = outer.child("inner")
    supervisor.child("crashing").tell("crash")
    gevent.idle()
    supervisor.stop_soon()
    clock.advance(6.0)
    assert (supervisor.is_alive, outer.is_alive, outer.children, outer.restarts) == (False, True, (), 0)


def test_a_supervisor_stopped_while_its_parent_prepares_its_restart_is_not_restarted(system, clock, trace, never):
    inner = SupervisorSpec("inner", intensity=0, children=(ChildSpec("crashing", Stubborn, (trace, "nowhere", never)),))
    slow = ChildSpec("slow", Stubborn, (trace, "stopped", never), shutdown=5.0)
    spec = SupervisorSpec("outer", strategy=Strategy.ONE_FOR_ALL, children=(inner, slow))
    outer = system.start_child(spec)
    supervisor = outer.child("inner")
    supervisor.child("crashing").tell("crash")
    clock.advance(1.0)
    assert (supervisor.is_alive, trace[-1]) == (False, "stopped waits")
    supervisor.stop_soon()
    clock.advance(6.0)
    assert (supervisor.is_alive, outer.child("inner"), outer.child("slow").restarts) == (False, None, 1)


def test_a_second_stop_does_not_interrupt_the_leave_taking_of_a_run_of_ones_own(system, trace, never):
    class Reader(Stubborn):
        def run(self):
            self.never.wait()

    ref = system.start_child(ChildSpec("reader", Reader, (trace, "stopped", never)))
    gevent.idle()
    ref._slot.actor.stop()
    gevent.idle()
    system.root.terminate_child("reader", wait=False)
    gevent.idle()
    assert trace == ["stopped waits"]
    never.set()
    gevent.idle()
    assert (trace, ref.is_alive) == (["stopped waits", "stopped done", "ended"], False)
