"""Which servers failed lately, and are tried last for a while (RFC 3263 4.3, RFC 3261 21.5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sip.resolve.targets import Way

SECONDS = 30.0
LIMIT = 1024


class Avoided:
    """Transports and addresses to avoid until a moment; each ends by itself, or when it is heard of again."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._until: dict[object, float] = {}

    def __contains__(self, way: object) -> bool:
        until = self._until.get(way)
        if until is None:
            return False
        if until <= self._now():
            del self._until[way]
            return False
        return True

    def __len__(self) -> int:
        return len(self._until)

    def add(self, way: Way, seconds: float = SECONDS) -> None:
        """Avoid it for so many seconds from now, unless it is avoided for longer already."""
        until = max(self._until.pop(way, 0.0), self._now() + seconds)
        if len(self._until) >= LIMIT:
            del self._until[next(iter(self._until))]
        self._until[way] = until

    def discard(self, way: Way) -> None:
        """Avoid it no longer."""
        self._until.pop(way, None)
