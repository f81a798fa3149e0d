"""Reading the connection of a file transfer: in large pieces, and no faster than the disk writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent.event import Event

from sipsimple.actors.msrp_connection import MSRPConnection
from sipsimple.actors.msrp_messages import ChunksReceived

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref
    from sipsimple.actors.wire.stream import Stream
    from sipsimple.protocols.msrp.framer import Framer

READ_BYTES = 256 * 1024
ENOUGH_BYTES = 1024 * 1024  # that may wait for the transfer before the far end has to wait too
SECOND_LOOK = 1.0  # seconds; whoever should have opened the gate may have crashed


class Gate:
    """How much was read and is not on the disk; the reader waits before it when that is enough.

    Attributes:
        waiting: Bytes.
    """

    __slots__ = ("_opened", "waiting")

    def __init__(self) -> None:
        self.waiting = 0
        self._opened = Event()

    def enter(self, size: int) -> None:
        """Count what the reader hands over."""
        self.waiting += size

    def wait(self) -> None:
        """Wait until enough has left, or it is time to look again."""
        self._opened.clear()
        self._opened.wait(SECOND_LOOK)

    def leave(self, size: int) -> None:
        """Count what is dealt with; when half of enough is left the reader goes on."""
        self.waiting = max(0, self.waiting - size)
        if self.waiting <= ENOUGH_BYTES // 2 and not self._opened.is_set():
            self._opened.set()

    def open(self) -> None:
        """Forget what was counted: whoever kept the count has crashed, or is over."""
        self.waiting = 0
        self._opened.set()


class TransferConnection(MSRPConnection):
    """Reads the connection of one transfer."""

    def __init__(self, stream: Stream, framer: Framer, transfer: Ref, gate: Gate) -> None:
        super().__init__(stream, framer, transfer)
        framer.streams = True
        self.gate = gate

    def _receive(self) -> bool:
        if self.framer.error is not None:
            raise self.framer.error
        data = self.stream.read(READ_BYTES)
        chunks = self.framer.feed(data)
        if chunks:
            self.gate.enter(sum([len(each.data) for each in chunks]))
            self._tell_chat(ChunksReceived(tuple(chunks)))
        return bool(data)

    def _chat_is_behind(self) -> bool:
        while self.gate.waiting > ENOUGH_BYTES and self.chat.is_alive:
            self.gate.wait()
        return False
