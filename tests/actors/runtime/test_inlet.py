"""The way into a hub for other threads."""

from __future__ import annotations

import gc
import threading
import weakref
from pathlib import Path

import gevent

import sipsimple
from sipsimple.actors.runtime.inlet import close_here, inlet_here

LONG = 30


def in_threads(*bodies):
    threads = [threading.Thread(target=body) for body in bodies]
    for each in threads:
        each.start()
    return threads


def until(holds):
    with gevent.Timeout(LONG):
        while not holds():
            gevent.sleep(0.001)


def test_what_a_thread_asks_for_is_called_on_the_hub_in_its_order():
    inlet, called = inlet_here(), []

    def ask(thread):
        for number in range(1000):
            inlet.call(lambda *args: called.append((args, gevent.getcurrent())), thread, number)

    in_threads(lambda: ask("a"), lambda: ask("b"))
    until(lambda: len(called) == 2000)
    for thread in "ab":
        assert [args[1] for args, _ in called if args[0] == thread] == list(range(1000))
    assert {greenlet for _, greenlet in called} == {gevent.get_hub()}


def test_what_fails_takes_nothing_with_it(monkeypatch):
    inlet, called, failed = inlet_here(), [], []
    monkeypatch.setattr(
        gevent.get_hub(), "handle_error", lambda _context, _type, error, _traceback: failed.append(error)
    )

    def ask():
        inlet.call(int, "no number")
        inlet.call(called.append, "the next")

    in_threads(ask)
    until(lambda: called)
    assert [type(error) for error in failed] == [ValueError]


def test_the_references_of_a_hub_are_not_miscounted_however_often_it_is_woken_while_timers_fire():
    """A lost count of gevent's own way ends the hub within a second: `LoopExit` in all who wait on it."""
    loop, inlet, is_over = gevent.get_hub().loop, inlet_here(), []
    before, room = loop.activecnt, threading.Semaphore(1000)

    def wake():
        while not is_over:
            room.acquire()
            inlet.call(room.release)

    (waker,) = in_threads(wake)
    for _ in range(3000):
        gevent.sleep(0.00005)
    is_over.append(True)
    until(lambda: not waker.is_alive())
    gevent.sleep(0.01)
    assert loop.activecnt == before


def test_a_hub_has_one_and_a_closed_one_is_replaced():
    first = inlet_here()
    assert inlet_here() is first
    close_here()
    assert inlet_here() is not first


def test_a_hub_that_ends_leaves_nothing_behind():
    held, refused = [], []

    def live():
        inlet = inlet_here()
        held.append(weakref.ref(inlet.hub))
        close_here()
        inlet.hub.destroy(destroy_loop=True)
        refused.append(not inlet.call(int))

    (thread,) = in_threads(live)
    thread.join()
    gc.collect()
    assert refused == [True]
    assert held[0]() is None


def test_what_a_thread_asked_for_is_called_before_the_hub_ends_and_nothing_is_taken_after():
    called, inlets, begun, asked = [], [], threading.Event(), threading.Event()

    def live():
        inlets.append(inlet_here())
        begun.set()
        asked.wait(LONG)
        inlets[0].call(called.append, "from its own thread")
        close_here()
        taken.append(inlets[0].call(called.append, "too late"))
        gevent.get_hub().destroy(destroy_loop=True)

    taken = []
    (thread,) = in_threads(live)
    begun.wait(LONG)
    taken.append(inlets[0].call(called.append, "from another"))
    asked.set()
    thread.join()
    assert called == ["from another", "from its own thread"]
    assert taken == [True, False]


def test_it_is_the_only_way_in():
    package = Path(sipsimple.__file__).parent
    users = [each.name for each in package.rglob("*.py") if "run_callback_threadsafe(" in each.read_text("utf-8")]
    assert users == []
