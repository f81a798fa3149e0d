"""Which worker gets the next call: pure computation.

The fullest worker that can take the call now, so that workers become empty
again. One that was given a call a moment ago cannot: then an empty worker takes
it, unless many are partly filled already and have room for everybody who waits,
which is never for longer than it takes to fill one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from sipsimple.media.pool.places import Grant, Place, Pool, Refuse, Step, Wish, Worker

PARTLY_FILLED = 2
"""Workers over which calls are spread before somebody waits for the pacing."""

KEPT_SECONDS = 30.0
"""How long a place is kept for a call that is to come beside another."""

UNAVAILABLE = 503
Choice: TypeAlias = "Grant | Refuse | None"


def serve(pool: Pool, now: float) -> Step:
    """Grant or refuse what can be answered now, in the order of the wishes."""
    outputs = []
    waiting: list[Wish] = []
    for wish in pool.wishes:
        choice = choose(pool, wish, len(waiting), now)
        if choice is None:
            waiting.append(wish)
            continue
        if isinstance(choice, Grant):
            pool = _occupy(pool, wish, choice, now)
        outputs.append(choice)
    return replace(pool, wishes=tuple(waiting)), tuple(outputs)


def choose(pool: Pool, wish: Wish, ahead: int, now: float) -> Choice:
    """Answer one wish, before which so many others wait: None for not yet."""
    if now >= wish.deadline:
        return Refuse(wish.token, wish.leg, UNAVAILABLE, f"no audio worker within {pool.settings.wait_limit:g} s")
    if wish.beside is not None:
        return _choose_beside(pool, wish, wish.beside, now)
    worker = fullest(pool, 1, now)
    if worker is not None and (not worker.is_empty or _may_open(pool, ahead, now)):
        return Grant(wish.token, wish.leg, worker.number)
    return None if has_room(pool, 1) else _despair(pool, wish, now)


def fullest(pool: Pool, room: int, now: float) -> Worker | None:
    """The worker to take a call now and have room for so many, the first of those that hold most."""
    found = [each for each in pool.workers.values() if is_open(each) and each.free >= room and each.takes(now)]
    return max(found, key=lambda each: (len(each.calls), -each.number), default=None)


def has_room(pool: Pool, room: int) -> bool:
    """Tell whether a worker will have so much room, once it may be given a call."""
    return any(each.is_ready and is_open(each) and each.free >= room for each in pool.workers.values())


def is_open(worker: Worker) -> bool:
    """Tell whether it takes calls at all."""
    return not worker.is_retiring


def next_grant(pool: Pool, now: float) -> float | None:
    """When a worker with room may be given a call again; None when none is only waiting for that."""
    due = [each.next_grant for each in pool.workers.values() if each.is_ready and each.next_grant > now]
    return min(due, default=None)


def vacate(pool: Pool, token: str, now: float) -> Pool:
    """Take a call out of its worker, which gets the next one a moment later: it has to hang up first."""
    place = pool.places[token]
    pool = replace(pool, places=pool.places.delete(token))
    worker = pool.workers.get(place.worker) if place.worker is not None else None
    if worker is None:
        return pool
    kept = worker.kept.delete(token) if token in worker.kept else worker.kept
    gap = max(worker.next_grant, now + pool.settings.pacing)
    worker = replace(worker, calls=worker.calls - {token}, kept=kept, next_grant=gap, since=now)
    return put(pool, worker)


def put(pool: Pool, worker: Worker) -> Pool:
    """Set what is known of a worker."""
    return replace(pool, workers=pool.workers.set(worker.number, worker))


def _choose_beside(pool: Pool, wish: Wish, beside: str, now: float) -> Choice:
    place = pool.places.get(beside)
    worker = pool.workers.get(place.worker) if place is not None and place.worker is not None else None
    if worker is None:
        return Refuse(wish.token, wish.leg, 0, "the other call has no worker")
    if beside in worker.kept or (worker.free > 0 and is_open(worker)):
        return Grant(wish.token, wish.leg, worker.number) if worker.takes(now) else None
    if worker.capacity < 2:
        return Refuse(wish.token, wish.leg, 0, "a worker holds one call only")
    other = fullest(pool, 2, now)
    if other is not None:
        return Grant(wish.token, wish.leg, other.number, is_beside=False)
    return None if has_room(pool, 2) else _despair(pool, wish, now)


def _may_open(pool: Pool, ahead: int, now: float) -> bool:
    """Tell whether an empty worker is to be used, none of those in use can take a call now."""
    used = [each for each in pool.workers.values() if each.is_ready and is_open(each) and not each.is_empty]
    partly = [each.free for each in used if each.free > 0 and not each.is_suspicious(now)]
    return len(partly) < PARTLY_FILLED or sum(partly) <= ahead


def _despair(pool: Pool, wish: Wish, now: float) -> Choice:
    """Refuse when no worker is to be had, and none is coming."""
    workers = [each for each in pool.workers.values() if is_open(each)]
    if len(workers) >= pool.most_workers() and all(each.is_ready for each in workers):
        reason = f"all {len(workers)} audio workers are full"
    elif pool.is_failing and now < pool.retry_at:
        reason = f"audio is not available: {pool.failures} workers in a row could not be started: {pool.last_failure}"
    else:
        return None
    return Refuse(wish.token, wish.leg, UNAVAILABLE, reason)


def _occupy(pool: Pool, wish: Wish, grant: Grant, now: float) -> Pool:
    worker = pool.workers[grant.worker]
    kept = worker.kept
    if wish.beside is not None and wish.beside in kept:
        kept = kept.delete(wish.beside)
    if not grant.is_beside:
        kept = kept.set(wish.token, now + KEPT_SECONDS)
    served = worker.served + 1
    worker = replace(
        worker,
        calls=worker.calls | {wish.token},
        kept=kept,
        served=served,
        next_grant=now + pool.settings.pacing,
        is_retiring=worker.is_retiring or served >= pool.settings.calls_per_worker,
    )
    places = pool.places.set(wish.token, Place(wish.leg, worker.number, wish.is_call))
    return put(replace(pool, places=places, failures=pool.failures_after(worker)), worker)
