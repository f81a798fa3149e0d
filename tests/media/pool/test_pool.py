"""The pool with real processes: they come, die, hang and speak garbage."""

from __future__ import annotations

import os
import signal
import time

import gevent
import pytest

from sipsimple.actors.runtime import tree
from sipsimple.media import wire
from sipsimple.media.messages import Configured, Refused, Released, WorkerLost
from sipsimple.media.pool.worker_link import WorkerLink
from sipsimple.media.settings import PoolSettings
from tests.media.pool.conftest import children, until


def test_a_leg_hears_its_own_call_and_no_other(open_pool, leg, new_leg):
    pool, other = open_pool(), new_leg()
    first, second = leg.granted(pool), other.granted(pool)
    assert first.worker is second.worker or first.worker.name != second.worker.name

    first.worker.send(wire.Open(first.token, 5060, with_offer=True))

    assert leg.next(wire.Refused) == wire.Refused(first.token, "Open", "")
    assert leg.next(wire.Statistics).leg == first.token
    assert other.told.empty()


def test_a_released_call_is_closed_in_the_worker_and_not_heard_of_again(open_pool, leg, new_leg):
    pool, other = open_pool(), new_leg()
    granted = leg.granted(pool)
    granted.worker.attach("", other.ref)  # to see what the worker does
    granted.worker.attach(granted.token, other.ref)

    pool.ref.tell(Released(granted.token))
    pool.ref.tell(Released(granted.token))
    until(lambda: not pool.ref.state.places)
    granted.worker.send(wire.Record("", "marker"))

    assert other.next(wire.Refused) == wire.Refused("", "Record", "")
    assert leg.told.empty()


def test_the_call_of_a_leg_that_ended_is_released(open_pool, leg):
    pool = open_pool()
    leg.granted(pool)
    leg.end()
    until(lambda: not pool.ref.state.places)


@pytest.mark.parametrize("deed", ["exit", "kill"])
def test_a_dead_worker_is_told_to_its_legs_and_replaced_and_costs_nobody_else_anything(open_pool, leg, new_leg, deed):
    pool, other = open_pool("capacity=1"), new_leg()
    mine, theirs = leg.granted(pool), other.granted(pool)
    assert mine.worker is not theirs.worker

    if deed == "exit":
        mine.worker.send(wire.SendDigit("", "x"))
    else:
        os.kill(mine.worker.ready.pid, signal.SIGKILL)

    assert leg.next(WorkerLost) == WorkerLost(mine.token, "the process ended")
    assert mine.worker.is_lost
    mine.worker.send(wire.Offer(mine.token))  # into the void
    again = leg.granted(pool)
    assert again.worker.name not in (mine.worker.name, theirs.worker.name)
    assert other.told.empty()
    assert not theirs.worker.is_lost


@pytest.mark.parametrize(
    ("digit", "reason"),
    [
        ("g", "it spoke garbage"),
        ("G", "it spoke garbage: a frame of"),
        ("r", "it spoke garbage: ready twice"),
        ("h", "it hangs: no sign of life for 0.3 s"),
        ("d", "it hangs: no sign of life for 0.3 s"),
    ],
)
def test_a_worker_that_speaks_garbage_or_hangs_is_killed(open_pool, leg, digit, reason):
    pool = open_pool(ping_interval=0.1, ping_limit=0.3)
    granted = leg.granted(pool)

    granted.worker.send(wire.SendDigit("", digit))

    assert leg.next(WorkerLost).reason.startswith(reason)
    until(lambda: str(granted.worker.ready.pid) not in children())


def test_what_a_worker_does_not_read_has_a_limit(open_pool, leg):
    pool = open_pool()
    granted = leg.granted(pool)
    granted.worker.send(wire.SendDigit("", "d"))

    for _ in range(100):
        granted.worker.send(wire.Play(granted.token, 1, "x" * 10_000))

    assert leg.next(WorkerLost).reason == "it does not read what it is told"


def test_chatter_of_a_worker_is_borne(open_pool, leg):
    pool = open_pool()
    granted = leg.granted(pool)
    granted.worker.attach("", leg.ref)

    granted.worker.send(wire.SendDigit("", "c"))
    granted.worker.send(wire.Record("", "marker"))

    assert leg.next(wire.Refused, WorkerLost) == wire.Refused("", "Record", "")


def test_a_busy_engine_does_not_take_its_workers_for_dead(open_pool, leg, monkeypatch):
    """The hub stands still for longer than the limit: the answer waits in the socket, unread."""
    ping, blocked = WorkerLink.ping, []

    def ping_and_block(link):
        ping(link)
        if not blocked:
            blocked.append(link)
            time.sleep(0.5)  # the thread itself, and so the hub

    monkeypatch.setattr(WorkerLink, "ping", ping_and_block)
    pool = open_pool(ping_interval=0.1, ping_limit=0.3, spare=0)
    granted = leg.granted(pool)
    until(lambda: blocked)

    granted.worker.send(wire.Open(granted.token, 5060, with_offer=True))

    assert leg.next(wire.Statistics, WorkerLost) == wire.Statistics(granted.token)


def test_more_calls_than_the_ceiling_are_refused_with_the_limit(open_pool, leg, new_leg):
    pool = open_pool(ceiling=1)
    leg.granted(pool)
    other = new_leg()
    token = other.ask(pool)
    assert other.next(Refused) == Refused(token, 503, "limit of 1 audio calls reached")


def test_a_killed_pool_goes_on_with_its_workers(open_pool, leg, new_leg):
    pool = open_pool("capacity=1")
    granted = leg.granted(pool)
    pool.ref.kill()
    again = new_leg().granted(pool)
    assert pool.ref.restarts == 1
    assert again.worker is not granted.worker
    assert not granted.worker.is_lost


def test_a_pool_that_fails_for_good_is_made_anew_and_refuses_what_it_owes(open_pool, leg, new_leg, monkeypatch):
    """A fault that repeats itself: the supervisor gives up, and its own one begins anew."""
    pool, waiting = open_pool("mute"), new_leg()
    token = waiting.ask(pool)
    until(lambda: pool.ref.state.wishes)
    monkeypatch.setattr("sipsimple.media.pool.core.release", lambda *_: 1 / 0)
    pool.ref.tell(Released("one"))
    pool.ref.tell(Released("two"))
    assert waiting.next(Refused) == Refused(token, 503, "audio is not available: the pool has failed")
    monkeypatch.undo()
    until(lambda: pool.ref.is_alive)
    assert pool.ref.state.wishes == ()


def test_a_killed_reader_goes_on_where_it_was(open_pool, leg):
    pool = open_pool(spare=0)
    granted = leg.granted(pool)
    readers = pool.ref.system.root.child("media").child("pool").child("workers")
    readers.child(granted.worker.name).kill()
    readers.child("zygote-1").kill()
    granted.worker.send(wire.Open(granted.token, 5060, with_offer=True))
    assert leg.next(wire.Refused).command == "Open"
    assert readers.child(granted.worker.name).restarts == 1


def test_readers_that_are_stopped_with_their_supervisor_leave_no_worker(open_pool, leg):
    """As when they crash so often that their supervisor gives up."""
    pool = open_pool()
    granted = leg.granted(pool)
    workers = pool.ref.system.root.child("media").child("pool").child("workers")
    for _ in range(101):
        if reader := workers.child(granted.worker.name):
            reader.kill()
            gevent.idle()
    assert leg.next(WorkerLost).token == granted.token
    assert not leg.granted(pool).worker.is_lost


def test_other_settings_hold_for_new_calls(open_pool, leg, new_leg):
    pool = open_pool()
    before = leg.granted(pool)
    command = pool.ref.state.settings.command
    pool.ref.tell(Configured(PoolSettings(codecs=("G722",), command=command)))
    after = new_leg().granted(pool)
    assert before.worker is not after.worker
    pool.ref.tell(Released(before.token))
    until(lambda: before.worker.is_lost)


def test_the_pool_is_seen_in_the_tree(open_pool, leg, system):
    pool = open_pool(spare=0)
    leg.granted(pool)
    node = next(each for each in tree(system.root).children if each.id == "media").children[0]
    assert [child.id for child in node.children] == ["workers", "pool"]
    assert [child.id for child in node.children[0].children] == ["zygote-1", "worker-1"]
