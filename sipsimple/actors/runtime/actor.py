"""What an actor is: a greenlet, a mailbox, a state that only steps replace, and outputs to carry."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar

from structlog import is_configured

from sipsimple.actors.runtime.exits import Interrupted
from sipsimple.actors.runtime.log import SILENT, Logger, get_logger
from sipsimple.actors.runtime.messages import StopAsked, TimerFired
from sipsimple.actors.runtime.reply import Question
from sipsimple.actors.runtime.tables import Table, carries, handles, is_carried_again, message_table, output_table
from sipsimple.actors.runtime.timers import DueTimer, Timers
from sipsimple.errors import ActorDied, ActorError
from sipsimple.protocols.outputs import StartTimer, StopTimer, StopTimers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from sipsimple.actors.runtime.clock import Clock
    from sipsimple.actors.runtime.ref import Ref
    from sipsimple.actors.runtime.slot import Slot
    from sipsimple.actors.runtime.supervisor import Supervisor

BATCH = 200
"""Messages that an actor handles before everybody else who is ready gets a turn."""

DEFERRED = object()
"""Returned by a method that handles a question and answers it later."""


class Actor:
    """Base of every actor.

    A subclass sets `self.state` in `__init__`, marks methods with
    `@handles(MessageType)` and `@carries(OutputType)`, and feeds its core
    through `advance`. Every attribute below can be used in `__init__` already.

    Attributes:
        state: The last committed state. It survives a crash: what `__init__` sets in a restart is ignored.
        ref: What others hold of this actor; outlives restarts.
        name: Path in the tree of supervisors.
        log: Logger bound to the name.
        clock: For reading the time; timers go through `start_timer`.
        supervisor: The supervisor of this actor.
    """

    message_rows: ClassVar[Table]
    output_rows: ClassVar[Table]
    has_own_loop: ClassVar[bool] = False
    slot: Slot
    _log: Logger = SILENT  # ten thousand idle actors have none of their own where nobody listens

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.message_rows = message_table(cls)
        cls.output_rows = output_table(cls)
        cls.has_own_loop = cls.run is not Actor.run

    @property
    def state(self) -> Any:
        """The last committed state."""
        return self.slot.state

    @state.setter
    def state(self, value: Any) -> None:
        self.slot.commit(self, value)

    @property
    def ref(self) -> Ref:
        """What others hold of this actor."""
        return self.slot.ref

    @property
    def name(self) -> str:
        """Path in the tree of supervisors."""
        return self.slot.name

    @property
    def clock(self) -> Clock:
        """The clock that this actor's timers run by."""
        return self.slot.clock

    @property
    def supervisor(self) -> Supervisor:
        """The supervisor of this actor, for starting and stopping siblings."""
        return self.slot.supervisor

    @property
    def log(self) -> Logger:
        """Logger bound to the actor's name; bind more with `self.log = self.log.bind(...)`."""
        if self._log is SILENT and is_configured():
            self._log = get_logger(actor=self.name)
        return self._log

    @log.setter
    def log(self, value: Logger) -> None:
        self._log = value

    # Hooks

    def started(self) -> None:
        """Begin; the first thing of the first incarnation, before any message. May wait."""

    def restarted(self) -> None:
        """Go on from `state` after a restart; timers run on, what was left to carry is carried next. May wait."""

    def stopped(self, reason: str) -> None:
        """Take leave; the last thing before an end that is not a crash. May wait, within the shutdown time."""

    def incarnation_ended(self) -> None:
        """Let go of what this incarnation holds (a socket); called after every end, a crash too. Must not wait."""

    # For the subclass to call

    def advance(self, step: Callable[..., tuple[Any, Iterable[Any]]], *stimulus: Any) -> None:
        """Commit the state that `step(state, *stimulus)` returns, then carry its outputs in order.

        Called while outputs are being carried, it commits at once and its
        outputs are carried after those. When carrying one crashes, the next
        incarnation carries the rest.
        """
        slot = self.slot
        if slot.actor is not self:
            raise ActorDied(f"this incarnation of {slot.name} has ended")
        slot.state, outputs = step(slot.state, *stimulus)
        if outputs:
            if slot.outbox is None:
                slot.outbox = deque(outputs)
            else:
                slot.outbox.extend(outputs)
            if not slot.is_carrying:
                self._carry()

    def start_timer(self, name: Hashable, seconds: float) -> None:
        """Be told `TimerFired(name)` in `seconds`; in place of a timer of this name that runs."""
        slot = self.slot
        if slot.timers is None:
            slot.timers = Timers(slot.clock, slot.mailbox)
        slot.timers.start(name, seconds)

    def stop_timer(self, name: Hashable) -> None:
        """Stop the timer `name`; it does not fire, even when it is due and its message waits."""
        if self.slot.timers is not None:
            self.slot.timers.stop(name)

    def stop(self, reason: str = "normal") -> None:
        """End after the present message, in the ordinary way; an end that is not ordinary is raised."""
        slot = self.slot
        if slot.actor is self:
            slot.ask_to_stop(reason)

    @property
    def question(self) -> Question:
        """The question that is being handled, for an answer that comes later; see `DEFERRED`."""
        if self.slot.held is None:
            raise ActorError(f"{self.name} is not handling a question")
        return self.slot.held

    def handle_waiting(self) -> None:
        """Handle the messages that wait, without waiting for more: for a `run` of the subclass's own."""
        slot = self.slot
        queue = slot.mailbox.queue
        for _ in range(len(queue)):
            if slot.attending is self and queue:
                self._handle(queue.popleft())
                slot.has_handled = True
        if slot.attending is not self:
            raise Interrupted

    def run(self) -> None:
        """Handle messages until the actor is to stop.

        A subclass may have its own loop instead, to wait in `recv`: returning
        ends the actor in the ordinary way. To stop it the runtime raises out of
        whatever it waits for. Messages are its own affair: `handle_waiting`.
        """
        slot = self.slot
        mailbox = slot.mailbox
        rows = self.message_rows
        left = BATCH
        queue: Any
        while slot.attending is self:
            queue = mailbox.queue
            if not queue:
                queue = message = None  # ten thousand idle frames hold neither a deque nor their last message
                mailbox.wait()
                continue
            message = queue.popleft()
            try:
                rows[type(message)](self, message)
            except BaseException:
                slot.crashed_on = message
                raise
            slot.has_handled = True
            left -= 1
            if not left:
                left = BATCH
                mailbox.pause()

    # The runtime's own rows

    def _handle(self, message: Any) -> Any:
        return self.message_rows[type(message)](self, message)

    @handles(Question)
    def _handle_question(self, question: Question) -> None:
        slot = self.slot
        slot.held = question
        value = self._handle(question.message)
        slot.held = None
        if value is DEFERRED:
            slot.defer(question)
        else:
            question.resolve(value)

    @handles(DueTimer)
    def _handle_due_timer(self, due: DueTimer) -> None:
        timers = self.slot.timers
        if timers is not None and timers.take(due):
            self._handle(TimerFired(due.name))

    @handles(StopAsked)
    def _handle_stop(self, asked: StopAsked) -> None:
        self.slot.leave(asked.reason)

    @carries(StartTimer)
    def _carry_start_timer(self, output: StartTimer) -> None:
        self.start_timer(output.name, output.seconds)

    @carries(StopTimer)
    def _carry_stop_timer(self, output: StopTimer) -> None:
        timers = self.slot.timers
        if timers is not None:
            timers.stop(output.name)

    @carries(StopTimers)
    def _carry_stop_timers(self, _output: StopTimers) -> None:
        timers = self.slot.timers
        if timers is not None:
            timers.stop_all()

    def _carry(self) -> None:
        slot = self.slot
        outbox = slot.outbox
        rows = self.output_rows
        slot.is_carrying = True
        try:
            while outbox:
                output = outbox.popleft()
                rows[type(output)](self, output)
        except BaseException:
            if slot.outbox is not None and is_carried_again(rows.get(type(output))):
                slot.outbox.appendleft(output)
            raise
        finally:
            if slot.outbox is outbox:  # else this incarnation was abandoned meanwhile, and has no say
                slot.is_carrying = False
                slot.outbox = outbox or None

    def carry_rest(self) -> None:
        """Carry what a crashed incarnation left; the runtime calls it after `restarted`."""
        if self.slot.outbox:
            self._carry()


Actor.message_rows = message_table(Actor)
Actor.output_rows = output_table(Actor)
