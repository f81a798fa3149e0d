"""What audio legs, the pool of workers and the switchboard tell each other.

A token names one call in one worker: 16 hex characters, never used again. A leg
that moves asks with a new token, and gives the old one back when it no longer
needs it.

What a worker itself tells of a call (`wire.Flowing`, `wire.Closed`,
`wire.GotDigit`, `wire.PlayingEnded`, `wire.Recording`, `wire.Recorded`,
`wire.Refused`, and each `wire.Statistics` of a `wire.Pong`) is told to the leg as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref
    from sipsimple.media.pool.worker_link import WorkerLink
    from sipsimple.media.settings import PoolSettings
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transport import Flow

TOKEN_LENGTH = 16

# ---------------------------------------------------------- leg to pool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A leg asks for room for one call; `Granted` or `Refused` answers, always, within `PoolSettings.wait_limit`.

    Asking again with the same token is no second wish: the answer comes again.
    A leg may hold two tokens, the second one to move; it is counted once for the ceiling.

    Attributes:
        token: Of the call to be.
        leg: Who is told.
        beside: Token of a call to share a worker with; None: any worker.
        is_call: It counts for the ceiling; the sound device does not.
    """

    token: str
    leg: Ref
    beside: str | None = None
    is_call: bool = True


@dataclass(frozen=True, slots=True)
class Released:
    """A leg needs the room, or the answer to its wish, no more; the pool has the worker `Close` the call.

    Said any number of times. For a leg that has ended the pool says it itself, a moment later.
    """

    token: str


# ---------------------------------------------------------- pool to leg


@dataclass(frozen=True, slots=True)
class Granted:
    """There is room, and the pacing is waited for: the leg sends `Open` at once.

    Attributes:
        token: As asked.
        worker: Where.
        is_beside: False when `beside` was asked for and that worker is full. Then this is another worker, in which
            room for one more call is kept, for `placement.KEPT_SECONDS`: the other leg follows with
            `Wanted(new token, leg, beside=this token)`.
    """

    token: str
    worker: WorkerLink
    is_beside: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """There is no room.

    Attributes:
        token: As asked.
        code: 503, or 0 when only the wish to be `beside` cannot be met.
        reason: For people, naming the limit.
    """

    token: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """The worker of a granted call is dead, hangs or speaks garbage; it is killed, and the token is void.

    The leg's place below the ceiling is kept until it asks again or says `Released`.
    """

    token: str
    reason: str


# ---------------------------------------------------- switchboard to leg


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """A SIP request of the leg's worker; its responses go to `flow`."""

    request: Request
    flow: Flow


@dataclass(frozen=True, slots=True)
class WorkerResponse:
    """A SIP response of the leg's worker."""

    response: Response


@dataclass(frozen=True, slots=True)
class Configured:
    """The engine's settings are others now: workers with the old ones get no more calls and end with their last."""

    settings: PoolSettings


# --------------------------------------------------------- worker to pool


@dataclass(frozen=True, slots=True)
class Reported:
    """The worker is ready: `WorkerLink.ready` is set."""

    number: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The worker answered the last ping."""

    number: int


@dataclass(frozen=True, slots=True)
class Gone:
    """The worker is lost; its legs are told after this."""

    number: int
    reason: str
    legs: int = 0


@dataclass(frozen=True, slots=True)
class ZygoteGone:
    """The zygote is lost.

    Attributes:
        reason: For the log.
        has_served: It had forked before.
    """

    reason: str
    has_served: bool
