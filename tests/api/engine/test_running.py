"""The life of an engine in its process: started, and ended without a word."""

from __future__ import annotations

import signal
import threading

import gevent
import pytest
from gevent.lock import Semaphore

from sipsimple.actors.runtime import Supervisor
from sipsimple.api import native
from sipsimple.api.engine.core import Core
from sipsimple.api.engine.running import Run, has_emptied
from sipsimple.api.notification.delivery import Delivery
from sipsimple.core import Engine
from sipsimple.notification import NotificationCenter
from sipsimple.protocols.sip.usage.state import State
from tests.api.engine.programs import PATCHED, output
from tests.endpoints import established, running
from tests.interop.scenario import free_port
from tests.watch import Watch

THE_END = """
start()
assert call_oneself(1) == 1
"""

A_LOGGER_THAT_WAITS = """
import logging
import structlog

class Slow(logging.Handler):
    def emit(self, record):
        gevent.sleep(0.1)  # with the lock of the handler, which is gevent's own

logging.getLogger().addHandler(Slow())
logging.getLogger().setLevel(logging.DEBUG)
structlog.configure(
    processors=[structlog.processors.KeyValueRenderer()], logger_factory=structlog.stdlib.LoggerFactory()
)
gevent.spawn(logging.info, "something else")
gevent.sleep(0)
start()
print(engine.is_running)
engine.stop()
"""


@pytest.mark.parametrize(("prologue", "hub"), [("", "own"), ("", "current"), (PATCHED, "auto"), (PATCHED, "own")])
def test_where_a_program_ends_without_stopping_the_engine_its_sessions_end_in_the_ordinary_way(prologue, hub):
    assert output(prologue, hub, THE_END) == ["SCSessionDidEnd", "SCSessionDidEnd", "SCEngineDidEnd"]


def test_a_logger_that_waits_in_another_greenlet_of_the_caller_does_not_keep_the_engine_from_its_start():
    assert output(PATCHED, "own", A_LOGGER_THAT_WAITS)[0] == "True"


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


@pytest.mark.parametrize(("owner", "step"), [(Core, "listen"), (Run, "trace_sip")])
def test_where_a_signal_interrupts_who_starts_the_engine_no_port_stays_open(monkeypatch, owner, step):
    main, is_interrupted, number = threading.get_ident(), threading.Event(), free_port("tcp")
    take = getattr(owner, step)

    def interrupt(_number, _frame):
        is_interrupted.set()
        raise InterruptedError

    def take_and_interrupt(*args):
        take(*args)
        signal.pthread_kill(main, signal.SIGUSR1)
        is_interrupted.wait(30)

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        monkeypatch.setattr(owner, step, take_and_interrupt)
        with pytest.raises(InterruptedError):
            Engine().start(hub="own", local_ip="127.0.0.1", local_tcp_port=number)
    finally:
        monkeypatch.undo()
        signal.signal(signal.SIGUSR1, before)
    assert not Engine().is_running
    with gevent.Timeout(30):
        while any(each.name == "sipsimple-engine" for each in threading.enumerate()):  # which closes it
            gevent.sleep(0.01)
    with running(hub="own", local_tcp_port=number):
        pass


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


def test_an_observer_that_is_slow_with_what_came_before_hears_of_the_end_too(monkeypatch):
    """Each limit that he has leaves less: of the notifications of one sender, too."""
    steps, heard = Semaphore(0), []

    class Slow:
        def handle_notification(self, notification):
            steps.acquire()
            heard.append(notification.name)

    def flush(delivery, _limit):
        before = len(heard)
        steps.release()
        while len(heard) == before and delivery.unheard:
            gevent.sleep(0)
        return not delivery.pending

    slow = Slow()
    monkeypatch.setattr(Delivery, "flush", flush)
    with running():
        NotificationCenter().add_observer(slow, sender="one sender")
        queue = Engine().core.delivery.queue()
        for number in range(4):
            queue.post("one sender", str(number))
    NotificationCenter().remove_observer(slow, sender="one sender")
    assert heard == ["0", "1", "2", "3"]
