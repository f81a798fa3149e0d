"""Who gets which worker: the pool as a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.media.pool import core as pool_core
from sipsimple.media.pool.placement import KEPT_SECONDS
from sipsimple.media.pool.places import Close, Grant, Refuse, Start
from sipsimple.protocols.outputs import StartTimer
from tests.media.pool.bench import Bench


def test_nothing_is_started_before_the_first_wish():
    bench = Bench()
    assert bench.do(pool_core.settle) == ()
    bench.want("leg")
    assert [each.worker for each in bench.asked_for(Start)] == [1, 2]


def test_the_fullest_worker_is_taken_so_that_others_become_empty(bench):
    tokens = []
    for number in range(7):
        tokens.append(bench.want(f"leg-{number}"))
        bench.ready()
        bench.later(1.0)
    workers = [bench.worker_of(each) for each in ("first", *tokens)]
    assert len(set(workers[:4])) == 1
    assert len(set(workers[4:])) == 1


def test_the_spare_one_is_replaced_at_once_when_it_is_taken(bench):
    for number in range(3):
        bench.want(f"leg-{number}")
        bench.later(1.0)
    started = len(bench.asked_for(Start))

    bench.want("one too many")

    assert len(bench.asked_for(Start)) == started + 1


def test_two_calls_are_never_set_up_in_one_worker_within_the_pacing():
    bench = Bench(spare=0)
    tokens = [bench.want(f"leg-{number}") for number in range(3)]
    bench.do(pool_core.report, 1, 4)
    assert [type(bench.answer_of(each)) for each in tokens] == [Grant, type(None), type(None)]
    assert StartTimer("grant", pytest.approx(0.05)) in bench.log
    bench.later(0.06)
    assert [type(bench.answer_of(each)) for each in tokens] == [Grant, Grant, type(None)]


def test_a_place_is_given_anew_after_the_pacing_only(bench):
    """The worker has to hang up first."""
    for number in range(3):
        bench.want(f"leg-{number}")
        bench.later(1.0)
    worker = bench.worker_of("first")
    bench.release("first")
    early = bench.want("early")
    assert bench.worker_of(early) != worker
    bench.later(0.06)
    assert bench.worker_of(bench.want("late")) == worker


def test_a_burst_starts_what_it_needs_and_the_spare():
    bench = Bench()
    for number in range(40):
        bench.want(f"leg-{number}")
    assert len(bench.asked_for(Start)) == 11


def test_a_burst_is_served_within_the_time_that_it_takes_to_fill_a_worker():
    bench = Bench()
    tokens = [bench.want(f"leg-{number}") for number in range(40)]
    bench.ready()
    for _ in range(4):
        bench.later(0.051)
        bench.ready()
    assert all(isinstance(bench.answer_of(each), Grant) for each in tokens)
    assert len(bench.pool.workers) <= 13


def test_the_ceiling_counts_legs_and_a_leg_that_moves_once():
    bench = Bench(ceiling=2)
    bench.want("a", token="a")
    bench.want("b")
    bench.ready()
    bench.later(1.0)

    assert bench.answer_of(bench.want("c")) == Refuse("c-3", "c", 503, "limit of 2 audio calls reached")
    assert isinstance(bench.answer_of(bench.want("a")), Grant)
    bench.later(1.0)
    assert bench.answer_of(bench.want("a")) == Refuse("a-5", "a", 0, "a leg can hold 2 calls only")


def test_the_sound_device_takes_no_call_its_place():
    bench = Bench(ceiling=4, spare=0)
    bench.want("device", token="device", is_call=False)
    tokens = [bench.want(f"leg-{number}") for number in range(4)]
    for _ in range(4):
        bench.ready()
        bench.later(1.0)
    assert all(isinstance(bench.answer_of(each), Grant) for each in ("device", *tokens))
    assert isinstance(bench.answer_of(bench.want("one too many")), Refuse)
    bench.release("device")
    assert isinstance(bench.answer_of(bench.want("another device", is_call=False)), Grant)


def test_asking_again_with_a_token_gives_the_same_answer_and_no_second_place(bench):
    bench.want("first", token="first")
    assert bench.pool.workers[bench.worker_of("first")].calls == {"first"}
    assert len([each for each in bench.asked_for(Grant) if each.token == "first"]) == 2


def test_a_wish_that_waits_can_be_taken_back():
    bench = Bench()
    token = bench.want("leg")
    bench.release(token, "never heard of")
    bench.ready()
    assert bench.answer_of(token) is None


def test_releasing_has_the_worker_hang_up(bench):
    worker = bench.worker_of("first")
    assert bench.release("first")[0] == Close(worker, "first")
    assert bench.release("first") == ()


def test_a_wish_is_refused_when_its_time_is_over():
    bench = Bench(wait_limit=5.0)
    token = bench.want("leg")
    bench.now += 5.0
    bench.do(pool_core.tick)
    assert bench.answer_of(token).reason == "no audio worker within 5 s"


# ------------------------------------------------------------- side by side


def test_beside_is_the_same_worker_while_it_has_room(bench):
    token = bench.want("second", beside="first")
    assert bench.answer_of(token) == Grant(token, "second", bench.worker_of("first"))


def test_beside_waits_for_the_pacing_of_that_worker(bench):
    bench.want("second")
    token = bench.want("third", beside="first")
    assert bench.answer_of(token) is None
    bench.later(0.06)
    assert bench.worker_of(token) == bench.worker_of("first")


def test_beside_a_full_worker_both_get_places_in_another(bench):
    for number in range(3):
        bench.want(f"leg-{number}")
        bench.later(1.0)

    moved = bench.want("second", beside="first")
    other = bench.worker_of(moved)
    assert (bench.answer_of(moved).is_beside, other == bench.worker_of("first")) == (False, False)
    for number in range(5):  # others fill what is free, not what is kept
        bench.want(f"late-{number}")
        bench.ready()
        bench.later(1.0)
    assert len(bench.pool.workers[other].calls) == 3

    followed = bench.want("first", beside=moved)
    assert bench.answer_of(followed) == Grant(followed, "first", other)
    assert bench.pool.workers[other].free == 0


@pytest.mark.parametrize("gone", ["release", "time"])
def test_a_place_is_not_kept_for_ever(bench, gone):
    for number in range(3):
        bench.want(f"leg-{number}")
        bench.later(1.0)
    moved = bench.want("second", beside="first")
    other = bench.worker_of(moved)
    assert len(bench.pool.workers[other].kept) == 1
    if gone == "release":
        bench.release(moved)
    else:
        bench.now += KEPT_SECONDS
        bench.do(pool_core.tick)
    assert len(bench.pool.workers[other].kept) == 0


def test_beside_nobody_is_refused_without_a_code(bench):
    token = bench.want("second", beside="who?")
    assert bench.answer_of(token) == Refuse(token, "second", 0, "the other call has no worker")


def test_beside_is_refused_where_a_worker_holds_one_call():
    bench = Bench()
    bench.want("first", token="first")
    bench.ready(capacity=1)
    bench.later(1.0)
    assert bench.answer_of(bench.want("second", beside="first")).reason == "a worker holds one call only"


def test_beside_starts_a_worker_when_none_has_two_places_and_no_spare_is_kept():
    bench = Bench(spare=0)
    for number in range(4):
        bench.want(f"leg-{number}", token=f"leg-{number}")
        bench.ready()
        bench.later(1.0)
    moved = bench.want("other", beside="leg-0")
    bench.ready()
    assert bench.answer_of(moved).is_beside is False


# ------------------------------------------------------------- at any time

CEILING = 10
ACTIONS = st.one_of(
    st.tuples(st.just("want"), st.integers(0, 14)),
    st.tuples(st.just("beside"), st.integers(0, 14)),
    st.tuples(st.just("release"), st.integers(0, 40)),
    st.tuples(st.just("ready"), st.integers(0, 40)),
    st.tuples(st.just("lose"), st.integers(0, 40)),
    st.tuples(st.just("answer"), st.integers(0, 40)),
    st.tuples(st.just("tick"), st.just(0)),
    st.tuples(st.just("wait"), st.integers(0, 60)),
)


def act(bench, action, value):
    numbers = sorted(bench.pool.workers)
    tokens = sorted(bench.pool.places)
    one = numbers[value % len(numbers)] if numbers else 0
    if action == "want":
        bench.want(f"leg-{value}")
    elif action == "beside" and tokens:
        bench.want(f"leg-{value}", beside=tokens[value % len(tokens)])
    elif action == "release" and tokens:
        bench.release(tokens[value % len(tokens)])
    elif action == "ready" and one and not bench.pool.workers[one].is_ready:
        bench.do(pool_core.report, one, 4)
    elif action == "lose" and one:
        bench.do(pool_core.lose, one, "lost")
    elif action == "answer" and one:
        bench.do(pool_core.answer, one)
    elif action == "tick":
        bench.do(pool_core.tick)
    elif action == "wait":
        bench.later(value / 40)


@given(st.lists(ACTIONS, max_size=120))
def test_whatever_happens_no_limit_is_passed_and_no_wish_stays_unanswered(actions):
    bench = Bench(ceiling=CEILING, port_range=(40000, 40000 + 16 * 6 - 1), calls_per_worker=9)
    last_grant: dict[int, float] = {}
    for action, value in actions:
        before = len(bench.log)
        act(bench, action, value)
        pool = bench.pool
        for grant in bench.log[before:]:
            if isinstance(grant, Grant):
                assert bench.now - last_grant.get(grant.worker, 0.0) >= 0.05 - 1e-9
                last_grant[grant.worker] = bench.now
        assert len(pool.workers) <= 6
        assert len({each.block for each in pool.workers.values()}) == len(pool.workers)
        assert len(pool.legs()) <= CEILING
        held = {token: each.number for each in pool.workers.values() for token in each.calls}
        assert held == {token: place.worker for token, place in pool.places.items() if place.worker is not None}
        assert all(each.free >= 0 for each in pool.workers.values())

    waiting = [wish.token for wish in bench.pool.wishes]
    bench.now += bench.pool.settings.wait_limit
    bench.do(pool_core.tick)
    assert all(bench.answer_of(token) is not None for token in waiting)
