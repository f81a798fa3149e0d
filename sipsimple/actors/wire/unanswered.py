"""What was written to a connection and may have been lost with it: whoever sent it is told when the connection ends.

A request is kept until something answers it, the other messages until the far end is heard. Of too many the oldest are
left to their timers, and so is what is older than any transaction.

RFC: 3261 8.1.3.1, 17.1.4, 18.4.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.sip.transaction.matching import Key, client_key
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from sipsimple.actors.runtime import Ref

LIFETIME = DEFAULT_TIMING.timeout


class Written(NamedTuple):
    """One message, and when it was written."""

    sender: Ref
    token: Hashable
    at: float


class Unanswered:
    """What is unanswered on one connection.

    Args:
        limit: So many at the most.
    """

    __slots__ = ("_doubtful", "_limit", "_requests")

    _numbers = count()

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._requests: dict[Key, Written] = {}
        self._doubtful: dict[int, Written] = {}

    def __len__(self) -> int:
        return len(self._requests) + len(self._doubtful)

    def add(self, sender: Ref, token: Hashable, now: float, *, is_doubtful: bool) -> None:
        """Keep what `sender` has written.

        Args:
            sender: Who is told.
            token: What it is told of: the message itself, where that is a request.
            now: The time.
            is_doubtful: Nothing was heard of the far end yet: what is no request may be lost too.
        """
        written = Written(sender, token, now)
        if isinstance(token, Request) and token.method != "ACK":
            self._shorten(self._requests, now)
            self._requests[client_key(token)] = written
        elif is_doubtful:
            self._shorten(self._doubtful, now)
            self._doubtful[next(self._numbers)] = written

    def heard(self) -> None:
        """Forget what wanted no answer: the far end takes what we write."""
        self._doubtful.clear()

    def take(self, items: Iterable[object]) -> None:
        """Forget the requests that are answered, finally or not: a server that has taken one may answer elsewhere."""
        for each in items:
            if isinstance(each, Response):
                try:
                    self._requests.pop(client_key(each), None)
                except RemoteProtocolError:
                    continue  # nor will anybody else know what it answers

    def emptied(self) -> tuple[tuple[Ref, Hashable], ...]:
        """Forget everything, and return it as (sender, token), in the order in which it was written."""
        lost = sorted((*self._requests.values(), *self._doubtful.values()), key=lambda each: each.at)
        self._requests.clear()
        self._doubtful.clear()
        return tuple([(each.sender, each.token) for each in lost])

    def _shorten(self, kept: dict[Any, Written], now: float) -> None:
        while kept:
            oldest = next(iter(kept))
            if len(kept) < self._limit and now - kept[oldest].at < LIFETIME:
                return
            del kept[oldest]
