"""How many workers there are: pure computation.

As many as the calls need, and the spare ones; a spare one that is taken is
replaced at once. The number is bounded: by the ceiling of calls, by the RTP port
range, and after a failed start by one try at a time, later and later.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from sipsimple.media.pool.placement import has_room, is_open, put
from sipsimple.media.pool.places import End, Outputs, Pool, Start, Step, Worker
from sipsimple.protocols.outputs import StartTimer, StopTimer

LONGEST_BACKOFF = 30.0
FIRST_BACKOFF = 0.1
PROVEN_AFTER = 5.0
"""Seconds after which a worker that served nobody and dies is no failed start any more."""


def backoff(failures: int) -> float:
    """Seconds until the next start, after so many failed ones: the first is repeated at once."""
    return 0.0 if failures < 2 else min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(failures - 2, 20))


def fill(pool: Pool, now: float) -> Step:
    """Start the workers that are missing."""
    outputs: list[object] = []
    for _ in range(_missing(pool, now)):
        number = pool.next_number
        worker = Worker(number, _free_block(pool), now, pool.capacity)
        pool = put(replace(pool, next_number=number + 1), worker)
        outputs += (Start(number, worker.block), StartTimer(("start", number), pool.settings.ready_limit))
    return pool, tuple(outputs)


def retire(pool: Pool) -> Step:
    """End the empty ones that have served long enough."""
    return _end(pool, [each for each in pool.workers.values() if each.is_retiring and each.is_empty])


def shrink(pool: Pool, now: float) -> Step:
    """End the empty ones beyond the spare, when nobody has needed them for a while."""
    if pool.wishes:
        return pool, ()
    empty = [each for each in pool.workers.values() if each.is_ready and each.is_empty]
    idle = [each for each in empty if now - each.since >= pool.settings.idle_seconds]
    idle.sort(key=lambda each: each.served, reverse=True)
    return _end(pool, idle[: max(0, len(empty) - pool.settings.spare)])


def remove(pool: Pool, worker: Worker, reason: str, now: float) -> Step:
    """Forget a worker that is lost; its calls keep their right to another place. A failed start is counted."""
    places = pool.places.mutate()
    for token in worker.calls:
        places[token] = replace(places[token], worker=None)
    pool = replace(pool, workers=pool.workers.delete(worker.number), places=places.finish())
    outputs: Outputs = stop_timers(worker)
    if worker.is_ready and (worker.served or now - worker.since >= PROVEN_AFTER):
        return pool, outputs
    failures = pool.failures + 1
    delay = backoff(failures)
    pool = replace(pool, failures=failures, last_failed=worker.number, last_failure=reason, retry_at=now + delay)
    return pool, (*outputs, StartTimer("retry", delay))


def stop_timers(worker: Worker) -> Outputs:
    """Stop what runs for a worker."""
    return StopTimer(("start", worker.number)), StopTimer(("silent", worker.number))


def _missing(pool: Pool, now: float) -> int:
    if not pool.is_awake:
        return 0
    workers = list(pool.workers.values())
    starting = sum(not each.is_ready for each in workers)
    can_open = pool.most_workers() - sum(is_open(each) for each in workers)
    blocks = pool.settings.port_blocks - len(workers)
    most = min(can_open, blocks)
    if pool.failures:  # one try at a time
        most = min(most, int(not starting and now >= pool.retry_at))
    return max(0, min(_wanted_empty(pool, now) - _empty(pool, now), most))


def _empty(pool: Pool, now: float) -> int:
    """Workers that are or will be empty; while somebody waits, one that may hang is none."""
    return sum(each.is_empty for each in _reliable(pool, now))


def _wanted_empty(pool: Pool, now: float) -> int:
    room = sum(max(0, each.free) for each in _reliable(pool, now) if not each.is_empty)
    unmet = max(0, len(pool.wishes) - room)
    wants_two = any(wish.beside is not None for wish in pool.wishes) and not has_room(pool, 2)
    return pool.settings.spare + max(ceil(unmet / pool.capacity), int(wants_two))


def _reliable(pool: Pool, now: float) -> list[Worker]:
    found = [each for each in pool.workers.values() if is_open(each)]
    return [each for each in found if not each.is_suspicious(now)] if pool.wishes else found


def _free_block(pool: Pool) -> int:
    taken = {each.block for each in pool.workers.values()}
    return next(block for block in range(len(taken) + 1) if block not in taken)


def _end(pool: Pool, ending: list[Worker]) -> Step:
    workers = pool.workers
    outputs: list[object] = []
    for each in ending:
        workers = workers.delete(each.number)
        outputs += (*stop_timers(each), End(each.number))
    return replace(pool, workers=workers), tuple(outputs)
