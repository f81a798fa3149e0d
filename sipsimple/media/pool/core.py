"""What the pool does when something happens: `step(pool, ..., now) -> (pool, outputs)`.

After each thing that happened the pool settles: wishes are served, workers that
are done are ended, missing ones are started.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media.pool import placement, staffing
from sipsimple.media.pool.placement import put, vacate
from sipsimple.media.pool.places import Close, Grant, Leg, Outputs, Ping, Pool, Refuse, Step, Wish
from sipsimple.protocols.outputs import StartTimer, StopTimer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.media.settings import PoolSettings

TOKENS_PER_LEG = 2


def want(pool: Pool, token: str, leg: Leg, beside: str | None, is_call: bool, now: float) -> Step:
    """Take a wish; the first one of all wakes the pool."""
    place = pool.places.get(token)
    if place is not None and place.worker is not None:
        return pool, (Grant(token, leg, place.worker, token not in pool.workers[place.worker].kept),)
    if any(wish.token == token for wish in pool.wishes):
        return pool, ()
    refusal = _refusal(pool, token, leg, is_call)
    if refusal is not None:
        return pool, (refusal,)
    lost = [each for each, place in pool.places.items() if place.leg is leg and place.worker is None]
    places = pool.places
    for each in lost:
        places = places.delete(each)
    wish = Wish(token, leg, beside, now + pool.settings.wait_limit, is_call)
    pool, outputs = _woken(replace(pool, places=places, wishes=(*pool.wishes, wish)))
    return settle(pool, now, outputs)


def release(pool: Pool, tokens: Iterable[str], now: float) -> Step:
    """Take back wishes and calls; those that are not known are no error."""
    outputs = []
    for token in tokens:
        pool = replace(pool, wishes=tuple(wish for wish in pool.wishes if wish.token != token))
        place = pool.places.get(token)
        if place is not None:
            pool = vacate(pool, token, now)
            if place.worker is not None:
                outputs.append(Close(place.worker, token))
    return settle(pool, now, tuple(outputs))


def report(pool: Pool, number: int, capacity: int, now: float) -> Step:
    """Take note that a worker is ready."""
    worker = pool.workers.get(number)
    if worker is None:
        return pool, ()
    worker = replace(worker, is_ready=True, capacity=capacity, since=now)
    pool = put(replace(pool, capacity=capacity), worker)
    return settle(pool, now, (StopTimer(("start", number)),))


def lose(pool: Pool, number: int, reason: str, now: float) -> Step:
    """Take note that a worker is lost, or could not be started."""
    worker = pool.workers.get(number)
    if worker is None:
        return pool, ()
    pool, outputs = staffing.remove(pool, worker, reason, now)
    return settle(pool, now, outputs)


def answer(pool: Pool, number: int, now: float) -> Step:
    """Take note of a sign of life."""
    worker = pool.workers.get(number)
    if worker is None:
        return pool, ()
    pool = put(replace(pool, failures=pool.failures_after(worker)), replace(worker, pinged_at=None))
    return settle(pool, now, (StopTimer(("silent", number)),))


def tick(pool: Pool, now: float) -> Step:
    """Do what is done now and then: ping, end idle workers, forget what was kept in vain."""
    outputs: list[object] = [StartTimer("tick", pool.settings.ping_interval)]
    silence = pool.settings.ping_limit - pool.settings.ping_interval
    for worker in tuple(pool.workers.values()):
        kept = worker.kept
        for token in [token for token, until in kept.items() if until <= now]:
            kept = kept.delete(token)
        is_due = worker.is_ready and worker.pinged_at is None
        if is_due:
            outputs += (Ping(worker.number), StartTimer(("silent", worker.number), silence))
        pool = put(pool, replace(worker, kept=kept, pinged_at=now if is_due else worker.pinged_at))
    pool, ended = staffing.shrink(pool, now)
    return settle(pool, now, (*outputs, *ended))


def configure(pool: Pool, settings: PoolSettings, now: float) -> Step:
    """Have other settings; workers made with the old ones retire."""
    pool = replace(pool, settings=settings)
    for worker in tuple(pool.workers.values()):
        pool = put(pool, replace(worker, is_retiring=True))
    return settle(pool, now)


def settle(pool: Pool, now: float, outputs: Outputs = ()) -> Step:
    """Serve, end, start; and look again when a worker that was given a call may get another."""
    pool, served = placement.serve(pool, now)
    pool, ended = staffing.retire(pool)
    pool, started = staffing.fill(pool, now)
    due = placement.next_grant(pool, now) if pool.wishes else None
    again = () if due is None else (StartTimer("grant", due - now),)
    return pool, (*outputs, *served, *ended, *started, *again)


def _refusal(pool: Pool, token: str, leg: Leg, is_call: bool) -> Refuse | None:
    if len(pool.tokens_of(leg)) >= TOKENS_PER_LEG:
        return Refuse(token, leg, 0, f"a leg can hold {TOKENS_PER_LEG} calls only")
    legs = pool.legs()
    if is_call and leg not in legs and len(legs) >= pool.settings.ceiling:
        return Refuse(token, leg, placement.UNAVAILABLE, f"limit of {pool.settings.ceiling} audio calls reached")
    return None


def _woken(pool: Pool) -> Step:
    if pool.is_awake:
        return pool, ()
    return replace(pool, is_awake=True), (StartTimer("tick", pool.settings.ping_interval),)
