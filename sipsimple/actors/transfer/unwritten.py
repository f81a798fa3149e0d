"""What of a file has come and is not on the disk: the hub appends to it, a thread takes it a run at a time."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.protocols.msrp.transfer.outputs import Write

RUN_BYTES = 512 * 1024
"""So much is written in one go: each return from the system costs a turn of the interpreter."""


class Unwritten:
    """What is to be written, in order; one thread at a time takes of it."""

    __slots__ = ("_given", "_taken", "_writes")

    def __init__(self) -> None:
        self._writes: deque[Write] = deque()
        self._given = self._taken = 0  # bytes, counted by the hub and by the thread

    def __bool__(self) -> bool:
        return bool(self._writes)

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return self._given - self._taken

    def put(self, output: Write) -> None:
        """Have something written."""
        self._writes.append(output)
        self._given += len(output.data)

    def next_run(self) -> tuple[int, list[bytes]]:
        """What is next, and next to each other in the file, from which offset on; more may be appended meanwhile."""
        offset = end = self._writes[0].offset
        run: list[bytes] = []
        for output in tuple(self._writes):
            if output.offset != end or end - offset >= RUN_BYTES:
                break
            run.append(output.data)
            end += len(output.data)
        return offset, run

    def drop(self, run: list[bytes]) -> int:
        """Forget a run, which is written; return its size."""
        size = sum(map(len, run))
        self._taken += size
        for _ in run:
            if self._writes:  # else it was cleared meanwhile
                self._writes.popleft()
        return size

    def clear(self) -> None:
        """Have nothing written any more."""
        self._writes.clear()
        self._taken = self._given
