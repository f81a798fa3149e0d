"""A pool of real processes that play workers, legs that keep what they are told, and nothing left behind."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import gevent
import pytest
from gevent.queue import Queue

from sipsimple.actors.runtime import Actor, ChildSpec, Restart, SupervisorSpec, System, handles
from sipsimple.media import wire
from sipsimple.media.messages import Granted, Refused, Wanted, WorkerLost, WorkerRequest, WorkerResponse
from sipsimple.media.pool.pool import AudioPool
from sipsimple.media.settings import PoolSettings
from tests.media.pool.bench import Bench

FAKE = Path(__file__).with_name("fake_worker.py")


@pytest.fixture(autouse=True)
def time_limit(hub):
    """A test that waits for what never comes fails."""
    with gevent.Timeout(30):
        yield


class LegActor(Actor):
    """Keeps what it is told."""

    def __init__(self, told: Queue) -> None:
        super().__init__()
        self.told = told

    @handles(Granted, Refused, WorkerLost, WorkerRequest, WorkerResponse)
    @handles(wire.Statistics, wire.Refused, wire.GotDigit)
    def keep(self, message: object) -> None:
        """Keep a message."""
        self.told.put(message)


class Leg:
    """A leg from outside: its ref, what it was told, and the pool that it asks."""

    def __init__(self, supervisor, number) -> None:
        self.told: Queue = Queue()
        self.id = f"leg-{number}"
        self.supervisor = supervisor
        self.ref = supervisor.start_child(ChildSpec(self.id, LegActor, (self.told,), Restart.TRANSIENT))

    def ask(self, pool, beside=None, token=None) -> str:
        token = token or secrets.token_hex(8)
        pool.ref.tell(Wanted(token, self.ref, beside))
        return token

    def next(self, *kinds):
        """The next message of these kinds; others are passed over."""
        while not isinstance(message := self.told.get(), kinds):
            pass
        return message

    def granted(self, pool, beside=None, token=None) -> Granted:
        """Ask, and be given a place."""
        self.ask(pool, beside, token)
        answer = self.next(Granted, Refused)
        assert isinstance(answer, Granted), answer
        return answer

    def end(self) -> None:
        self.supervisor.terminate_child(self.id)


@pytest.fixture
def system():
    system = System()
    yield system
    system.stop()
    assert (system.actors, system.timers) == (0, 0)
    assert gevent.get_hub().loop.activecnt == 1  # the time limit of the test


@pytest.fixture
def new_leg(system):
    legs = system.start_child(SupervisorSpec("legs"))
    numbers = iter(range(10_000))
    return lambda: Leg(legs, next(numbers))


@pytest.fixture
def leg(new_leg):
    return new_leg()


@pytest.fixture
def open_pool(system):
    """Make a pool of fake workers, with quick pings."""
    media = system.start_child(SupervisorSpec("media", intensity=100, period=10.0))
    opened = []

    def make(*options: str, **settings) -> AudioPool:
        command = (sys.executable, "-P", str(FAKE), *options)
        quick = {"command": command, "ping_interval": 0.1, "ping_limit": 1.0}
        pool = AudioPool(media, PoolSettings(**{**quick, **settings}))
        opened.append(pool)
        return pool

    yield make
    for pool in opened:
        pool.close()
        assert pool.processes == 0
    until(lambda: children() == [])  # one whose fork was under way finds its socket closed and ends by itself


def children() -> list[str]:
    """The processes of this test that live, those of a zygote included."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if bytes(FAKE) in line and state != "Z" and int(pid) != os.getpid():
            found.append(pid)
    return found


def ready(pool):
    return [worker for worker in pool.ref.state.workers.values() if worker.is_ready]


def until(holds, seconds=10.0):
    """Wait until `holds()` is true; return what it gives."""
    with gevent.Timeout(seconds):
        while not (value := holds()):
            gevent.sleep(0.001)
        return value


@pytest.fixture
def bench():
    """A pool whose first call has a worker, with a spare."""
    bench = Bench()
    bench.want("first", token="first")
    bench.ready()
    bench.later(1.0)
    return bench
