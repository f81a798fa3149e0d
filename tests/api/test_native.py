"""Threads that are joined are gone, in plain programs and in patched ones."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import gevent
import pytest

from sipsimple.api import native
from sipsimple.api.engine.hubs import HubThread

LONG = 30.0
PROGRAM = """
import sys
from gevent.monkey import get_original
from sipsimple.api import native
from sipsimple.api.engine.hubs import HubThread

ran, allocate = [], get_original("_thread", "allocate_lock")
for _ in range(50):
    hold = allocate()
    hold.acquire()
    thread = native.start_thread(lambda: ran.append(hold.acquire()), "worker")
    thread.join(0)
    assert thread.is_alive()
    hold.release()
    thread.join()
    assert not thread.is_alive()
    assert thread.ident not in sys._current_frames()
assert ran == [True] * 50

for _ in range(20):
    hub = HubThread()
    assert not hub.join(0)
    identity, loop = hub.start(lambda: (native.thread_id(), native.get_hub_if_exists().loop))
    assert identity != native.thread_id()
    loop.run_callback_threadsafe(hub.end)
    assert hub.join(30)
    assert identity not in sys._current_frames()
print("joined")
"""


@pytest.mark.parametrize("prologue", ["", "from gevent import monkey; monkey.patch_all()"], ids=["plain", "patched"])
def test_a_thread_that_was_joined_has_left_the_interpreter(prologue):
    command = [sys.executable, "-W", "error", "-c", f"{prologue}\n{PROGRAM}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("joined\n", "", 0)


IN_CALL = """
from gevent import monkey; monkey.patch_all()
import sys
from sipsimple import Engine
from sipsimple.api import native
started, start = [], native.start_thread
def noting(body, name):
    started.append(start(body, name))
    return started[-1]
native.start_thread = noting
from sipsimple.api.notification import crew
crew.start_thread = noting
Engine().start(hub="own", local_ip="127.0.0.1")
Engine().stop()
assert len(started) >= 2, started
assert not [each for each in started if each.is_alive()]
print(len(sys._current_frames()))
"""


def test_an_engine_on_its_own_hub_leaves_no_thread_in_a_patched_program():
    command = [sys.executable, "-W", "error", "-c", IN_CALL]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)


class Thing:
    """What can be held weakly."""


def test_a_thread_that_used_gevent_leaves_nothing_of_what_its_frames_held():
    held = []

    def body():
        thing = Thing()
        held.append(weakref.ref(thing))
        gevent.sleep(0)
        native.destroy_hub()

    native.start_thread(body, "worker").join(LONG)
    gc.collect()
    assert held[0]() is None


def test_a_hub_in_a_thread_of_its_own_leaves_nothing_of_what_it_ran():
    thing = Thing()
    held, thread = weakref.ref(thing), HubThread()
    loop = thread.start(lambda _held=thing: gevent.get_hub().loop)
    loop.run_callback_threadsafe(thread.end)
    assert thread.join(LONG)
    del thing, thread
    gc.collect()
    assert held() is None
