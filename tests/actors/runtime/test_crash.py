"""What a crash loses and what it keeps, wherever it happens."""

from __future__ import annotations

from dataclasses import dataclass

import gevent
import pytest
from gevent.event import Event

from sipsimple.actors.runtime import Actor, ChildSpec, Restart, SupervisorSpec, TimerFired, again, carries, handles
from sipsimple.actors.runtime.log import log_crash
from sipsimple.errors import ActorDied


@dataclass(frozen=True)
class Feed:
    number: int
    outputs: tuple = ()


@dataclass(frozen=True)
class Out:
    word: str


@dataclass(frozen=True)
class Timer:
    seconds: float


def step(state, number, outputs):
    if number == 0:
        raise ZeroDivisionError("step")
    return state + number, outputs


class Fragile(Actor):
    """Crashes where `world["crash"]` says so."""

    def __init__(self, world):
        self.world = world
        self.state = 0
        self.may_crash("init")

    def may_crash(self, where):
        self.world["trace"].append(where)
        if where in self.world["crash"]:
            self.world["crash"].remove(where)
            raise ValueError(where)

    def started(self):
        self.may_crash("started")

    def restarted(self):
        self.may_crash(f"restarted at {self.state}")

    def stopped(self, reason):
        self.may_crash("stopped")

    def incarnation_ended(self):
        self.may_crash("ended")

    @handles(Feed)
    def feed(self, message):
        self.advance(step, message.number, message.outputs)

    @handles(Timer)
    def start(self, message):
        self.start_timer("T", message.seconds)

    @handles(TimerFired)
    def fired(self, _):
        self.may_crash("fired")

    @carries(Out)
    def carry(self, output):
        self.may_crash(output.word)

    @handles(str)
    def stop_now(self, reason):
        self.stop(reason)


@pytest.fixture
def world():
    return {"trace": [], "crash": []}


@pytest.fixture
def given_up():
    return []


@pytest.fixture
def supervisor(system, given_up):
    spec = SupervisorSpec("s", restart=Restart.TEMPORARY, when_given_up=given_up.append)
    return system.start_child(spec)


@pytest.fixture
def ref(supervisor, world):
    ref = supervisor.start_child(ChildSpec("fragile", Fragile, (world,), Restart.TRANSIENT))
    gevent.idle()
    world["trace"].clear()
    return ref


def test_a_crash_in_step_loses_one_message_and_keeps_the_state_before_it(ref, world):
    for number in (1, 0, 2):
        ref.tell(Feed(number))
    gevent.idle()
    assert (ref.state, ref.restarts) == (3, 1)
    assert world["trace"] == ["ended", "init", "restarted at 1"]


def test_after_a_crash_in_carry_the_next_incarnation_carries_the_rest_before_any_message(ref, world):
    world["crash"].append("b")
    ref.tell(Feed(1, (Out("a"), Out("b"), Out("c"), Out("d"))))
    ref.tell(Feed(1, (Out("e"),)))
    gevent.idle()
    assert world["trace"] == ["a", "b", "ended", "init", "restarted at 1", "c", "d", "e"]
    assert ref.state == 2


def test_a_crash_in_the_last_carry_leaves_nothing_to_carry(ref, world):
    world["crash"].append("a")
    ref.tell(Feed(1, (Out("a"),)))
    ref.tell(Feed(1, (Out("b"),)))
    gevent.idle()
    assert world["trace"][-2:] == ["restarted at 1", "b"]


@pytest.mark.parametrize("crashes", [1, 2])
def test_an_output_that_must_not_be_lost_is_carried_again_and_twice_is_too_often(supervisor, world, crashes):
    class Careful(Fragile):
        @carries(Out)
        @again
        def carry_out(self, output):
            if output.word == "b":
                self.may_crash("b")

        def stopped(self, _reason):
            pass

    ref = supervisor.start_child(ChildSpec("careful", Careful, (world,), Restart.TRANSIENT))
    gevent.idle()
    world["crash"] += ["b"] * crashes
    ref.tell(Feed(1, (Out("a"), Out("b"))))
    gevent.idle()
    assert world["trace"].count("b") == 2
    assert ref.is_alive == (crashes == 1)


def test_what_restarted_advances_is_carried_after_the_rest(supervisor, world):
    class Resuming(Fragile):
        def restarted(self):
            self.advance(step, 10, (Out("mine"),))

    ref = supervisor.start_child(ChildSpec("resuming", Resuming, (world,)))
    world["crash"].append("a")
    ref.tell(Feed(1, (Out("a"), Out("rest"))))
    gevent.idle()
    assert world["trace"][-2:] == ["rest", "mine"]
    assert ref.state == 11


def test_timers_survive_a_crash(ref, world, clock):
    ref.tell(Timer(5.0))
    ref.tell(Feed(0))
    clock.advance(4.9)
    assert "fired" not in world["trace"]
    clock.advance(0.2)
    assert world["trace"][-1] == "fired"


def test_a_timer_whose_handling_crashed_does_not_fire_again(ref, world, clock):
    world["crash"].append("fired")
    ref.tell(Timer(5.0))
    clock.advance(20)
    assert world["trace"].count("fired") == 1
    assert ref.restarts == 1


def test_a_crash_twice_with_something_handled_in_between_is_restarted_twice(ref):
    for number in (0, 1, 0, 1):
        ref.tell(Feed(number))
    gevent.idle()
    assert (ref.restarts, ref.state, ref.is_alive) == (2, 2, True)


def test_a_crash_twice_with_nothing_handled_in_between_is_given_up(ref, given_up, supervisor):
    ref.tell(Feed(5))
    for message in (Feed(0), Feed(0), Feed(7), Feed(8)):
        ref.tell(message)
    gevent.idle()
    report = given_up[0]
    assert (report.supervisor, report.child, report.state) == ("s", "fragile", 5)
    assert report.mailbox == (Feed(7), Feed(8))
    assert isinstance(report.error, ZeroDivisionError)
    assert (len(given_up), ref.is_alive, supervisor.is_alive) == (1, False, False)


def test_more_crashes_than_the_intensity_are_given_up_although_each_handled_something(ref, given_up):
    for _ in range(4):
        ref.tell(Feed(1))
        ref.tell(Feed(0))
    gevent.idle()
    assert (given_up[0].state, ref.restarts) == (4, 3)


def test_giving_up_tells_what_the_actor_crashed_on_and_what_it_has_not_carried(ref, world, given_up):
    world["crash"] += ["a", "restarted at 1"]
    last = Feed(1, (Out("a"), Out("b")))
    ref.tell(last)
    ref.tell(Feed(7))
    gevent.idle()
    report = given_up[0]
    assert (report.crashed_on, report.outbox, report.mailbox) == (last, (Out("b"),), (Feed(7),))


def test_one_that_crashed_on_no_message_tells_none(supervisor, world, given_up):
    world["crash"] += ["started", "restarted at 0"]
    supervisor.start_child(ChildSpec("fragile", Fragile, (world,)))
    gevent.idle()
    assert (given_up[0].crashed_on, given_up[0].outbox) == (None, ())


def test_crashes_spread_over_more_than_the_period_are_not_given_up(ref, given_up, clock):
    for _ in range(10):
        ref.tell(Feed(1))
        ref.tell(Feed(0))
        clock.advance(11.0)
    assert (given_up, ref.restarts) == ([], 10)


@pytest.mark.parametrize("where", ["restarted at 0", "init"])
def test_a_crash_while_being_restarted_is_the_second_in_a_row(ref, world, given_up, where):
    world["crash"].append(where)
    ref.tell(Feed(0))
    gevent.idle()
    assert str(given_up[0].error) == where


def test_a_crash_in_started_is_restarted_once(supervisor, world, given_up):
    world["crash"].append("started")
    ref = supervisor.start_child(ChildSpec("fragile", Fragile, (world,)))
    gevent.idle()
    assert world["trace"] == ["init", "started", "ended", "init", "restarted at 0"]
    assert (given_up, ref.restarts) == ([], 1)


def test_a_crash_in_the_first_init_is_raised_where_the_child_is_started_and_leaves_nothing(supervisor, world, system):
    world["crash"].append("init")
    before = system.actors
    with pytest.raises(ValueError, match="init"):
        supervisor.start_child(ChildSpec("fragile", Fragile, (world,)))
    assert (supervisor.children, system.actors) == ((), before)


def test_a_crash_in_stopped_of_a_transient_actor_is_a_crash(ref, world):
    world["crash"].append("stopped")
    ref.tell("normal")
    gevent.idle()
    assert (ref.restarts, ref.is_alive) == (1, True)


def test_a_crash_in_stopped_while_the_supervisor_stops_it_ends_it_all_the_same(ref, world, supervisor):
    world["crash"].append("stopped")
    supervisor.terminate_child("fragile")
    assert (ref.is_alive, ref.restarts, supervisor.children) == (False, 0, ())


def test_a_crash_in_tidying_up_changes_nothing(ref, world):
    world["crash"].append("ended")
    ref.tell(Feed(0))
    ref.tell(Feed(1))
    gevent.idle()
    assert (ref.state, ref.restarts) == (1, 1)


def test_what_is_told_while_a_restart_is_under_way_is_handled_after_it(supervisor, world):
    go_on = Event()

    class Slow(Fragile):
        def restarted(self):
            self.world["trace"].append("restarting")
            go_on.wait()
            self.world["trace"].append("restarted")

    ref = supervisor.start_child(ChildSpec("slow", Slow, (world,)))
    ref.tell(Feed(0))
    gevent.idle()
    ref.tell(Feed(1, (Out("handled"),)))
    gevent.idle()
    assert world["trace"][-1] == "restarting"
    go_on.set()
    gevent.idle()
    assert world["trace"][-2:] == ["restarted", "handled"]


def test_an_exit_of_the_process_raised_in_an_actor_is_its_crash_and_reaches_the_hub(supervisor, world, monkeypatch):
    seen = []
    monkeypatch.setattr(gevent.get_hub(), "handle_error", lambda *details: seen.append(details[1]))

    class Leaving(Fragile):
        @handles(int)
        def leave(self, status):
            raise SystemExit(status)

    ref = supervisor.start_child(ChildSpec("leaving", Leaving, (world,)))
    ref.tell(1)
    gevent.idle()
    assert (seen, ref.restarts) == ([SystemExit], 1)


def test_a_temporary_actor_is_not_restarted_but_forgotten(supervisor, world, system):
    ref = supervisor.start_child(ChildSpec("fragile", Fragile, (world,), Restart.TEMPORARY))
    before = system.actors
    with pytest.raises(ActorDied):
        ref.ask(Feed(0))
    gevent.idle()
    assert (supervisor.children, system.actors, supervisor.is_alive) == ((), before - 1, True)


def test_a_crash_is_told_even_where_nobody_configured_structlog(caplog):
    """Silence by default ends where an actor dies."""
    with caplog.at_level("ERROR", logger="sipsimple"):
        log_crash("root/calls/x/session", ValueError("boom"), 2)
    [record] = caplog.records
    assert "actor.crashed" in record.getMessage()
    assert "ValueError: boom" in record.getMessage()
