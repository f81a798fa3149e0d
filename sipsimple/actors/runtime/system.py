"""A system: one hub, one clock, the root supervisor, and the way in for foreign threads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

import gevent
from greenlet import greenlet

from sipsimple.actors.runtime.clock import Clock, HubClock
from sipsimple.actors.runtime.inlet import inlet_here
from sipsimple.actors.runtime.reply import Reply, current_thread
from sipsimple.actors.runtime.spec import ChildSpec, SupervisorSpec
from sipsimple.actors.runtime.supervisor import Supervisor
from sipsimple.actors.runtime.tree import Node, tree
from sipsimple.errors import ActorDied, LocalProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime.ref import Ref

Result = TypeVar("Result")

_ROOT = SupervisorSpec("root")
_FOR_EVER = -1.0


class System:
    """All actors of one hub; made on the thread whose hub runs them.

    Attributes:
        hub: The gevent hub.
        thread: Identity of its thread.
        post: `post(function, *args)` has the hub call the function, from any thread; it never waits, and
            returns False once the hub has ended.
        clock: The clock that every timer runs by.
        root: The root supervisor.
        actors: How many actors live, for leak checks.
        supervisors: How many supervisors live, the root included.
    """

    def __init__(self, clock: Clock | None = None, root: SupervisorSpec = _ROOT, hub: Any = None) -> None:
        self.hub = hub or gevent.get_hub()
        self.thread = current_thread()
        self.post = inlet_here().call
        self.clock: Clock = clock or HubClock(self.hub)
        self.actors = 0
        self.supervisors = 0
        self.root = Supervisor(root, self)
        self.root.begin()

    @property
    def timers(self) -> int:
        """How many timers are pending."""
        return self.clock.pending

    @overload
    def start_child(self, spec: ChildSpec, state: Any = None) -> Ref: ...
    @overload
    def start_child(self, spec: SupervisorSpec) -> Supervisor: ...

    def start_child(self, spec: ChildSpec | SupervisorSpec, state: Any = None) -> Ref | Supervisor:
        """Start a child of the root; see `Supervisor.start_child`."""
        return self.root.start_child(spec, state) if isinstance(spec, ChildSpec) else self.root.start_child(spec)

    def stop(self, reason: str = "shutdown") -> None:
        """Stop the whole tree in order; returns when it is done."""
        self.call(self.root.stop, reason)
        self.call(self.stop_clock)

    def stop_clock(self) -> None:
        """Let no timer fire any more."""
        if isinstance(self.clock, HubClock):
            self.clock.close()

    def freeze(self) -> None:
        """Do nothing any more, in a process that was forked off: its parent goes on."""
        self.stop_clock()
        self.root.freeze()

    def call(self, function: Callable[..., Result], *args: Any) -> Result:
        """Run `function` on the hub's thread and return its value, or raise its error.

        On the hub's thread itself it is called directly. From a foreign thread
        it runs in a greenlet of the hub, so that it may wait.

        Raises:
            ActorDied: The hub has ended.
        """
        if current_thread() == self.thread:
            return function(*args)
        reply = Reply()
        wait = reply.thread_gate()
        if not self.post(self._begin_call, reply, partial(function, *args)):
            raise ActorDied("the hub has ended")
        wait(_FOR_EVER)
        result: Result = reply.result()
        return result

    def _begin_call(self, reply: Reply, function: Callable[[], Any]) -> None:
        def run() -> None:
            try:
                reply.resolve(function())
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that called
                reply.fail(error)

        greenlet(run, self.hub).switch()

    def require_hub_thread(self) -> None:
        """Refuse a foreign thread."""
        if current_thread() != self.thread:
            raise LocalProtocolError("called from a foreign thread; System.call is the way in")

    def tree(self) -> Node:
        """Return the tree of supervisors and actors as it is now."""
        return tree(self.root)
