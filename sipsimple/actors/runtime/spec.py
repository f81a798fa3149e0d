"""What a tree of actors looks like, as data: checked when it is written down, not at the first crash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime.mailbox import Overflow
from sipsimple.actors.runtime.restarts import AutoShutdown, Restart, Strategy
from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime.actor import Actor
    from sipsimple.actors.runtime.exits import GivenUp


class ChildSpec(Value, gc=True):
    """How to make one actor, and what to do when it ends.

    Attributes:
        id: Its name among the children of its supervisor.
        actor: Its class.
        args: Arguments of the class, for each incarnation the same.
        restart: Which ends are followed by a restart.
        shutdown: Seconds it has to end when asked to; 0 kills at once.
        significant: Its end counts for the supervisor's `auto_shutdown`.
        mailbox_limit: Most messages that wait; None for no limit.
        overflow: What happens beyond the limit.
    """

    id: str
    actor: type[Actor]
    args: tuple[Any, ...] = ()
    restart: Restart = Restart.PERMANENT
    shutdown: float = 5.0
    significant: bool = False
    mailbox_limit: int | None = None
    overflow: Overflow = Overflow.REFUSE

    def __post_init__(self) -> None:
        _check_child(self)
        if self.mailbox_limit is not None and self.mailbox_limit < 1:
            raise LocalProtocolError(f"mailbox_limit of {self.id!r} must be at least 1, not {self.mailbox_limit}")


class SupervisorSpec(Value, gc=True):
    """How to make one supervisor with its children.

    Attributes:
        id: Its name among the children of its own supervisor.
        strategy: Who is restarted with a child.
        intensity: Most restarts within `period` seconds; one more and it gives up.
        period: Seconds.
        auto_shutdown: Whether the end of significant children ends it.
        children: Started first to last, stopped last to first.
        restart: As for a child; a supervisor that gave up counts as crashed.
        shutdown: Seconds for all its children together; None for as long as they may take.
        significant: Its end counts for `auto_shutdown` of its own supervisor.
        when_given_up: Called once, in a greenlet of its own, after it gave up and its children are stopped.
    """

    id: str
    strategy: Strategy = Strategy.ONE_FOR_ONE
    intensity: int = 3
    period: float = 30.0
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    children: tuple[ChildSpec | SupervisorSpec, ...] = ()
    restart: Restart = Restart.PERMANENT
    shutdown: float | None = None
    significant: bool = False
    when_given_up: Callable[[GivenUp], None] | None = None

    def __post_init__(self) -> None:
        _check_child(self)
        if self.intensity < 0:
            raise LocalProtocolError(f"intensity of {self.id!r} must not be negative, not {self.intensity}")
        if self.period <= 0:
            raise LocalProtocolError(f"period of {self.id!r} must be positive, not {self.period}")
        ids = [child.id for child in self.children]
        repeated = sorted({each for each in ids if ids.count(each) > 1})
        if repeated:
            raise LocalProtocolError(f"children of {self.id!r} with the same id: {', '.join(repeated)}")
        for child in self.children:
            check_significance(self, child)


def check_significance(supervisor: SupervisorSpec, child: ChildSpec | SupervisorSpec) -> None:
    """Refuse a significant child under a supervisor that would not heed its end."""
    if child.significant and supervisor.auto_shutdown is AutoShutdown.NEVER:
        raise LocalProtocolError(f"{child.id!r} is significant, but auto_shutdown of {supervisor.id!r} is never")


def _check_child(spec: ChildSpec | SupervisorSpec) -> None:
    if not spec.id:
        raise LocalProtocolError("a child needs an id")
    if spec.significant and spec.restart is Restart.PERMANENT:
        raise LocalProtocolError(f"{spec.id!r} is permanent: it cannot be significant")
    if spec.shutdown is not None and spec.shutdown < 0:
        raise LocalProtocolError(f"shutdown of {spec.id!r} must not be negative, not {spec.shutdown}")
