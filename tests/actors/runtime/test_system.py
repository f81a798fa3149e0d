"""The system: foreign threads, the tree to read, the log, and nothing left."""

from __future__ import annotations

import threading
from enum import Enum
from functools import partial
from types import SimpleNamespace

import gevent
import pytest
import structlog

from sipsimple.actors.runtime import Actor, ChildSpec, HubClock, SupervisorSpec, System, get_logger, handles, render
from sipsimple.actors.runtime.tree import state_word
from sipsimple.api import native
from sipsimple.api.telling import insist, tell_or
from sipsimple.errors import ActorDied, LocalProtocolError

LONG = 30


class Plain(Actor):
    def __init__(self, state=None):
        self.state = state

    @handles(str)
    def take(self, word):
        self.log.info("word.taken", word=word)
        if word == "crash":
            raise ValueError("secret not shown")
        return word


class Named(Actor):
    def started(self):
        self.log = self.log.bind(call_id="c")

    @handles(str)
    def crash(self, word):
        raise ValueError(word)


class Light(Enum):
    GREEN = 1


def in_thread(function, *args):
    """Run in a foreign thread, with the hub running meanwhile; return its value or error."""
    results = []

    def run():
        try:
            results.append(function(*args))
        except Exception as error:  # noqa: BLE001 - handed to the test
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive():
        gevent.sleep(0.001)
    thread.join()
    return results[0]


def test_call_runs_on_the_hub_thread_and_returns_the_value(system):
    assert system.call(threading.get_ident) == threading.get_ident()
    assert in_thread(system.call, threading.get_ident) == threading.get_ident()


def test_call_may_wait_and_raises_what_was_raised(system):
    ref = in_thread(system.call, system.start_child, ChildSpec("a", Plain))
    assert in_thread(system.call, ref.ask, "hello") == "hello"
    assert isinstance(in_thread(system.call, [].pop), IndexError)


def test_a_supervisor_refuses_a_foreign_thread(system):
    for function, args in (
        (system.start_child, (ChildSpec("a", Plain),)),
        (system.root.terminate_child, ("a",)),
        (system.root.stop, ()),
    ):
        assert isinstance(in_thread(function, *args), LocalProtocolError)
    assert system.root.is_alive


def test_who_calls_while_the_hub_ends_does_not_wait_for_ever():
    systems, outcomes, begun, posted = [], [], threading.Event(), threading.Event()

    def live():
        systems.append(System())
        begun.set()
        posted.wait()  # and so the hub has no turn before it ends
        systems[0].stop()
        native.destroy_hub()

    def post(*args, before):
        is_taken = before(*args)
        posted.set()
        return is_taken

    threads = [threading.Thread(target=live), threading.Thread(target=lambda: outcomes.append(systems[0].call(str)))]
    for each in threads:
        each.daemon = True
    threads[0].start()
    begun.wait()
    systems[0].post = partial(post, before=systems[0].post)
    threads[1].start()
    for each in threads:
        each.join(LONG)
    assert outcomes == [""]


def test_where_the_hub_has_ended_whoever_tells_asks_or_calls_learns_it():
    """Though nobody has stopped the actors."""
    made, refused = [], []

    def live():
        system = System()
        made.extend((system, system.start_child(ChildSpec("a", Plain))))
        native.destroy_hub()

    thread = threading.Thread(target=live)
    thread.start()
    thread.join()
    system, ref = made
    assert ref.is_alive
    assert not ref.tell("too late")
    tell_or(ref, "too late", lambda: refused.append(True))
    insist(ref, "too late")
    ref.kill()
    assert refused == [True]
    with pytest.raises(ActorDied):
        ref.ask("too late")
    with pytest.raises(ActorDied):
        system.call(str)


def test_a_foreign_thread_may_stop_the_system():
    system = System()
    ref = system.start_child(ChildSpec("a", Plain))
    in_thread(system.stop)
    assert (ref.is_alive, system.actors, system.supervisors, system.timers) == (False, 0, 0, 0)


def test_a_system_has_a_hub_clock_of_its_own_and_gives_it_back():
    system = System()
    assert isinstance(system.clock, HubClock)
    system.clock.call_later(100.0, list)
    system.stop()
    system.stop()
    assert system.timers == 0


def test_the_tree_shows_state_backlog_restarts_and_last_error(system):
    calls = system.start_child(SupervisorSpec("calls"))
    ref = calls.start_child(ChildSpec("one", Plain, (Light.GREEN,)))
    calls.start_child(ChildSpec("two", Plain))
    ref.tell("crash")
    gevent.idle()
    ref.tell("waits")
    assert render(system.tree()).splitlines() == [
        "root  one for one  alive",
        "└ calls  one for one  alive",
        "  ├ one  Plain  GREEN  1 waiting  1 restarts  ValueError: secret not shown",
        "  └ two  Plain",
    ]


def test_a_state_is_summed_up_without_its_contents():
    assert state_word(None) == ""
    assert state_word(Light.GREEN) == "GREEN"
    assert state_word(SimpleNamespace(state=Light.GREEN)) == "GREEN"
    assert state_word({"password": "secret"}) == "dict"


@pytest.fixture
def configured():
    """An application that has configured structlog."""
    events = []

    def keep(_logger, method, event):
        events.append((method, event))
        raise structlog.DropEvent

    structlog.configure(processors=[keep], cache_logger_on_first_use=False)
    yield events
    structlog.reset_defaults()


def test_the_log_is_silent_until_the_application_configures_structlog(system, capsys):
    ref = system.start_child(ChildSpec("a", Plain))
    ref.tell("crash")
    gevent.idle()
    assert get_logger(a=1).bind(b=2).info("said", c=3) is None
    assert capsys.readouterr() == ("", "")


def test_an_actor_logs_under_its_name_and_its_crash_is_logged_once_by_the_supervisor(system, configured):
    ref = system.start_child(ChildSpec("a", Plain))
    ref.tell("crash")
    gevent.idle()
    (first, taken), (second, crashed) = configured
    assert (first, taken) == ("info", {"event": "word.taken", "word": "crash", "actor": "root/a"})
    assert second == "error"
    assert "in take" in crashed.pop("traceback")
    assert crashed == {
        "event": "actor.crashed",
        "actor": "root/a",
        "error": "ValueError: secret not shown",
        "restarts": 0,
    }


def test_a_crash_is_logged_under_the_names_that_the_actor_has_bound(system, configured):
    ref = system.start_child(ChildSpec("a", Named))
    ref.tell("crash")
    gevent.idle()
    assert [(each["event"], each["call_id"]) for _, each in configured] == [("actor.crashed", "c")]


def test_an_actor_that_is_older_than_the_configuration_logs_from_then_on(system):
    ref = system.start_child(ChildSpec("a", Plain))
    ref.ask("before")
    with structlog.testing.capture_logs() as written:
        structlog.configure()
        ref.ask("after")
    structlog.reset_defaults()
    assert written == [{"event": "word.taken", "word": "after", "actor": "root/a", "log_level": "info"}]


def test_a_log_that_fails_does_not_keep_the_supervisor_from_its_work(system):
    def fail(*_):
        raise OSError("disk full")

    structlog.configure(processors=[fail], cache_logger_on_first_use=False)
    try:
        ref = system.start_child(ChildSpec("a", Plain))
        ref.kill()
        gevent.idle()
    finally:
        structlog.reset_defaults()
    assert (ref.restarts, ref.ask("hello")) == (1, "hello")
