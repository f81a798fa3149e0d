"""Cuts off MSRP peers that keep a chunk open and hardly go on with it: from time to time every connection is looked at.

An idle connection is nobody's harm, for a chat is idle most of the time; a chunk that has begun holds memory, and on a
shared connection it holds up the sessions behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, WeakSet

from sipsimple.actors.runtime import Actor, TimerFired, handles

if TYPE_CHECKING:
    from sipsimple.actors.msrp.shared import SharedConnection

PERIOD = 60.0
LEAST_BYTES = 16 * 1024  # of a chunk in each period


class Watched:
    """The connections to look at, and what had come of each at the last look."""

    __slots__ = ("_seen", "connections")

    def __init__(self) -> None:
        self.connections: WeakSet[SharedConnection] = WeakSet()
        self._seen: WeakKeyDictionary[SharedConnection, tuple[str, int]] = WeakKeyDictionary()

    def stalled(self) -> list[SharedConnection]:
        """Those whose chunk is the one of the last look, and has come no further than it may."""
        before, self._seen = self._seen, WeakKeyDictionary()
        for connection in list(self.connections):
            now = connection.framer.progress
            if now is not None and not connection.is_over and not connection.is_held_up:
                self._seen[connection] = now
        return [each for each, now in self._seen.items() if _has_stalled(before.get(each), now)]


def _has_stalled(before: tuple[str, int] | None, now: tuple[str, int]) -> bool:
    """Whether it is the same chunk, and little has come of it."""
    return before is not None and before[0] == now[0] and now[1] - before[1] < LEAST_BYTES


class MSRPWatch(Actor):
    """Looks at the connections once in every period."""

    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self.watched = watched

    def started(self) -> None:
        """Wait for the first look."""
        self.start_timer("look", PERIOD)

    restarted = started

    @handles(TimerFired)
    def look(self, _event: TimerFired) -> None:
        """End the connections that have stalled; their sessions are told."""
        self.start_timer("look", PERIOD)
        for connection in self.watched.stalled():
            remote = None if connection.stream is None else connection.stream.remote
            self.log.warning("connection.ended", reason="a chunk has stalled", remote=remote)
            connection.lose(False, "the peer has not gone on with a chunk")
            connection.close()
