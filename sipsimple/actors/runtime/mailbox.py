"""A mailbox: an ordered, optionally bounded queue with one reader greenlet.

The reader is woken once for a burst, by a callback of the hub's loop: an order
of magnitude cheaper than an event or a queue object. Everything here belongs
to the hub's thread.
"""

from __future__ import annotations

import sys
from collections import deque
from enum import Enum
from typing import Any

from gevent import getcurrent

from sipsimple.actors.runtime.messages import StopAsked
from sipsimple.actors.runtime.reply import Question
from sipsimple.actors.runtime.timers import DueTimer
from sipsimple.errors import LocalProtocolError, MailboxFull

_CLOSED = -1
_NOTHING: Any = ()
"""The queue of a mailbox whose reader waits: an empty deque takes 760 bytes, and most actors are idle."""

_SYSTEM = (StopAsked, DueTimer)


class Overflow(Enum):
    """What happens to a message for a mailbox that has reached its limit."""

    REFUSE = "refuse"
    """It is not taken: `tell` returns False, `ask` raises `MailboxFull`."""
    DROP_OLDEST = "drop oldest"
    """It is taken, the one that has waited longest is dropped."""
    DROP_NEWEST = "drop newest"
    """It is dropped; its teller need not care."""


class Mailbox:
    """The messages that wait for one actor.

    Attributes:
        queue: What waits; read by the actor's loop only, and another object after each `wait`.
        dropped: How many messages were refused or dropped for want of room.
    """

    __slots__ = ("_callback", "_hub", "_room", "_sleeper", "dropped", "limit", "overflow", "queue")

    def __init__(self, hub: Any, limit: int | None = None, overflow: Overflow = Overflow.REFUSE) -> None:
        if limit is not None and limit < 1:
            raise LocalProtocolError(f"a mailbox needs room for one message at least, not {limit}")
        self.queue: deque[Any] = _NOTHING
        self.limit = limit
        self.overflow = overflow
        self.dropped = 0
        self._hub = hub
        self._room = sys.maxsize if limit is None else limit
        self._sleeper: Any = None
        self._callback: Any = None

    @property
    def is_closed(self) -> bool:
        """True once nothing is taken any more."""
        return self._room == _CLOSED

    def put(self, message: Any) -> bool:
        """Queue `message`; return False when the mailbox is closed or refuses."""
        queue = self.queue
        if len(queue) >= self._room and not self._make_room(message):
            return self._room != _CLOSED and self.overflow is Overflow.DROP_NEWEST
        if queue is _NOTHING:
            self.queue = deque((message,))
        else:
            queue.append(message)
        sleeper = self._sleeper
        if sleeper is not None:
            self._sleeper = None
            self._callback = self._hub.loop.run_callback(sleeper.switch)
        return True

    def put_system(self, message: Any, *, first: bool = False) -> None:
        """Queue what no limit may refuse, before everything else when `first`."""
        if self._room == _CLOSED:
            return
        if self.queue is _NOTHING:
            self.queue = deque((message,))
        elif first:
            self.queue.appendleft(message)
        else:
            self.queue.append(message)
        sleeper = self._sleeper
        if sleeper is not None:
            self._sleeper = None
            self._callback = self._hub.loop.run_callback(sleeper.switch)

    def wait(self) -> None:
        """Wait in the reader's greenlet until there may be something to read."""
        if not self.queue:
            self.queue = _NOTHING
        self._sleeper = getcurrent()
        try:  # as in `pause`; a call less, on the way of every message to an idle actor
            self._hub.switch()
        except BaseException:
            self._withdraw()
            raise
        self._sleeper = self._callback = None

    def pause(self) -> None:
        """Let everybody else who is ready run before the reader goes on."""
        self._callback = self._hub.loop.run_callback(getcurrent().switch)
        try:
            self._hub.switch()
        except BaseException:
            self._withdraw()
            raise

    def _withdraw(self) -> None:
        # thrown out of the wait: a wake-up on its way must not hit what this greenlet waits for next
        self._sleeper = None
        if self._callback is not None:
            self._callback.stop()

    def close(self) -> list[Question]:
        """Take nothing any more; return the questions that wait, other messages are dropped."""
        self._room = _CLOSED
        waiting = self.queue
        self.queue = _NOTHING
        return [message for message in waiting if isinstance(message, Question)] if waiting else []

    def take_back_stop(self) -> None:
        """Drop a `StopAsked` that nobody handled: the incarnation that it was for has ended."""
        for message in [each for each in self.queue if type(each) is StopAsked]:
            self.queue.remove(message)

    def reopen(self) -> None:
        """Take messages again, after `close`."""
        self._room = sys.maxsize if self.limit is None else self.limit

    def messages(self) -> tuple[Any, ...]:
        """What waits, in order, without the runtime's own messages."""
        return tuple([message for message in self.queue if type(message) not in _SYSTEM]) if self.queue else ()

    def _make_room(self, newcomer: Any) -> bool:
        if self._room == _CLOSED:
            return False
        self.dropped += 1
        if self.overflow is Overflow.DROP_OLDEST:
            for index, message in enumerate(self.queue):
                if type(message) not in _SYSTEM:
                    del self.queue[index]
                    _refuse(message)
                    return True
        if self.overflow is Overflow.DROP_NEWEST:
            _refuse(newcomer)
        return False


def _refuse(message: Any) -> None:
    if isinstance(message, Question):
        message.fail(MailboxFull("dropped from a full mailbox"))
