"""Worker processes begin and end: from a zygote or without, or not at all."""

from __future__ import annotations

import errno
import os
import signal
import sys

import pytest

from sipsimple.media.messages import Granted, Refused, Released, WorkerLost
from sipsimple.media.settings import PoolSettings
from tests.media.pool.conftest import children, ready, until


def test_no_process_before_the_first_call_then_one_more_than_needed(open_pool, leg):
    pool = open_pool()
    assert (pool.processes, children()) == (0, [])

    granted = leg.granted(pool)

    assert granted.worker.ready.capacity == 4
    until(lambda: len(ready(pool)) == 2 and pool.processes == 3)  # with the zygote


def test_a_zygote_that_is_killed_is_replaced_and_its_workers_live_on(open_pool, leg, new_leg):
    pool, crew = open_pool("capacity=1"), None
    granted = leg.granted(pool)
    until(lambda: len(ready(pool)) == 2)
    crew = pool._crew
    first = crew.zygote

    os.kill(first.process.pid, signal.SIGKILL)

    until(lambda: crew.zygote is not first and not crew.zygote.lost)
    later = new_leg().granted(pool), new_leg().granted(pool)
    assert not granted.worker.is_lost
    assert len({granted.worker, *(each.worker for each in later)}) == 3


def test_a_zygote_that_hangs_is_replaced_when_it_is_needed(open_pool, leg, new_leg):
    pool = open_pool("capacity=1", spare=0, ready_limit=0.3)
    leg.granted(pool)
    os.kill(pool._crew.zygote.process.pid, signal.SIGSTOP)
    assert not new_leg().granted(pool).worker.is_lost


def test_workers_start_without_a_zygote_where_none_can_be(open_pool, leg):
    pool = open_pool(use_zygote=False, spare=0)
    granted = leg.granted(pool)
    assert (granted.worker.process.pid, pool.processes) == (granted.worker.ready.pid, 1)


@pytest.mark.parametrize(
    ("option", "settings", "reason"),
    [
        ("die", {}, "the process ended"),
        ("die", {"use_zygote": False}, "the process ended"),
        ("mute", {"ready_limit": 0.2}, "it was not ready within 0.2 s"),
        ("version=99", {}, "it spoke garbage: version 99 of the wire format"),
        ("capacity=0", {}, "it spoke garbage: Ready in place of a good Ready"),
        ("sterile", {}, ""),
    ],
)
def test_workers_that_do_not_start_are_refused_with_the_reason(open_pool, leg, option, settings, reason):
    pool = open_pool(option, tries=2, **settings)
    leg.ask(pool)
    refused = leg.next(Refused)
    assert refused.code == 503
    assert refused.reason.startswith("audio is not available: 2 workers in a row could not be started: " + reason)


def test_a_program_that_is_not_there_is_refused_too(open_pool, leg, system):
    pool = open_pool(tries=2, command=("/nonexistent/worker",))
    leg.ask(pool)
    assert "no such file" in leg.next(Refused).reason
    assert pool.processes == 0


def test_no_descriptors_left_is_a_failed_start_and_not_a_crash(open_pool, leg, monkeypatch):
    def no_pair(kind):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("sipsimple.media.pool.crew.pair", no_pair)
    pool = open_pool(tries=2)
    leg.ask(pool)
    assert "too many open files" in leg.next(Refused).reason
    assert pool.ref.restarts == 0


def test_a_burst_gets_as_many_workers_as_it_needs(open_pool, new_leg):
    pool = open_pool()
    legs = [new_leg() for _ in range(20)]
    for each in legs:
        each.ask(pool)
    granted = [each.next(Granted, Refused) for each in legs]
    assert 5 <= len({each.worker for each in granted}) <= 6
    until(lambda: len(ready(pool)) <= 7)


def test_idle_workers_beyond_the_spare_are_ended(open_pool, new_leg):
    pool = open_pool("capacity=1", idle_seconds=0.0)
    legs = [new_leg() for _ in range(4)]
    tokens = [each.granted(pool).token for each in legs]
    for token in tokens:
        pool.ref.tell(Released(token))
    until(lambda: len(pool.ref.state.workers) == 1 and pool.processes == 2)


def test_closing_ends_everything_at_once_and_tells(open_pool, leg):
    pool = open_pool()
    granted = leg.granted(pool)
    pool.close()
    assert (pool.processes, children()) == (0, [])
    assert leg.next(WorkerLost).token == granted.token
    assert not pool.ref.is_alive


def test_stopping_the_whole_system_ends_everything_too(open_pool, new_leg, system):
    pool = open_pool()
    for leg in [new_leg() for _ in range(6)]:
        leg.ask(pool)
    until(lambda: ready(pool))
    system.stop()
    until(lambda: children() == [])
    assert pool.processes == 0


def test_workers_do_not_load_the_engine():
    assert PoolSettings().command[:2] == (sys.executable, "-P")
