"""Strategies, significant children, nested supervisors, and children that come and go."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.runtime import (
    Actor,
    AutoShutdown,
    ChildSpec,
    Restart,
    Strategy,
    SupervisorSpec,
    handles,
)
from sipsimple.errors import ActorDied, LocalProtocolError


class Member(Actor):
    """Writes its life down, by the last part of its name."""

    def __init__(self, trace, id_):
        self.trace = trace
        self.id = id_
        self.state = 0

    def note(self, what):
        self.trace.append(f"{self.id} {what}")

    def started(self):
        self.note("started")

    def restarted(self):
        self.note("restarted")

    def stopped(self, reason):
        self.note(f"stopped {reason}")

    @handles(str)
    def take(self, word):
        if word == "crash":
            raise ValueError(word)
        if word == "stop":
            self.stop()
        self.state += 1
        return self.state


@pytest.fixture
def trace():
    return []


@pytest.fixture
def member(trace):
    def make(id_, restart=Restart.PERMANENT, **options):
        return ChildSpec(id_, Member, (trace, id_), restart, **options)

    return make


@pytest.fixture
def start(system, trace):
    """Start a supervisor `s` of these children, and forget what they wrote when they started."""

    def run(*children, **options):
        supervisor = system.start_child(SupervisorSpec("s", children=children, **options))
        gevent.idle()
        trace.clear()
        return supervisor

    return run


def tell(supervisor, id_, *words):
    for word in words:
        supervisor.child(id_).tell(word)
    gevent.idle()


def test_children_start_first_to_last_and_stop_last_to_first(system, trace, member):
    supervisor = system.start_child(SupervisorSpec("s", children=(member("a"), member("b"))))
    supervisor.start_child(member("c"))
    gevent.idle()
    supervisor.stop()
    assert trace == [
        *("a started", "b started", "c started"),
        *("c stopped shutdown", "b stopped shutdown", "a stopped shutdown"),
    ]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (Strategy.ONE_FOR_ONE, ["b restarted"]),
        (Strategy.REST_FOR_ONE, ["c stopped shutdown", "b restarted", "c restarted"]),
        (
            Strategy.ONE_FOR_ALL,
            ["c stopped shutdown", "a stopped shutdown", "a restarted", "b restarted", "c restarted"],
        ),
    ],
)
def test_the_strategy_says_who_is_restarted_and_in_which_order(start, member, trace, strategy, expected):
    supervisor = start(member("a"), member("b"), member("c"), strategy=strategy)
    tell(supervisor, "b", "crash")
    assert trace == expected


def test_all_that_were_restarted_keep_ref_and_state(start, member):
    supervisor = start(member("a"), member("b"), strategy=Strategy.ONE_FOR_ALL)
    refs = supervisor.child("a"), supervisor.child("b")
    tell(supervisor, "a", "x", "x")
    tell(supervisor, "b", "crash")
    assert (supervisor.child("a"), supervisor.child("b")) == refs
    assert refs[0].ask("x") == 3


def test_a_temporary_sibling_is_stopped_with_the_others_and_forgotten(start, member, trace):
    supervisor = start(member("a"), member("b", Restart.TEMPORARY), strategy=Strategy.ONE_FOR_ALL)
    tell(supervisor, "a", "crash")
    assert trace == ["b stopped shutdown", "a restarted"]
    assert supervisor.child("b") is None


def test_siblings_that_crash_together_are_restarted_once_each(start, member, trace):
    supervisor = start(member("a"), member("b"), member("c"), strategy=Strategy.ONE_FOR_ALL)
    for id_ in "abc":
        supervisor.child(id_).tell("crash")
    gevent.idle()
    assert sorted(trace) == ["a restarted", "b restarted", "c restarted"]


@pytest.mark.parametrize(
    ("restart", "word", "is_restarted"),
    [
        (Restart.PERMANENT, "stop", True),
        (Restart.PERMANENT, "crash", True),
        (Restart.TRANSIENT, "stop", False),
        (Restart.TRANSIENT, "crash", True),
        (Restart.TEMPORARY, "stop", False),
        (Restart.TEMPORARY, "crash", False),
    ],
)
def test_the_restart_type_says_which_ends_are_followed_by_a_restart(start, member, restart, word, is_restarted):
    supervisor = start(member("a", restart))
    ref = supervisor.child("a")
    tell(supervisor, "a", word)
    assert (ref.is_alive, ref.restarts, supervisor.child("a") is ref) == (is_restarted, is_restarted, is_restarted)


def test_a_permanent_child_that_keeps_ending_is_given_up(start, member):
    reports = []
    supervisor = start(member("a"), intensity=1, restart=Restart.TEMPORARY, when_given_up=reports.append)
    tell(supervisor, "a", "stop")
    tell(supervisor, "a", "stop")
    assert (supervisor.is_alive, str(reports[0].error)) == (False, "root/s/a ended too often")


def test_giving_up_stops_the_others_first_and_is_told_once(start, member, trace):
    children = member("a"), member("b"), member("c")
    supervisor = start(
        *children,
        intensity=0,
        restart=Restart.TEMPORARY,
        when_given_up=lambda report: trace.append(f"given up {report.child} {report.state}"),
    )
    tell(supervisor, "b", "x", "crash")
    assert trace == ["c stopped shutdown", "a stopped shutdown", "given up b 1"]


def test_a_callback_that_waits_or_fails_does_not_hold_up_the_end(start, member, system):
    def fail(_):
        gevent.idle()
        raise ValueError

    supervisor = start(member("a"), intensity=0, restart=Restart.TEMPORARY, when_given_up=fail)
    tell(supervisor, "a", "crash")
    assert (supervisor.is_alive, system.root.children) == (False, ())


@pytest.mark.parametrize(
    ("auto_shutdown", "ends_with"), [(AutoShutdown.ANY_SIGNIFICANT, 1), (AutoShutdown.ALL_SIGNIFICANT, 2)]
)
def test_significant_children_end_their_supervisor(start, member, system, trace, auto_shutdown, ends_with):
    significant = {"restart": Restart.TRANSIENT, "significant": True}
    supervisor = start(
        member("a", **significant),
        member("b", **significant),
        member("c"),
        auto_shutdown=auto_shutdown,
        restart=Restart.TRANSIENT,
    )
    tell(supervisor, "a", "stop")
    assert supervisor.is_alive == (ends_with == 2)
    if ends_with == 2:
        tell(supervisor, "b", "stop")
    assert "c stopped shutdown" in trace
    assert (supervisor.is_alive, system.root.children, system.actors) == (False, (), 0)


def test_a_significant_transient_child_that_crashes_is_restarted(start, member):
    child = member("a", Restart.TRANSIENT, significant=True)
    supervisor = start(child, auto_shutdown=AutoShutdown.ANY_SIGNIFICANT)
    tell(supervisor, "a", "crash")
    assert supervisor.is_alive
    assert supervisor.child("a").restarts == 1


def test_a_significant_temporary_child_ends_its_supervisor_by_a_crash_too(start, member, system):
    child = member("a", Restart.TEMPORARY, significant=True)
    supervisor = start(child, auto_shutdown=AutoShutdown.ANY_SIGNIFICANT, restart=Restart.TRANSIENT)
    tell(supervisor, "a", "crash")
    assert system.root.children == ()


def test_a_supervisor_that_gives_up_is_restarted_by_its_own_with_fresh_children_and_good_refs(start, member, trace):
    supervisor = start(member("a"), member("b"), intensity=0)
    a, b = supervisor.child("a"), supervisor.child("b")
    supervisor.start_child(member("dynamic"))
    tell(supervisor, "a", "x", "x")
    trace.clear()
    tell(supervisor, "b", "crash")
    assert trace == ["dynamic stopped shutdown", "a stopped shutdown", "a started", "b started"]
    assert (supervisor.restarts, a.ask("x"), b.is_alive, supervisor.child("dynamic")) == (1, 1, True, None)


def test_failures_multiply_through_nested_supervisors_until_the_root_gives_up(system, member):
    inner = SupervisorSpec("inner", intensity=0, children=(member("a"),))
    system.start_child(SupervisorSpec("outer", intensity=1, children=(inner,), restart=Restart.TEMPORARY))
    gevent.idle()
    outer = system.root.child("outer")
    ref = outer.child("inner").child("a")
    ref.tell("crash")
    gevent.idle()
    assert (outer.is_alive, ref.is_alive) == (True, True)
    ref.tell("crash")
    gevent.idle()
    assert (outer.is_alive, ref.is_alive, system.root.children) == (False, False, ())


def test_nested_supervisors_take_part_in_the_strategy(system, member, trace):
    inner = SupervisorSpec("inner", children=(member("x"), member("y")))
    outer = SupervisorSpec("outer", strategy=Strategy.REST_FOR_ONE, children=(member("a"), inner))
    supervisor = system.start_child(outer)
    gevent.idle()
    trace.clear()
    tell(supervisor, "a", "crash")
    assert trace == ["y stopped shutdown", "x stopped shutdown", "a restarted", "x started", "y started"]


def test_a_child_that_cannot_be_made_fails_the_whole_start_and_leaves_nothing(system, member, trace):
    class Unmakeable(Actor):
        def __init__(self):
            raise ValueError("no")

    inner = SupervisorSpec("inner", children=(member("x"), ChildSpec("u", Unmakeable)))
    with pytest.raises(ValueError, match="no"):
        system.start_child(SupervisorSpec("s", children=(member("a"), inner)))
    gevent.idle()
    assert (system.actors, system.supervisors, system.root.children, trace) == (0, 1, (), [])


def test_a_supervisor_whose_children_cannot_be_made_again_counts_as_crashed(system, member):
    makes = [None, ValueError("no"), ValueError("no"), ValueError("no"), ValueError("no")]

    class Once(Member):
        def __init__(self, trace, id_):
            super().__init__(trace, id_)
            if (error := makes.pop(0)) is not None:
                raise error

    inner = SupervisorSpec("inner", intensity=0, children=(ChildSpec("o", Once, ([], "o")),))
    outer = system.start_child(SupervisorSpec("outer", restart=Restart.TEMPORARY, children=(inner,)))
    gevent.idle()
    tell(outer.child("inner"), "o", "crash")
    assert (outer.is_alive, system.actors, system.supervisors) == (False, 0, 1)


def test_a_child_may_go_on_from_a_state(system, member, trace):
    ref = system.start_child(member("a"), 41)
    assert ref.state == 41
    assert ref.ask("x") == 42
    assert trace == ["a started"]


def test_an_id_is_taken_while_its_child_lives_and_free_afterwards(start, member):
    supervisor = start(member("a"))
    with pytest.raises(LocalProtocolError, match="'a' already"):
        supervisor.start_child(member("a"))
    supervisor.terminate_child("a")
    assert supervisor.start_child(member("a")).ask("x") == 1


def test_a_significant_child_is_refused_where_its_end_would_not_be_heeded(start, member):
    with pytest.raises(LocalProtocolError, match="never"):
        start().start_child(member("a", Restart.TRANSIENT, significant=True))


def test_an_ended_supervisor_starts_nothing(start, member):
    supervisor = start(member("a"))
    supervisor.stop()
    with pytest.raises(ActorDied):
        supervisor.start_child(member("b"))
    assert (supervisor.child("a"), supervisor.children) == (None, ())


def test_stopping_a_permanent_supervisor_from_outside_is_final(start, member, system):
    supervisor = start(member("a"))
    supervisor.stop()
    supervisor.stop()
    gevent.idle()
    assert (supervisor.is_alive, system.root.children, system.supervisors) == (False, (), 1)
