"""Whose file chunk leaves next, when several files and other things leave by one MSRP connection.

A file is written a chunk at a time, each when everything else has been given to the kernel: so no more than one chunk
of any file is ever ahead of a chat message or an answer, and the files take turns (RFC 4975 section 7.1).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sipsimple.errors import TransportFailed

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.actors.wire.stream import Stream

    Parts = tuple[bytes, bytes, bytes]

ENOUGH_CHUNKS = 64
"""So many may wait for one connection before those who have some among them need not read more of their files."""


class Lanes:
    """The chunks that wait for a stream, by who writes them; what breaks over a chunk is told by the stream's reader.

    Args:
        stream: To nothing else is told when it has drained.
    """

    __slots__ = ("_lanes", "_stream")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._lanes: dict[Hashable, deque[Parts]] = {}  # the first is next
        stream.keep_little()
        stream.when_drained = self._go_on

    @property
    def waiting(self) -> int:
        """How many chunks wait."""
        return sum(map(len, self._lanes.values()))

    def has_enough(self, writer: Hashable) -> bool:
        """Whether many chunks wait, and one of them is this writer's, who so hears of it when there is room again."""
        return writer in self._lanes and self.waiting >= ENOUGH_CHUNKS

    def put(self, writer: Hashable, parts: Parts) -> None:
        """Write a chunk when it is its turn, perhaps at once."""
        self._lanes.setdefault(writer, deque()).append(parts)
        self._go_on()

    def clear(self, writer: Hashable) -> None:
        """Write nothing of this writer any more."""
        self._lanes.pop(writer, None)

    def _go_on(self) -> None:
        """Write until the kernel has enough."""
        stream, lanes = self._stream, self._lanes
        try:
            while lanes and not stream.backlog_bytes:
                writer = next(iter(lanes))
                lane = lanes.pop(writer)
                parts = lane.popleft()
                if lane:
                    lanes[writer] = lane  # behind the others
                stream.write_parts(parts)
        except TransportFailed:
            return
