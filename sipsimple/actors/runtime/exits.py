"""How an incarnation of an actor ends, and what is told when a supervisor gives up."""

from __future__ import annotations

from typing import Any

from sipsimple.errors import ActorError
from sipsimple.protocols.values import Discreet, Value


class Killed(ActorError):
    """Somebody killed the actor: `Ref.kill()`."""


class Interrupted(BaseException):
    """Unwinds a `run()` of an actor's own that waits when the actor has to end; not for catching."""


class Exit(Value, gc=True):
    """The end of one incarnation of an actor, or of one life of a supervisor.

    Attributes:
        reason: `"normal"`, `"shutdown"` or another reason given to `stop()`; `"crashed"` or `"killed"`.
        error: What was raised; None when the end was an ordinary one.
        repeated: The incarnation before crashed too, and nothing was handled in between.
        final: It was stopped from outside for good: no policy restarts it.
    """

    reason: str
    error: BaseException | None = None
    repeated: bool = False
    final: bool = False


class GivenUp(Discreet, gc=True):
    """A supervisor has given up, because of `child`.

    Attributes:
        supervisor: Id of the supervisor that has stopped its children.
        child: Id of the child that crashed once too often.
        error: Its last error.
        state: Its last committed state; None for a supervisor.
        mailbox: The messages that it did not handle, in order.
        crashed_on: The message whose handling crashed last; None when none did.
        outbox: The committed outputs that it did not carry, in order.
    """

    HIDDEN = (
        "state",
        "mailbox",
        "crashed_on",
        "outbox",
    )

    supervisor: str
    child: str
    error: BaseException
    state: Any = None
    mailbox: tuple[Any, ...] = ()
    crashed_on: Any = None
    outbox: tuple[Any, ...] = ()
