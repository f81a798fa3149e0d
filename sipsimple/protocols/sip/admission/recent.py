"""What was seen lately, in bounded memory: two generations, of which the older is dropped as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.admission.rates import FULL

if TYPE_CHECKING:
    from collections.abc import Hashable


class Recent:
    """Knows keys for at least `seconds`, unless more than `room` came since; each costs one number.

    Two keys may pass for one another when their hashes are equal.
    """

    __slots__ = ("_before", "_now", "_turned", "room", "seconds")

    def __init__(self, room: int, seconds: float) -> None:
        self.room = room
        self.seconds = seconds
        self._now: set[int] = set()
        self._before: set[int] = set()
        self._turned = FULL

    def __len__(self) -> int:
        return len(self._now) + len(self._before)

    def add(self, key: Hashable, now: float) -> None:
        """Remember a key."""
        if len(self._now) >= self.room or now - self._turned >= self.seconds:
            self._now, self._before = set(), self._now
            self._turned = now
        self._now.add(hash(key))

    def has(self, key: Hashable) -> bool:
        """Whether a key is remembered."""
        found = hash(key)
        return found in self._now or found in self._before
