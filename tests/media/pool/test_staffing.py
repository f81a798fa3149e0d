"""How many workers there are, and what happens when they fail: the pool as a value."""

from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.media.pool import core as pool_core
from sipsimple.media.pool import staffing
from sipsimple.media.pool.places import End, Grant, Ping, Refuse, Start
from sipsimple.media.settings import PoolSettings
from tests.media.pool.bench import Bench

# ------------------------------------------------------- losses and failures


def test_the_calls_of_a_lost_worker_keep_their_right_to_another():
    bench = Bench(ceiling=1)
    bench.want("leg", token="before")
    bench.ready()
    bench.later(1.0)
    bench.do(pool_core.lose, bench.worker_of("before"), "the process ended")

    assert isinstance(bench.answer_of(bench.want("newcomer")), Refuse)
    assert isinstance(bench.answer_of(bench.want("leg")), Grant)
    assert "before" not in bench.pool.places


def test_a_worker_that_may_hang_gets_no_call(bench):
    bench.do(pool_core.tick)
    numbers = {each.worker for each in bench.asked_for(Ping)}
    hanging = bench.worker_of("first")
    for number in numbers - {hanging}:
        bench.do(pool_core.answer, number)
    bench.later(0.3)
    assert bench.worker_of(bench.want("second")) != hanging
    bench.do(pool_core.answer, hanging)
    bench.later(1.0)
    assert bench.worker_of(bench.want("third", beside="first")) == hanging


def test_a_worker_is_pinged_once_until_it_answers(bench):
    bench.do(pool_core.tick)
    bench.do(pool_core.tick)
    assert len(bench.asked_for(Ping)) == len(bench.pool.workers)


def test_failed_starts_are_repeated_later_and_later_one_at_a_time():
    bench = Bench(tries=3)
    token = bench.want("leg")
    waits = []
    for _ in range(14):
        number = next(iter(bench.pool.workers), None)
        if number is None:
            waits.append(bench.pool.retry_at - bench.now)
            assert bench.later(waits[-1]) != ()
            assert len(bench.pool.workers) == 1
        else:
            bench.do(pool_core.lose, number, "no memory")
    assert waits == sorted(waits)
    assert waits[-1] <= staffing.LONGEST_BACKOFF
    assert bench.answer_of(token) == Refuse(
        token, "leg", 503, "audio is not available: 3 workers in a row could not be started: no memory"
    )


def test_while_starts_fail_a_wish_is_refused_at_once_and_served_again_when_one_succeeds():
    bench = Bench(tries=2, spare=1)
    bench.want("leg")
    while bench.pool.workers:
        bench.do(pool_core.lose, next(iter(bench.pool.workers)), "no memory")
    assert isinstance(bench.answer_of(bench.want("unlucky")), Refuse)
    bench.later(bench.pool.retry_at - bench.now)
    bench.ready()
    assert isinstance(bench.answer_of(bench.want("lucky")), Grant)
    assert bench.pool.failures == 0


def test_an_old_worker_that_lives_does_not_hide_that_new_ones_fail(bench):
    bench.want("second")
    for _ in range(2):
        newest = max(bench.pool.workers)
        bench.do(pool_core.lose, newest, "no memory")
    failures = bench.pool.failures
    bench.do(pool_core.answer, bench.worker_of("first"))
    assert bench.pool.failures == failures > 0


def test_a_worker_that_dies_as_soon_as_it_is_ready_is_a_failed_start():
    bench = Bench(spare=1)
    bench.want("leg")
    bench.release("leg-1")
    bench.ready()
    bench.do(pool_core.lose, 1, "the process ended")
    bench.do(pool_core.lose, 2, "the process ended")
    assert bench.pool.failures == 2


# ------------------------------------------------------ growing and shrinking


def test_the_empty_ones_beyond_the_spare_are_ended_when_idle(bench):
    tokens = []
    for number in range(8):
        tokens.append(bench.want(f"leg-{number}"))
        bench.ready()
        bench.later(1.0)
    bench.release("first", *tokens)
    most = len(bench.pool.workers)
    bench.now += 28.0
    bench.do(pool_core.tick)
    assert len(bench.pool.workers) == most
    bench.now += 3.0
    bench.do(pool_core.tick)
    assert len(bench.pool.workers) == 1
    assert len(bench.asked_for(End)) == most - 1


def test_a_worker_that_has_served_long_enough_gets_no_call_and_ends_when_empty():
    bench = Bench(calls_per_worker=2)
    first, second = bench.want("a"), None
    bench.ready()
    bench.later(1.0)
    second = bench.want("b")
    worker = bench.worker_of(first)
    assert bench.worker_of(second) == worker
    bench.later(1.0)
    assert bench.worker_of(bench.want("c")) != worker
    bench.release(first)
    assert not bench.asked_for(End)
    bench.release(second)
    assert bench.asked_for(End) == [End(worker)]


def test_other_settings_retire_every_worker(bench):
    bench.do(pool_core.configure, PoolSettings(ceiling=9))
    assert bench.asked_for(End) == [End(2)]
    bench.ready()
    assert bench.worker_of(bench.want("second")) > 2


def test_the_port_range_limits_the_workers_and_each_has_its_own_ports():
    settings = PoolSettings(port_range=(50001, 50033))
    assert [settings.ports(block) for block in range(settings.port_blocks)] == [(50002, 16), (50018, 16)]
    bench = Bench(port_range=(50001, 50033), spare=1)
    for number in range(9):
        bench.want(f"leg-{number}")
        bench.ready()
        bench.later(1.0)
    assert sorted(each.block for each in bench.pool.workers.values()) == [0, 1]
    assert bench.answer_of("leg-8-9").reason == "all 2 audio workers are full"
    bench.do(pool_core.lose, 1, "the process ended")
    assert bench.asked_for(Start)[-1].block == bench.asked_for(Start)[0].block


@pytest.mark.parametrize(
    "wrong",
    [
        {"ceiling": 0},
        {"spare": -1},
        {"tries": 0},
        {"calls_per_worker": 0},
        {"ping_interval": 2.0, "ping_limit": 2.0},
        {"port_range": (50000, 50014)},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(LocalProtocolError):
        PoolSettings(**wrong)
