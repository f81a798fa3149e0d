"""The control channel: a thread reads commands and wakes the main loop, which alone writes.

The main loop sleeps in pjsip's select. A keep-alive datagram to its own SIP port ends that sleep at once.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from sipsimple.media import wire
from sipsimple.media.worker.outbox import Outbox, Overflowing

if TYPE_CHECKING:
    from sipsimple.media.wire import Command, Event

RECEIVE_BYTES = 65536
KEEP_ALIVE = b"\r\n\r\n"
PATIENCE_SECONDS = 2.0
LOOPBACK = "127.0.0.1"


class Control:
    """The worker's end of the channel.

    Args:
        sock: A stream socket; it is set to block, whatever it was for the process that made it.

    Attributes:
        is_lost: The engine closed the channel, broke it, or does not read it: the process has nothing more to do.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(True)
        self._waker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._waker.bind((LOOPBACK, 0))
        self._waker.setblocking(False)
        self._socket = sock
        self._outbox = Outbox(lambda data: sock.send(data, socket.MSG_DONTWAIT))
        self._frames = wire.Frames(wire.COMMANDS)
        self._commands: deque[Command | None] = deque()
        self._sip_port = 0
        self.is_lost = False

    def first(self) -> Command | None:
        """Wait for the first command; None when the channel was closed instead."""
        while not self._commands:
            self._read()
        return self._commands.popleft()

    def start(self, sip_port: int) -> None:
        """Read in a thread from now on, and wake the loop that listens on `sip_port`."""
        self._sip_port = sip_port
        threading.Thread(target=self._serve, name="control", daemon=True).start()

    def take(self) -> Command | None:
        """Return the next command; None when there is none now, or none will come."""
        if not self._commands:
            return None
        command = self._commands.popleft()
        self.is_lost = self.is_lost or command is None
        return command

    def tell(self, event: Event) -> None:
        """Send an event, without waiting."""
        try:
            self._outbox.put(wire.frame(event))
        except (Overflowing, OSError):
            self.is_lost = True

    @property
    def has_commands(self) -> bool:
        """Whether commands wait."""
        return bool(self._commands)

    @property
    def is_behind(self) -> bool:
        """Whether events still wait in the outbox."""
        return len(self._outbox) > 0

    def flush(self) -> None:
        """Send what waits, as far as it goes without waiting."""
        try:
            self._outbox.flush()
        except OSError:
            self.is_lost = True

    def to_self(self, datagram: bytes) -> None:
        """Send a datagram to the worker's own SIP port."""
        with contextlib.suppress(OSError):  # nothing is lost but time: the loop wakes by itself, too
            self._waker.sendto(datagram, (LOOPBACK, self._sip_port))

    def _serve(self) -> None:
        while self._read():
            self.to_self(KEEP_ALIVE)
        self.to_self(KEEP_ALIVE)
        time.sleep(PATIENCE_SECONDS)
        os._exit(1)  # the main loop should have ended the process long ago

    def _read(self) -> bool:
        """Queue what comes next; None in the queue is the end."""
        try:
            data = self._socket.recv(RECEIVE_BYTES)
            commands = self._frames.feed(data)
        except (OSError, wire.FrameError):
            data, commands = b"", []
        self._commands.extend(commands)  # type: ignore[arg-type]
        if not data:
            self._commands.append(None)
        return bool(data)
