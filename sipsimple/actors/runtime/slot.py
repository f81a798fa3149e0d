"""The slot of one actor: what outlives its incarnations, and the greenlet that runs the present one.

The slot owns the mailbox, the last committed state, the outputs that are still
to be carried, and the timers. An incarnation is one instance of the actor's
class in one greenlet; how it ends is told to the supervisor, and nobody else
catches what an actor raises.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from gevent import GreenletExit, getcurrent
from greenlet import greenlet

from sipsimple.actors.runtime.exits import Exit, Interrupted
from sipsimple.actors.runtime.log import error_text, log_crash, log_trouble
from sipsimple.actors.runtime.mailbox import Mailbox
from sipsimple.actors.runtime.messages import StopAsked
from sipsimple.actors.runtime.ref import Ref
from sipsimple.actors.runtime.reply import Question, Reply, fail_all
from sipsimple.errors import ActorDied
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.actors.runtime.actor import Actor
    from sipsimple.actors.runtime.clock import Clock
    from sipsimple.actors.runtime.spec import ChildSpec
    from sipsimple.actors.runtime.supervisor import Supervisor
    from sipsimple.actors.runtime.timers import Timers


class Slot:
    """The place of one actor in the tree; everything here belongs to the hub's thread.

    Attributes:
        actor: The present incarnation; None between two of them.
        attending: The incarnation while it takes messages.
        outbox: Committed outputs that are still to be carried; None for none.
        held: The question that is being handled.
        crashed_on: The message whose handling crashed last; None before any did.
        exit: How the last incarnation ended, while its supervisor has not decided.
        has_handled: A message was handled since the last crash.
        is_ending: The supervisor is stopping it.
    """

    __slots__ = (
        "_deferred", "_ended", "_has_crashed", "_is_condemned", "_is_leaving", "_keeps_state", "_stop_reason",
        "actor", "attending", "crashed_on", "exit", "greenlet", "has_handled", "held", "is_carrying", "is_ending",
        "last_error", "mailbox", "outbox", "ref", "restarts", "spec", "state", "supervisor", "timers",
    )  # fmt: skip

    def __init__(self, spec: ChildSpec, supervisor: Supervisor) -> None:
        self.spec = spec
        self.supervisor = supervisor
        self.mailbox = Mailbox(supervisor.system.hub, spec.mailbox_limit, spec.overflow)
        self.mailbox.close()  # until it begins
        self.ref = Ref(self)
        self.actor: Actor | None = None
        self.greenlet: Any = None
        self.state: Any = None
        self.restarts = 0
        self.last_error = ""
        self.timers: Timers | None = None
        self.is_ending = False
        self._deferred: list[Question] | None = None
        self._ended: Reply | None = None

    def _forget_history(self) -> None:
        self.attending: Actor | None = None
        self.outbox: deque[Any] | None = None
        self.is_carrying = False
        self.held: Question | None = None
        self.crashed_on: Any = None
        self.exit: Exit | None = None
        self.has_handled = self._has_crashed = self._keeps_state = False

    @property
    def name(self) -> str:
        """Path in the tree of supervisors."""
        return f"{self.supervisor.name}/{self.spec.id}"

    @property
    def clock(self) -> Clock:
        """The clock of the system."""
        return self.supervisor.system.clock

    # A life: begin, resume after each crash, close

    def begin(self, state: Any = None) -> None:
        """Make the first incarnation; `state` in place of the one that its `__init__` sets.

        Raises: whatever `__init__` raises.
        """
        self._forget_history()
        self.state = state
        self._keeps_state = state is not None
        self.mailbox.reopen()
        self.supervisor.system.actors += 1
        try:
            actor = self._incarnate()
        except BaseException:
            self.actor = None
            raise
        self._start(actor, is_first=True)

    def resume(self) -> None:
        """Make the next incarnation, from the last committed state."""
        self.exit = None
        self.restarts += 1
        self._keeps_state = True
        try:
            actor = self._incarnate()
        except Exception as error:  # noqa: BLE001 - a crash in __init__ takes the road of every crash
            self._end_incarnation(self.actor, self._exit_by(error))
        else:
            self._start(actor, is_first=False)

    def close(self) -> None:
        """End for good: no timer, no message, no waiting asker is left."""
        if self.mailbox.is_closed:
            return
        self.supervisor.system.actors -= 1
        if self.timers is not None:
            self.timers.stop_all()
            self.timers = None
        waiting = self.mailbox.close()
        if waiting:
            fail_all(waiting, f"{self.name} has ended", None)
        self.outbox = self.exit = None

    def let_go(self) -> None:
        """Hold nothing that leads back here, so that a child that is forgotten goes at once, without the collector."""
        self.spec = replace(self.spec, args=())
        if hasattr(self, "ref"):
            del self.ref

    def _incarnate(self) -> Actor:
        cls = self.spec.actor
        actor = cls.__new__(cls)
        actor.slot = self
        self.actor = actor
        cls.__init__(actor, *self.spec.args)
        self._keeps_state = False
        return actor

    def _start(self, actor: Actor, *, is_first: bool) -> None:
        self.attending = actor
        self._is_condemned = False
        self._is_leaving = False
        self._stop_reason: str | None = None
        hub = self.supervisor.system.hub
        self.greenlet = greenlet(Slot._live, hub)  # not bound: it would be kept as long as the incarnation lives
        hub.loop.run_callback(self.greenlet.switch, self, actor, is_first)

    def _live(self, actor: Actor, is_first: bool) -> None:
        if self.actor is not actor:
            return  # aborted before its first turn
        try:
            try:
                (actor.started if is_first else actor.restarted)()
                actor.carry_rest()
                actor.run()
            except Interrupted:
                pass
            if self.actor is not actor:
                return  # abandoned
            self._is_leaving = True
            reason = self._stop_reason or "normal"
            actor.stopped(reason)
        except (KeyboardInterrupt, SystemExit) as error:
            self._end_incarnation(actor, self._exit_by(error))
            raise
        except BaseException as error:  # noqa: BLE001 - the one place that catches what an actor raises
            # no local name for the outcome: error, traceback, frame and name would be a cycle
            self._end_incarnation(actor, self._exit_by(error))
        else:
            self._end_incarnation(actor, Exit(reason))

    def _exit_by(self, error: BaseException) -> Exit:
        if self._is_condemned and isinstance(error, GreenletExit):
            return Exit("killed")
        is_repeated = self._has_crashed and not self.has_handled and not self.spec.actor.has_own_loop
        self._has_crashed = True
        self.has_handled = False
        return Exit("crashed", error, is_repeated)

    def _end_incarnation(self, actor: Actor | None, outcome: Exit) -> None:
        if self.actor is not actor or actor is None:
            return  # abandoned before
        self.actor = self.attending = self.greenlet = None
        self.is_carrying = False
        self.outbox = deque(self.outbox) if self.outbox else None
        self._fail_questions(outcome)
        self.exit = outcome
        try:
            actor.incarnation_ended()
        except Exception as error:  # noqa: BLE001 - tidying up must not keep the supervisor from hearing of the end
            log_trouble("actor.tidying_failed", actor=self.name, error=error_text(error))
        if outcome.error is not None:
            self.last_error = error_text(outcome.error)
            log_crash(self.name, outcome.error, self.restarts, actor.log)
        self.supervisor.child_ended(self, outcome)
        if self._ended is not None:
            self._ended.resolve()

    # Questions that the present incarnation holds

    def defer(self, question: Question) -> None:
        """Keep a question that will be answered later, so that it fails if the incarnation ends first."""
        waiting = [each for each in self._deferred or () if not each.is_done]
        self._deferred = [*waiting, question]

    def _fail_questions(self, outcome: Exit) -> None:
        if self.held is None and self._deferred is None:
            return
        held = ([self.held] if self.held is not None else []) + (self._deferred or [])
        self.held = self._deferred = None
        fail_all(held, f"{self.name} {outcome.reason} while it held the question", outcome.error)

    def commit(self, actor: Actor, state: Any) -> None:
        """Set the state directly; ignored in the `__init__` of an incarnation that goes on from a state."""
        if self.actor is not actor:
            raise ActorDied(f"this incarnation of {self.name} has ended")
        if not self._keeps_state:
            self.state = state

    # Stopping and killing

    def leave(self, reason: str) -> None:
        """Take no further message."""
        self._stop_reason = self._stop_reason or reason
        self.attending = None

    def ask_to_stop(self, reason: str) -> None:
        """Have the incarnation end in the ordinary way, as soon as it can."""
        if self.spec.actor.has_own_loop:
            self.leave(reason)
            self._throw_soon(Interrupted())
        elif self.greenlet is getcurrent():
            self.leave(reason)
        else:
            self.mailbox.put_system(StopAsked(reason), first=True)

    def kill(self, error: BaseException) -> None:
        """Crash the incarnation as if it had raised `error`."""
        if self.greenlet is getcurrent():
            raise error
        self._throw_soon(error)

    def cut(self) -> None:
        """End the incarnation by force; one that clings to life is abandoned."""
        if self.greenlet is not None:
            self._is_condemned = True
            self._throw_soon(GreenletExit())

    def owns(self, current: Any) -> bool:
        """Tell whether the greenlet `current` is the incarnation's."""
        return self.greenlet is current

    def abort(self) -> None:
        """Close at once, for a tree that could not be made: what had no turn yet never gets one."""
        if self.greenlet:
            self.cut()
        else:
            self.actor = self.attending = self.greenlet = None
        self.close()

    def freeze(self) -> None:
        """Do nothing any more, and tell nobody: the actor goes on in another process."""
        self.mailbox.close()
        self.actor = self.attending = None

    def end(self, reason: str) -> None:
        """Stop and wait for the end: at most the shutdown time, then by force. For the supervisor's worker."""
        self.is_ending = True
        if self.greenlet is not None:
            system = self.supervisor.system
            self._ended = ended = Reply()
            if self.spec.shutdown > 0:
                self.ask_to_stop(reason)
                ended.wait(system.hub, system.clock, self.spec.shutdown)
            if not ended.is_done:
                self.cut()
                ended.wait(system.hub, system.clock, None)
            self._ended = None
            self.mailbox.take_back_stop()
        self.exit = None
        self.is_ending = False

    def _throw_soon(self, error: BaseException) -> None:
        if self.greenlet is not None:
            self.supervisor.system.hub.loop.run_callback(self._throw, self.greenlet, error)

    def _throw(self, target: Any, error: BaseException) -> None:
        actor = self.actor
        if self.greenlet is not target or (self._is_leaving and isinstance(error, Interrupted)):
            return
        target.throw(error)  # it had its first turn: that was queued before this
        if self._is_condemned and self.actor is actor:
            log_trouble("actor.abandoned", actor=self.name)
            self._end_incarnation(actor, Exit("killed"))
