"""What the pool knows, as a value: workers, the calls that have a place in them, and wishes; and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, TypeAlias

from immutables import Map

if TYPE_CHECKING:
    from sipsimple.media.settings import PoolSettings

SUSPICIOUS_AFTER = 0.2
"""Seconds that a ping may be unanswered before the worker gets no new call."""

CAPACITY = 4
"""Calls that a worker is taken to hold before the first one has said."""

Leg: TypeAlias = Any
"""A `Ref`; for the core only somebody."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker.

    Attributes:
        number: Its name.
        block: Its block of the RTP port range.
        since: When it was started, became ready, or was emptied.
        capacity: Calls that it can hold.
        is_ready: It has reported.
        calls: Tokens of those that it holds.
        kept: Tokens of calls beside which a place is kept, and until when.
        served: Calls that it was ever given.
        next_grant: When it may get the next call: they must not come too fast.
        pinged_at: Since when a ping is unanswered; None when none is.
        is_retiring: It gets no new calls and is ended when it is empty.
    """

    number: int
    block: int
    since: float
    capacity: int
    is_ready: bool = False
    calls: frozenset[str] = frozenset()
    kept: Map[str, float] = field(default_factory=Map)
    served: int = 0
    next_grant: float = 0.0
    pinged_at: float | None = None
    is_retiring: bool = False

    @property
    def free(self) -> int:
        """Places that nobody has and that are kept for nobody."""
        return self.capacity - len(self.calls) - len(self.kept)

    @property
    def is_empty(self) -> bool:
        """True when it holds no call and is to hold none."""
        return not self.calls and not self.kept

    def is_suspicious(self, now: float) -> bool:
        """Tell whether it may hang."""
        return self.pinged_at is not None and now - self.pinged_at >= SUSPICIOUS_AFTER

    def takes(self, now: float) -> bool:
        """Tell whether a new call can be given to it now, if it has room."""
        return self.is_ready and not self.is_suspicious(now) and self.next_grant <= now


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is. The worker is None when it is lost: the leg keeps its right to another."""

    leg: Leg
    worker: int | None
    is_call: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """What `Wanted` asked for, and until when it can be met."""

    token: str
    leg: Leg
    beside: str | None
    deadline: float
    is_call: bool = True


@dataclass(frozen=True, slots=True)
class Pool:
    """All of it.

    Attributes:
        settings: Limits.
        workers: By number.
        places: By token.
        wishes: That are not answered, first come first.
        next_number: Of the next worker.
        capacity: Of a worker, as the last one said.
        failures: Starts in a row that failed.
        last_failed: Number of the last worker that could not be started.
        last_failure: Why.
        retry_at: No start before.
        is_awake: Audio was needed once.
    """

    settings: PoolSettings
    workers: Map[int, Worker] = field(default_factory=Map)
    places: Map[str, Place] = field(default_factory=Map)
    wishes: tuple[Wish, ...] = ()
    next_number: int = 1
    capacity: int = CAPACITY
    failures: int = 0
    last_failed: int = 0
    last_failure: str = ""
    retry_at: float = 0.0
    is_awake: bool = False

    def __repr__(self) -> str:
        return f"<Pool {len(self.places)} calls, {len(self.wishes)} wishes, {len(self.workers)} workers>"

    def tokens_of(self, leg: Leg) -> list[str]:
        """The calls of a leg, and its wishes."""
        held = [token for token, place in self.places.items() if place.leg is leg and place.worker is not None]
        return held + [wish.token for wish in self.wishes if wish.leg is leg]

    def legs(self) -> set[Leg]:
        """Everybody who has or wants a call, or has lost a worker; not the sound device."""
        return {each.leg for each in (*self.places.values(), *self.wishes) if each.is_call}

    @property
    def is_failing(self) -> bool:
        """True when so many starts failed that wishes are not to wait for the next one."""
        return self.failures >= self.settings.tries

    def failures_after(self, worker: Worker) -> int:
        """Count the failed starts anew now that `worker` has done something: one that is younger ends the row."""
        return 0 if worker.number > self.last_failed else self.failures

    def most_workers(self) -> int:
        """How many workers may be open at once: for all calls, the sound device, and the spare ones."""
        settings = self.settings
        return min(ceil((settings.ceiling + 1) / self.capacity) + settings.spare, settings.port_blocks)


# ------------------------------------------------------------------ outputs


@dataclass(frozen=True, slots=True)
class Grant:
    """Tell the leg that its call has a place."""

    token: str
    leg: Any
    worker: int
    is_beside: bool = True


@dataclass(frozen=True, slots=True)
class Refuse:
    """Tell the leg that there is none."""

    token: str
    leg: Any
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """Have the worker forget a call."""

    worker: int
    token: str


@dataclass(frozen=True, slots=True)
class Start:
    """Start a worker."""

    worker: int
    block: int


@dataclass(frozen=True, slots=True)
class End:
    """End a worker that nobody needs."""

    worker: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask a worker for a sign of life."""

    worker: int


Outputs: TypeAlias = tuple[Any, ...]
Step: TypeAlias = tuple[Pool, Outputs]
