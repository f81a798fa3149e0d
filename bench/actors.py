"""The actor runtime against its bounds: a bare greenlet with a deque, and pykka, in the same run.

Usage: bench/actors.py            every figure, as JSON lines
       bench/actors.py idle KIND  bytes of resident memory for one idle actor (bare, actor, call)
"""

from __future__ import annotations

import gc
import itertools
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gevent
import pykka
from gevent.event import Event
from lines import figure

from sipsimple.actors.runtime import Actor, ChildSpec, HubClock, Ref, Restart, SupervisorSpec, System, handles

if TYPE_CHECKING:
    from collections.abc import Callable

RING = 1000
REPEATS = 9


@dataclass(frozen=True, slots=True)
class Hop:
    """A message with a number."""

    left: int


@dataclass(frozen=True, slots=True)
class Ping:
    """A question."""


class Forward(Actor):
    """Handles a hop with a function, as the bare actor does."""

    def __init__(self, function: Callable[[Hop], None]) -> None:
        self.function = function

    @handles(Hop)
    def forward(self, hop: Hop) -> None:
        self.function(hop)

    @handles(Ping)
    def pong(self, _: Ping) -> int:
        return 1


class Bare:
    """The bound: a greenlet parked in the hub beside a deque; no supervision, no table, no ask."""

    __slots__ = ("function", "greenlet", "idle", "queue")

    def __init__(self, function: Callable[[Hop], None]) -> None:
        self.queue: deque[Hop] = deque()
        self.idle = False
        self.function = function
        self.greenlet = gevent.spawn(self.run)

    def run(self) -> None:
        queue, function, take, park = self.queue, self.function, self.queue.popleft, gevent.get_hub().switch
        while True:
            left = 200
            while queue:
                function(take())
                left -= 1
                if not left:
                    left = 200
                    gevent.sleep(0)
            self.idle = True
            park()

    def tell(self, message: Hop) -> None:
        self.queue.append(message)
        if self.idle:
            self.idle = False
            LOOP.run_callback(self.greenlet.switch)


class Threaded(pykka.ThreadingActor):
    """The same with pykka."""

    def __init__(self, function: Callable[[Hop], None]) -> None:
        super().__init__()
        self.function = function

    def on_receive(self, message: Hop) -> None:
        self.function(message)


LOOP = gevent.get_hub().loop


def ring(make: Callable[[Callable[[Hop], None]], Any], laps: int, event: type) -> Callable[[], float]:
    """Prepare a ring of actors; each call measures hops per second of one message in it."""
    done = event()
    actors: list[Any] = []

    def member(index: int) -> Callable[[Hop], None]:
        def forward(hop: Hop) -> None:
            if hop.left:
                actors[(index + 1) % RING].tell(Hop(hop.left - 1))
            else:
                done.set()

        return forward

    actors.extend(make(member(index)) for index in range(RING))
    hops = RING * laps
    return lambda: hops / seconds(lambda: actors[0].tell(Hop(hops)), done)


def tell(make: Callable[[Callable[[Hop], None]], Any], count: int, event: type) -> Callable[[], float]:
    """Prepare one actor; each call measures messages per second, from a teller that yields after each hundred."""
    done = event()
    seen = 0

    def take(_: Hop) -> None:
        nonlocal seen
        seen += 1
        if seen % count == 0:
            done.set()

    actor = make(take)
    hop = Hop(0)
    is_thread = event is threading.Event

    def burst() -> None:
        for index in range(count):
            actor.tell(hop)
            if index % 100 == 99 and not is_thread:
                gevent.sleep(0)

    return lambda: count / seconds(burst, done)


def seconds(begin: Callable[[], None], done: Any) -> float:
    done.clear()
    started = time.perf_counter()
    begin()
    done.wait()
    return time.perf_counter() - started


def in_turn(*measures: Callable[[], float]) -> list[float]:
    """Median of each, measured in turn, so that a busy neighbour slows a value and its bound alike."""
    rounds = [[measure() for measure in measures] for _ in range(REPEATS)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def supervised(system: System) -> Callable[[Callable[[Hop], None]], Ref]:
    supervisor = system.root.start_child(SupervisorSpec(f"bench-{len(system.root.children)}"))

    ids = itertools.count()

    def make(function: Callable[[Hop], None]) -> Ref:
        return supervisor.start_child(ChildSpec(str(next(ids)), Forward, (function,)))

    return make


def resident() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def idle_bytes(kind: str, count: int = 20_000) -> float:
    """Bytes of resident memory per actor that has handled one message."""
    system = System()
    seen = 0

    def take(_: Hop) -> None:
        nonlocal seen
        seen += 1

    def call(index: int) -> Ref:
        spec = SupervisorSpec(f"c{index}", restart=Restart.TEMPORARY)
        return system.root.start_child(spec).start_child(ChildSpec("session", Forward, (take,)))

    makers: dict[str, Callable[[int], Any]] = {
        "bare": lambda _: Bare(take),
        "actor": lambda index: system.root.start_child(ChildSpec(f"c{index}", Forward, (take,))),
        "call": call,
    }
    gc.collect()
    before = resident()
    kept = [makers[kind](index) for index in range(count)]
    for each in kept:
        each.tell(Hop(0))
    while seen < count:
        gevent.sleep(0)
    gc.collect()
    return (resident() - before) / count


def idle_in_own_process(kind: str) -> float:
    output = subprocess.run([sys.executable, __file__, "idle", kind], check=True, capture_output=True, text=True)
    return float(output.stdout)


def spawns(system: System, count: int = 5000) -> float:
    """Actors per second: made, and told one message."""
    return count / statistics.median(spawn_seconds(system, count) for _ in range(REPEATS))


def spawn_seconds(system: System, count: int) -> float:
    done = Event()
    seen = 0

    def take(_: Hop) -> None:
        nonlocal seen
        seen += 1
        if seen == count:
            done.set()

    started = time.perf_counter()
    make = supervised(system)
    for _ in range(count):
        make(take).tell(Hop(0))
    done.wait()
    seconds = time.perf_counter() - started
    system.root.terminate_child(system.root.children[-1].spec.id)
    return seconds


def timers(count: int = 100_000) -> float:
    """Microseconds to start and stop a timer while a thousand others run."""
    clock = HubClock()
    for index in range(1000):
        clock.call_later(60 + index, print)
    started = time.perf_counter()
    for _ in range(count):
        clock.call_later(32.0, print).cancel()
    cost = (time.perf_counter() - started) / count * 1e6
    clock.close()
    return cost


def asks(ref: Ref, count: int = 20_000) -> float:
    """Microseconds of one ask and its answer."""
    ping = Ping()
    started = time.perf_counter()
    for _ in range(count):
        ref.ask(ping)
    return (time.perf_counter() - started) / count * 1e6


def main() -> int:
    system = System()
    own_ring, bare_ring, pykka_ring = in_turn(
        ring(supervised(system), 100, Event), ring(Bare, 100, Event), ring(Threaded.start, 5, threading.Event)
    )
    own_tell, bare_tell, pykka_tell = in_turn(
        tell(supervised(system), 100_000, Event),
        tell(Bare, 100_000, Event),
        tell(Threaded.start, 20_000, threading.Event),
    )
    pykka.ActorRegistry.stop_all()
    bare_idle = idle_in_own_process("bare")
    own_idle = idle_in_own_process("actor")
    held = [
        figure("actors.ring_to_bare", own_ring, "hops/s", bare_ring, 0.4, smaller_is_better=False),
        figure("actors.ring_to_pykka", own_ring, "hops/s", pykka_ring, 10.0, smaller_is_better=False),
        figure("actors.tell_to_bare", own_tell, "messages/s", bare_tell, 0.25, smaller_is_better=False),
        figure("actors.tell_to_pykka", own_tell, "messages/s", pykka_tell, 5.0, smaller_is_better=False),
        figure("actors.idle_to_limit", own_idle, "bytes", 12 * 1024.0, 1.0, smaller_is_better=True),
        figure("actors.idle_to_bare", own_idle, "bytes", bare_idle, 1.4, smaller_is_better=True),
        figure("actors.idle_call", idle_in_own_process("call"), "bytes", 12 * 1024.0, 1.0, smaller_is_better=True),
        figure("actors.spawn", spawns(system), "actors/s", 10_000.0, 1.0, smaller_is_better=False),
        figure("actors.timer", timers(), "us", 2.0, 1.0, smaller_is_better=True),
        figure("actors.ask", asks(supervised(system)(print)), "us", 30.0, 1.0, smaller_is_better=True),
    ]
    system.stop()
    return 0 if all(held) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["idle"]:
        print(idle_bytes(sys.argv[2]))
    else:
        sys.exit(main())
