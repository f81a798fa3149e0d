"""A supervisor: starts its children, restarts them by its strategy, and stops them in order.

It has no greenlet while nothing happens (there is one supervisor per call). An
end that needs no waiting is settled in the greenlet that ends; whatever has to
wait for children is a job of a worker greenlet that lives while there are jobs.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, overload

from gevent import getcurrent

from sipsimple.actors.runtime.children import Child, Children
from sipsimple.actors.runtime.exits import Exit
from sipsimple.actors.runtime.giving_up import report_of, tell
from sipsimple.actors.runtime.log import error_text, log_trouble
from sipsimple.actors.runtime.restarts import Budget, affected, is_restart_due, is_shutdown_due
from sipsimple.actors.runtime.slot import Slot
from sipsimple.actors.runtime.spec import ChildSpec, SupervisorSpec, check_significance
from sipsimple.actors.runtime.worker import Worker
from sipsimple.errors import ActorDied, ActorError, LocalProtocolError
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime.ref import Ref
    from sipsimple.actors.runtime.system import System

_UNUSED = Budget()


class Supervisor:
    """One node of the tree; to be used on the hub's thread (elsewhere: through `System.call`).

    Attributes:
        spec: What it was made from.
        system: The system it belongs to.
        parent: Its own supervisor; None for the root.
        is_alive: True while it supervises.
        restarts: How often it was restarted.
        last_error: What made it give up last.
    """

    __slots__ = (
        "_budget", "_children", "_is_closing", "_is_final", "_worker", "exit", "is_alive", "is_ending", "last_error",
        "parent", "restarts", "spec", "system",
    )  # fmt: skip

    def __init__(self, spec: SupervisorSpec, system: System, parent: Supervisor | None = None) -> None:
        self.spec = spec
        self.system = system
        self.parent = parent
        self.restarts = 0
        self.last_error = ""
        self.is_alive = False
        self.is_ending = False
        self.exit: Exit | None = None
        self._budget = _UNUSED
        self._children = Children()
        self._worker = Worker(system.hub)
        self._is_closing = False
        self._is_final = False

    def __repr__(self) -> str:
        return f"<Supervisor {self.name}>"

    @property
    def name(self) -> str:
        """Path in the tree."""
        return self.spec.id if self.parent is None else f"{self.parent.name}/{self.spec.id}"

    @property
    def ref(self) -> Supervisor:
        """Itself: what `start_child` returns for it."""
        return self

    @property
    def children(self) -> tuple[Child, ...]:
        """The living children in start order, for reading."""
        return tuple(self._children.values()) if self.is_alive else ()

    def child(self, id_: str) -> Ref | Supervisor | None:
        """Return the living child of this id; None when there is none."""
        child = self._children.get(id_) if self.is_alive else None
        return None if child is None else child.ref

    # What others ask of it

    @overload
    def start_child(self, spec: ChildSpec, state: Any = None) -> Ref: ...
    @overload
    def start_child(self, spec: SupervisorSpec) -> Supervisor: ...

    def start_child(self, spec: ChildSpec | SupervisorSpec, state: Any = None) -> Ref | Supervisor:
        """Start one more child, after the others; its `__init__` has run when this returns, `started` has not.

        Args:
            spec: How to make it.
            state: Go on from this state in place of the one that `__init__` sets.

        Raises:
            LocalProtocolError: The id is taken, or the spec contradicts this supervisor's.
            ActorDied: This supervisor has ended or is ending.
        """
        self.system.require_hub_thread()
        if not self.is_alive or self._is_closing:
            raise ActorDied(f"supervisor {self.name} has ended")
        if spec.id in self._children:
            raise LocalProtocolError(f"{self.name} has a child {spec.id!r} already")
        check_significance(self.spec, spec)
        return self._children.start(self._new(spec), state).ref

    def terminate_child(self, id_: str, *, wait: bool = True) -> None:
        """Stop the child of this id, and forget it; nothing happens when there is none.

        Returns when it is done, with the same exceptions as `stop`.
        """
        self.system.require_hub_thread()
        child = self._children.get(id_)
        if child is not None:
            self._await_job(partial(self._terminate, child), child, wait)

    def stop(self, reason: str = "shutdown") -> None:
        """Stop the children, last started first, then end for good; returns when it is done.

        Called from a greenlet that belongs to it (a child's), or in a callback
        of the hub, it returns at once.
        """
        self._stop(reason, wait=True)

    def stop_soon(self, reason: str = "shutdown") -> None:
        """Begin to `stop`, and return at once."""
        self._stop(reason, wait=False)

    def _stop(self, reason: str, *, wait: bool) -> None:
        self.system.require_hub_thread()
        self._is_final = True
        if self.is_alive:
            self._is_closing = True
            self._await_job(partial(self._shut_down, reason), self, wait)

    # A life: begin, end; for its parent

    def begin(self, _state: Any = None) -> None:
        """Start the children of the spec; when one cannot be made, those before it are stopped and it raises."""
        self._budget = _UNUSED
        self._is_closing = self._is_final = False
        self.exit = None
        before, self._children = self._children, Children()
        self.is_alive = True
        self.system.supervisors += 1
        try:
            for spec in self.spec.children:
                self._children.start(before.get(spec.id) or self._new(spec))
        except BaseException:
            self.abort()
            raise

    def resume(self) -> None:
        """Begin anew, from the spec; unless it was stopped for good while it waited for this."""
        self.exit = None
        if self._is_final and self.parent is not None:
            self.parent.child_ended(self, Exit("shutdown", final=True))
            return
        self.restarts += 1
        try:
            self.begin()
        except Exception as error:  # noqa: BLE001 - a child that cannot be made is a crash like any other
            self._finish(Exit("crashed", error))

    def end(self, reason: str) -> None:
        """Stop and wait for the end, for the parent's worker; by force after `spec.shutdown` seconds."""
        self.is_ending = True
        if self.is_alive:
            self._is_closing = True
            done = self._worker.do(partial(self._shut_down, reason))
            if not done.wait(self.system.hub, self.system.clock, self.spec.shutdown):
                self.cut()
                done.wait(self.system.hub, self.system.clock, None)
        self.exit = None
        self.is_ending = False

    def cut(self) -> None:
        """End every actor below by force."""
        self._children.cut()

    def freeze(self) -> None:
        """Have no actor below do anything any more: they go on in another process."""
        self._is_closing = True
        self._children.freeze()

    def abort(self) -> None:
        """Cut and close everything below at once, for a tree that could not be made."""
        self._is_closing = True
        self._children.abort()
        self._die()

    def close(self) -> None:
        """Forget the children, when the parent forgets this supervisor."""
        self._children.close()

    def let_go(self) -> None:
        """Hold nothing that leads back here: it was forgotten and never begins again."""
        self.spec = replace(self.spec, children=(), when_given_up=None)

    # What its children tell

    def child_ended(self, child: Child, outcome: Exit) -> None:
        """Settle the end of a child: forget it, or make its restart a job. Does not wait."""
        if child.is_ending or self._is_closing:
            return
        if not outcome.final and is_restart_due(child.spec.restart, outcome.error is not None):
            self._worker.do(partial(self._restart, child, outcome))
            return
        self._children.forget(child)
        if is_shutdown_due(self.spec.auto_shutdown, child.spec.significant, self._children.significant):
            self._is_closing = True
            if self._children:
                self._worker.do(partial(self._shut_down, "shutdown"))
            else:  # nobody to wait for
                self._shut_down("shutdown")

    def owns(self, current: Any) -> bool:
        """Tell whether a greenlet is the worker of this supervisor or works below it."""
        return self._worker.greenlet is current or self._children.include(current)

    # Jobs of the worker, and what they share

    def _new(self, spec: ChildSpec | SupervisorSpec) -> Child:
        return Slot(spec, self) if isinstance(spec, ChildSpec) else Supervisor(spec, self.system, self)

    def _await_job(self, job: Callable[[], None], ending: Child, wait: bool) -> None:
        done = self._worker.do(job)
        current = getcurrent()
        cannot_wait = current in (self.system.hub, self._worker.greenlet) or ending.owns(current)
        if wait and not cannot_wait:
            done.wait(self.system.hub, self.system.clock, None)

    def _terminate(self, child: Child) -> None:
        child.end("shutdown")
        self._children.forget(child)

    def _restart(self, child: Child, outcome: Exit) -> None:
        if child.exit is not outcome or self._is_closing:
            return  # settled meanwhile, with a sibling or by a stop
        now = self.system.clock.now()
        self._budget, is_allowed = self._budget.spend(now, self.spec.intensity, self.spec.period)
        if outcome.repeated or not is_allowed:
            self._give_up(child, outcome)
            return
        ids = affected(self.spec.strategy, tuple(self._children), child.spec.id)
        for each in reversed(ids):
            if not self._is_closing:
                self._children.end_for_restart(each)
        for each in ids:
            again = self._children.get(each)
            if again is not None and not self._is_closing:
                again.resume()

    def _give_up(self, child: Child, outcome: Exit) -> None:
        error = outcome.error or ActorError(f"{child.name} ended too often")
        self._is_closing = True
        self.last_error = error_text(error)
        log_trouble("supervisor.given_up", supervisor=self.name, child=child.spec.id, error=self.last_error)
        self._children.end(self.spec.children, except_for=child)
        report = report_of(self, child, error)
        self._children.end(self.spec.children)
        tell(self, self.spec.when_given_up, report)  # before the parent hears of the end
        self._finish(Exit("given up", error, final=self._is_final))

    def _shut_down(self, reason: str) -> None:
        if self.is_alive:
            self._children.end(self.spec.children)
            self._finish(Exit(reason, final=self._is_final))

    def _finish(self, outcome: Exit) -> None:
        self._die()
        self.exit = outcome
        if self.parent is not None:
            self.parent.child_ended(self, outcome)

    def _die(self) -> None:
        if self.is_alive:
            self.is_alive = False
            self.system.supervisors -= 1
