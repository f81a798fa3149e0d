"""What others hold of an actor; it stays good across restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gevent import getcurrent

from sipsimple.actors.runtime.exits import Killed
from sipsimple.actors.runtime.reply import Question, current_thread
from sipsimple.errors import ActorDied, ActorError, AskTimedOut, MailboxFull

if TYPE_CHECKING:
    from sipsimple.actors.runtime.slot import Slot
    from sipsimple.actors.runtime.system import System


class Ref:
    """A name for one actor that any thread and any greenlet may use."""

    __slots__ = ("_mailbox", "_slot", "_system")

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._mailbox = slot.mailbox
        self._system = slot.supervisor.system

    def __repr__(self) -> str:
        return f"<Ref {self.name}>"

    @property
    def name(self) -> str:
        """Path in the tree of supervisors."""
        return self._slot.name

    @property
    def system(self) -> System:
        """The system that the actor lives in."""
        return self._system

    @property
    def state(self) -> Any:
        """The last committed state, also after the end."""
        return self._slot.state

    @property
    def is_alive(self) -> bool:
        """True until the actor ends for good; a restart is not an end."""
        return not self._mailbox.is_closed

    @property
    def depth(self) -> int:
        """How many messages wait in the mailbox."""
        return len(self._mailbox.queue)

    @property
    def restarts(self) -> int:
        """How often the actor was restarted."""
        return self._slot.restarts

    def tell(self, message: Any) -> bool:
        """Send `message`; return False when the actor has ended or its mailbox refuses. Never waits.

        From a foreign thread the message takes its way over the hub, and only
        an actor that has ended already gives False.
        """
        if current_thread() == self._system.thread:
            return self._mailbox.put(message)
        return not self._mailbox.is_closed and self._system.post(self._mailbox.put, message)

    def insist(self, message: Any) -> None:
        """Send `message` past the limit of the mailbox, from the hub's thread: for what ends an actor in a flood."""
        self._system.require_hub_thread()
        self._mailbox.put_system(message)

    def ask(self, message: Any, timeout: float = 5.0) -> Any:
        """Send `message` and wait for the answer: what the method that handles it returns.

        Args:
            message: The question.
            timeout: Seconds to wait.

        Raises:
            ActorDied: The actor has ended, ends, or crashes while it holds the question.
            AskTimedOut: No answer came in time; it may still be handled.
            MailboxFull: The mailbox has no room for the question.
        """
        question = Question(message)
        system = self._system
        if current_thread() == system.thread:
            self._check_asker()
            self._put(question)
            is_done = question.wait(system.hub, system.clock, timeout)
        else:
            wait = question.thread_gate()
            if not (self.is_alive and system.post(self._put_or_fail, question)):
                raise ActorDied(f"{self.name} has ended")
            is_done = wait(timeout)
        if not is_done:
            question.abandon()
            raise AskTimedOut(f"{self.name} did not answer within {timeout} s")
        return question.result()

    def kill(self, error: BaseException | None = None) -> None:
        """Crash the actor as if it had raised `error` (`Killed` by default) where it is; its supervisor decides."""
        error = error or Killed(f"{self.name} was killed")
        if current_thread() == self._system.thread:
            self._slot.kill(error)
        else:
            self._system.post(self._slot.kill, error)

    def _check_asker(self) -> None:
        asker = getcurrent()
        if asker is self._slot.greenlet:
            raise ActorError(f"{self.name} asked itself")
        if asker is self._system.hub:
            raise ActorError(f"{self.name} was asked in a callback of the hub, which cannot wait")

    def _put(self, question: Question) -> None:
        if not self._mailbox.put(question):
            if self.is_alive:
                raise MailboxFull(f"the mailbox of {self.name} is full")
            raise ActorDied(f"{self.name} has ended")

    def _put_or_fail(self, question: Question) -> None:
        try:
            self._put(question)
        except ActorError as error:
            question.fail(error)
