"""What happened on both sides, in the order in which this process heard of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic
from typing import Any

from gevent.event import Event as Flag

from sipsimple.cli.events import Event

ALICE, BOB = "alice", "bob"
SIDES = (ALICE, BOB)
TALK, REFUSED, CANCELLED, CUT, RESUMED = "talk", "refused", "cancelled", "cut", "resumed"
CALLS = (TALK, REFUSED, CANCELLED, CUT, RESUMED)

Listener = Callable[[str, Event], object]


class Story:
    """The events of both sides.

    Args:
        told: Called with the side and each event, as they come.
    """

    def __init__(self, told: Listener) -> None:
        self._told = told
        self._events: list[tuple[str, Event]] = []
        self._changed = Flag()

    def add(self, side: str, event: Event) -> None:
        """Note an event of a side."""
        self._events.append((side, event))
        self._told(side, event)
        self._changed.set()

    def events(self, side: str, name: str, **data: Any) -> Iterator[Event]:
        """Give the events of a side that have this name and this data."""
        for whose, event in self._events:
            if whose == side and event["event"] == name and data.items() <= event.items():
                yield event

    def count(self, side: str, name: str, **data: Any) -> int:
        """Count them."""
        return sum(1 for _ in self.events(side, name, **data))

    def states(self, side: str, call_id: str) -> list[str]:
        """List the states that a call went through on a side."""
        return [event["state"] for event in self.events(side, "SCSessionChangedState", call_id=call_id)]

    def contents(self, side: str, call_id: str) -> list[str]:
        """List the messages that a side got in a call."""
        return [event["content"] for event in self.events(side, "SCSessionGotMessage", call_id=call_id)]

    def wait_for(self, seconds: float, side: str, name: str, count: int = 1, **data: Any) -> bool:
        """Wait until there are `count` such events; tell whether they came in time."""
        deadline = monotonic() + seconds
        while self.count(side, name, **data) < count:
            self._changed.clear()
            if not self._changed.wait(deadline - monotonic()):
                return False
        return True


def moment(event: Event) -> datetime:
    """Return when an event happened."""
    return datetime.fromisoformat(event["timestamp"])
