"""How much of a file was read and is not on the disk: it holds up the reader of the connection."""

from __future__ import annotations

from gevent.event import Event

ENOUGH_BYTES = 2 * 1024 * 1024  # that may wait for the transfer before the far end has to wait too
SECOND_LOOK = 1.0  # seconds; whoever should have opened the gate may have crashed


class Gate:
    """Counts what the reader hands over and the disk has taken.

    Attributes:
        waiting: Bytes.
    """

    __slots__ = ("_opened", "waiting")

    def __init__(self) -> None:
        self.waiting = 0
        self._opened = Event()

    @property
    def is_full(self) -> bool:
        """Whether enough waits."""
        return self.waiting > ENOUGH_BYTES

    def enter(self, size: int) -> None:
        """Count what the reader hands over."""
        self.waiting += size

    def wait(self) -> None:
        """Wait until enough has left, or it is time to look again."""
        self._opened.clear()
        self._opened.wait(SECOND_LOOK)

    def leave(self, size: int) -> None:
        """Count what is dealt with, a run of the disk at a time; the reader goes on while the disk has some left."""
        self.waiting = max(0, self.waiting - size)
        if not self.is_full and not self._opened.is_set():
            self._opened.set()

    def open(self) -> None:
        """Forget what was counted: whoever kept the count has crashed, or is over."""
        self.waiting = 0
        self._opened.set()
