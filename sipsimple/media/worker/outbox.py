"""Bytes on their way to the engine: writing never waits, and what piles up has a limit."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_BYTES = 1024 * 1024


class Overflowing(Exception):
    """The reader has not read for so long that there is no room left."""


class Outbox:
    """A queue of bytes in front of a socket that may be full.

    Args:
        write: Takes some of the bytes and says how many; raises BlockingIOError when it can take none.
    """

    __slots__ = ("_chunks", "_limit", "_size", "_write")

    def __init__(self, write: Callable[[bytes], int], limit: int = LIMIT_BYTES) -> None:
        self._write = write
        self._limit = limit
        self._chunks: deque[bytes] = deque()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, data: bytes) -> None:
        """Send the bytes after those that wait.

        Raises:
            Overflowing: More would wait than may.
        """
        self._chunks.append(data)
        self._size += len(data)
        self.flush()
        if self._size > self._limit:
            raise Overflowing(f"{self._size} bytes wait for the engine")

    def flush(self) -> None:
        """Send what goes without waiting."""
        while self._chunks:
            chunk = self._chunks[0]
            try:
                taken = self._write(chunk)
            except BlockingIOError:
                return
            self._size -= taken
            if taken < len(chunk):
                self._chunks[0] = chunk[taken:]
            else:
                self._chunks.popleft()
