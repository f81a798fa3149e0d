"""The life of an engine in its process: where the program ends without a word, and where it forks."""

from __future__ import annotations

import subprocess
import sys
import threading

import gevent
import pytest

from sipsimple.actors.runtime import Supervisor
from sipsimple.api import native
from sipsimple.api.engine.running import has_emptied
from sipsimple.core import Engine
from sipsimple.protocols.sip.usage.state import State
from tests.endpoints import established, running
from tests.watch import Watch

PATCHED = "from gevent import monkey; monkey.patch_all()"

PARTY = """
import os, sys, time
import gevent
from sipsimple import *
from sipsimple.notification import NotificationCenter

class Observer:
    def __init__(self):
        self.started = 0
    def handle_notification(self, notification):
        if notification.name == "SCSessionNewIncoming":
            notification.sender.accept(chat=True)
        elif notification.name == "SCSessionDidStart":
            self.started += 1
        elif notification.name in ("SCSessionDidFail", "SCSessionDidEnd", "SCEngineDidEnd"):
            print(notification.name + "\\n", end="", flush=True)  # in one piece: others may print

observer, engine = Observer(), Engine()
NotificationCenter().add_observer(observer)
SessionManager().msrp_config.local_use_tls = False

def start():
    engine.start(local_ip="127.0.0.1", hub=HUB)

def call_oneself(times):
    observer.started = 0
    bob = SIPURI("127.0.0.1", "bob", port=engine.local_udp_port)
    for _ in range(times):
        Session().connect(bob, Credentials(SIPURI("b", "a")), chat=True)
    deadline = time.monotonic() + 20
    while observer.started < 2 * times and time.monotonic() < deadline:
        (time.sleep if HUB == "own" else gevent.sleep)(0.01)
    return observer.started // 2
"""

THE_END = """
start()
assert call_oneself(1) == 1
"""

A_FORK = """
start()
assert call_oneself(1) == 1
read, write = os.pipe()
child = os.fork()
if not child:
    found = engine.is_running, SessionManager().sessions
    engine.stop()
    if HUB == "current":
        gevent.sleep(0.2)  # what is left of the parent's actors may take its turn
    start()
    os.write(write, f"{found} {call_oneself(2)}".encode())
    os.close(write)
    NotificationCenter().remove_observer(observer)
    sys.exit()
os.close(write)
kept = call_oneself(20)
NotificationCenter().remove_observer(observer)
print(os.read(read, 100).decode())
print(os.waitpid(child, 0)[1], kept, len(SessionManager().sessions))
engine.stop()
"""


def output(prologue: str, hub: str, program: str) -> list[str]:
    """Run a program that has an engine; return what it printed."""
    text = f"{prologue}\nHUB = {hub!r}\n{PARTY}\n{program}"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize(("prologue", "hub"), [("", "own"), ("", "current"), (PATCHED, "auto"), (PATCHED, "own")])
def test_where_a_program_ends_without_stopping_the_engine_its_sessions_end_in_the_ordinary_way(prologue, hub):
    assert output(prologue, hub, THE_END) == ["SCSessionDidEnd", "SCSessionDidEnd", "SCEngineDidEnd"]


@pytest.mark.parametrize(("prologue", "hub"), [("", "own"), (PATCHED, "current")])
def test_a_process_that_was_forked_off_has_no_engine_can_start_one_and_takes_nothing_from_its_parents(prologue, hub):
    child, parent = [line for line in output(prologue, hub, A_FORK) if not line.startswith("SC")]
    assert child == "(False, []) 2"
    assert parent == "0 20 42"


def test_who_stops_the_engine_from_another_thread_does_not_walk_its_tree(monkeypatch):
    """It changes all the time."""
    walked, owns = [], Supervisor.owns

    def note(supervisor, current):
        walked.append(native.thread_id())
        return owns(supervisor, current)

    with running(hub="own") as watch:
        established(watch)
        monkeypatch.setattr(Supervisor, "owns", note)
        thread = Engine().core.system.thread
        Engine().stop()
    assert set(walked) <= {thread}
    assert threading.get_ident() != thread


def test_who_is_killed_while_he_starts_the_engine_leaves_no_thread_that_nobody_knows():
    with Watch() as watch:
        starting = gevent.spawn(Engine().start, hub="own", local_ip="127.0.0.1")
        gevent.sleep(0)
        starting.kill()
        is_known = Engine().is_running
        Engine().stop()
    assert is_known == (watch.count("SCEngineDidStart") == 1)
    assert not [each for each in threading.enumerate() if each.name == "sipsimple-engine"]


def test_a_session_that_was_given_up_tells_nothing_more_whatever_its_actor_does_yet():
    with running() as watch:
        call = established(watch)
        call.caller.give_up("the engine is in a hurry")
        call.callee.terminate()
        watch.wait_for("SCSessionDidEnd", call.callee)
        watch.until(lambda: call.caller.call.state is State.TERMINATED, "the end of the actor")
    told = watch.names(call.caller)
    assert told[-3:] == ["ESTABLISHED>TERMINATED", "SCSessionDidFail", "SCSessionDidEnd"]
    assert told.count("SCSessionDidEnd") == 1


@pytest.mark.parametrize(
    ("left", "is_waited_for"),
    [((3, 0), True), ((3, 2, 1, 0), True), ((3, 3, 0), False), ((3, 2, 2, 0), False), ((9, 8, 7, 6, 5, 4, 0), False)],
)
def test_what_comes_to_its_end_is_waited_for_as_long_as_it_does_but_not_for_ever(left, is_waited_for):
    steps = list(left)

    def wait(_limit: float) -> bool:
        if len(steps) > 1:
            del steps[0]
        return steps[0] == 0

    assert has_emptied(wait, lambda: steps[0], 1.0) is is_waited_for
