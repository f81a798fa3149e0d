"""One actor: its hooks, its messages, its state and outputs, its timers."""

from __future__ import annotations

from dataclasses import dataclass

import gevent
import pytest
from gevent.event import Event

from sipsimple.actors.runtime import Actor, ChildSpec, Restart, TimerFired, carries, handles
from sipsimple.errors import ActorDied
from sipsimple.protocols.outputs import StartTimer, StopTimer


@dataclass(frozen=True)
class Add:
    number: int
    outputs: tuple = ()


@dataclass(frozen=True)
class Say:
    word: str


@dataclass(frozen=True)
class AddMore:
    number: int


@dataclass(frozen=True)
class Start:
    name: object
    seconds: float


@dataclass(frozen=True)
class Stop:
    reason: str = "normal"


def add(state, number, outputs=()):
    return state + number, outputs


class Adder(Actor):
    def __init__(self, trace, first=0):
        self.trace = trace
        self.state = first
        trace.append(("init", self.name, self.state))

    def started(self):
        self.trace.append("started")

    def stopped(self, reason):
        self.trace.append(("stopped", reason))

    def incarnation_ended(self):
        self.trace.append("ended")

    @handles(Add)
    def add(self, message):
        self.advance(add, message.number, message.outputs)

    @handles(Start)
    def start(self, message):
        self.start_timer(message.name, message.seconds)

    @handles(TimerFired)
    def fired(self, message):
        self.trace.append((message.name, self.clock.now() - 1000.0))

    @handles(Stop)
    def end(self, message):
        self.stop(message.reason)

    @carries(Say)
    def say(self, output):
        self.trace.append((output.word, self.state))

    @carries(AddMore)
    def add_more(self, output):
        self.advance(add, output.number, (Say("nested"),))
        self.trace.append(("after", self.state))


@pytest.fixture
def trace():
    return []


@pytest.fixture
def ref(system, trace):
    ref = system.start_child(ChildSpec("adder", Adder, (trace, 5), Restart.TRANSIENT))
    gevent.idle()
    return ref


def test_init_has_run_when_start_child_returns_and_started_comes_before_the_first_message(system, trace):
    ref = system.start_child(ChildSpec("adder", Adder, (trace, 5)))
    ref.tell(Add(1, (Say("hello"),)))
    assert (ref.state, trace) == (5, [("init", "root/adder", 5)])
    gevent.idle()
    assert trace[1:] == ["started", ("hello", 6)]


def test_outputs_are_carried_in_order_after_the_state_was_committed(ref, trace):
    ref.tell(Add(2, (Say("one"), Say("two"))))
    gevent.idle()
    assert trace[-2:] == [("one", 7), ("two", 7)]


def test_outputs_of_a_nested_advance_are_carried_after_those_that_wait(ref, trace):
    ref.tell(Add(1, (AddMore(10), Say("outer"))))
    gevent.idle()
    assert trace[-3:] == [("after", 16), ("outer", 16), ("nested", 16)]


def test_timer_outputs_of_a_core_need_no_row(ref, trace, clock):
    ref.tell(Add(1, (StartTimer(("inner", "A"), 2.0), StartTimer("B", 3.0), StopTimer("B"))))
    clock.advance(10)
    assert trace[-1] == (("inner", "A"), 2.0)


def test_a_timer_started_anew_replaces_the_one_that_runs(ref, trace, clock):
    ref.tell(Start("A", 1.0))
    ref.tell(Start("A", 3.0))
    clock.advance(5)
    assert trace[-1] == ("A", 3.0)
    assert trace.count(("A", 1.0)) == 0


def test_a_timer_stopped_while_its_message_waits_does_not_fire(ref, trace, clock):
    """The message of the due timer stands behind the one that stops it."""
    ref.tell(Start("A", 1.0))
    gevent.idle()
    clock.call_later(0.5, lambda: clock.call_later(0.5, list))
    clock.call_later(1.0, list)
    ref.tell(Add(0, (Say("waits"),)))
    timer = ref._slot.timers._by_name["A"]
    ref.tell(Add(0, (StopTimer("A"),)))
    timer()
    gevent.idle()
    clock.advance(5)
    assert not any(each[0] == "A" for each in trace)


def test_a_due_timer_started_anew_while_its_message_waits_fires_once_at_the_new_time(ref, trace, clock):
    ref.tell(Start("A", 1.0))
    gevent.idle()
    ref.tell(Start("A", 7.0))
    ref._slot.timers._by_name["A"]()
    clock.advance(20)
    assert [each for each in trace if each[0] == "A"] == [("A", 7.0)]


def test_timers_die_with_the_actor(ref, trace, clock, system):
    ref.tell(Start("A", 1.0))
    ref.tell(Stop())
    gevent.idle()
    assert system.timers == 0


def test_stop_ends_the_actor_after_the_present_message(ref, trace, system):
    ref.tell(Stop("normal"))
    ref.tell(Add(1))
    gevent.idle()
    assert trace[-2:] == [("stopped", "normal"), "ended"]
    assert (ref.is_alive, ref.state, ref.tell(Add(1)), system.root.children) == (False, 5, False, ())


def test_a_message_without_a_row_crashes_the_actor(ref, system):
    ref.tell("nonsense")
    gevent.idle()
    assert ref.restarts == 1
    assert system.tree().children[0].last_error == "LookupError: Adder has no row for message str"


def test_state_may_be_assigned_and_is_committed_by_that(system):
    class Holder(Actor):
        def started(self):
            self.state = "begun"

    ref = system.start_child(ChildSpec("holder", Holder))
    assert ref.state is None
    gevent.idle()
    assert ref.state == "begun"


def test_a_backlog_does_not_keep_others_from_running(system):
    seen = []

    class Busy(Actor):
        @handles(int)
        def take(self, number):
            seen.append(number)

    ref = system.start_child(ChildSpec("busy", Busy))
    gevent.idle()
    for number in range(1000):
        ref.tell(number)
    between = []
    for _ in range(4):
        gevent.sleep(0)
        between.append(len(seen))
    assert between == [200, 400, 600, 800]


def test_an_incarnation_that_has_ended_can_neither_advance_nor_commit(system):
    kept = []

    class Kept(Actor):
        def started(self):
            kept.append(self)

        restarted = started

    ref = system.start_child(ChildSpec("kept", Kept))
    gevent.idle()
    ref.kill()
    gevent.idle()
    old, new = kept
    with pytest.raises(ActorDied):
        old.advance(add, 1)
    with pytest.raises(ActorDied):
        old.state = 1
    new.state = 2
    assert ref.state == 2


class Reader(Actor):
    """Has a loop of its own, as a socket reader has."""

    def __init__(self, trace, wake):
        self.trace = trace
        self.wake = wake
        self.state = 0

    def run(self):
        while self.wake.wait():
            self.wake.clear()
            self.handle_waiting()
            self.state += 1
            if self.state == 3:
                return

    def stopped(self, reason):
        self.trace.append(("stopped", reason))

    @handles(str)
    def take(self, word):
        self.trace.append(word)
        if word == "stop":
            self.stop("asked")
        if word == "crash":
            raise ValueError(word)


@pytest.fixture
def wake():
    return Event()


@pytest.fixture
def reader(system, trace, wake):
    ref = system.start_child(ChildSpec("reader", Reader, (trace, wake), Restart.TRANSIENT))
    gevent.idle()
    return ref


def run_once(wake):
    wake.set()
    gevent.idle()


def test_a_run_of_ones_own_handles_what_waits_when_it_likes(reader, trace, wake):
    reader.tell("a")
    reader.tell("b")
    gevent.idle()
    assert trace == []
    run_once(wake)
    assert trace == ["a", "b"]


def test_a_run_of_ones_own_that_returns_ends_the_actor(reader, trace, wake):
    for _ in range(3):
        run_once(wake)
    assert (trace, reader.is_alive, reader.state) == ([("stopped", "normal")], False, 3)


def test_a_run_of_ones_own_is_stopped_out_of_its_wait(reader, trace, system):
    system.root.terminate_child("reader")
    assert (trace, reader.is_alive) == ([("stopped", "shutdown")], False)


def test_a_run_of_ones_own_can_stop_itself(reader, trace, wake):
    reader.tell("stop")
    run_once(wake)
    assert (trace, reader.is_alive) == (["stop", ("stopped", "asked")], False)


def test_a_run_of_ones_own_is_restarted_after_a_crash_and_goes_on_from_its_state(reader, trace, wake):
    run_once(wake)
    reader.tell("crash")
    run_once(wake)
    assert (reader.restarts, reader.state) == (1, 1)
    reader.tell("again")
    run_once(wake)
    assert trace == ["crash", "again"]


def test_a_run_of_ones_own_that_another_greenlet_stops_leaves_its_wait(system, trace, wake):
    held = []

    class Held(Reader):
        def started(self):
            held.append(self)

    ref = system.start_child(ChildSpec("held", Held, (trace, wake), Restart.TRANSIENT))
    gevent.idle()
    held[0].stop()
    gevent.idle()
    assert (trace, ref.is_alive) == ([("stopped", "normal")], False)
