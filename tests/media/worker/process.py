"""Real worker processes, driven by wire messages."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar

from gevent.socket import wait_read

from sipsimple.media import wire

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 10.0
"""No test that passes waits so long."""
CONFIGURE = wire.Configure(("PCMU", "PCMA", "G722"))
RECEIVE_BYTES = 65536

_Event = TypeVar("_Event")


def start(kind: str, theirs: socket.socket) -> subprocess.Popen[bytes]:
    """Start a process of the worker's module on this descriptor."""
    command = [sys.executable, "-m", "sipsimple.media.worker", kind, str(theirs.fileno())]
    return subprocess.Popen(command, pass_fds=[theirs.fileno()])


class Zygote:
    """The zygote process; use as a context."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._requests.settimeout(SECONDS)
        with theirs:
            self.process = start("--zygote", theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.close()
        self.process.wait(SECONDS)

    def ask(self, data: bytes, *descriptors: int) -> bytes:
        """Make a request and return the answer."""
        socket.send_fds(self._requests, [data], descriptors)
        return self._requests.recv(64)

    def fork(self, configure: wire.Configure = CONFIGURE) -> Worker:
        """Start a worker."""
        ours, theirs = socket.socketpair()
        with theirs:
            pid = int(self.ask(b"fork", theirs.fileno()))
        return Worker(ours, pid, configure)


class Worker:
    """One worker; use as a context. It has ended, and by itself, when the context is left.

    Attributes:
        events: What it has told and nobody has waited for yet.
        ready: Its first message.
    """

    def __init__(self, control: socket.socket, pid: int, configure: wire.Configure = CONFIGURE) -> None:
        self.pid = pid
        self.events: list[Any] = []
        self.is_ended = False
        self._control = control
        self._frames = wire.Frames(wire.EVENTS)
        self._process = os.pidfd_open(pid)
        self._players = 0
        control.setblocking(False)
        self.send(configure)
        self.ready = self.wait_for(wire.Ready)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        self.wait_for_end()
        os.close(self._process)

    def send(self, *commands: wire.Command) -> None:
        """Send commands."""
        self.send_bytes(b"".join(map(wire.frame, commands)))

    def send_bytes(self, data: bytes) -> None:
        """Send anything."""
        self._control.sendall(data)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal."""
        signal.pidfd_send_signal(self._process, number)

    def hang_up(self) -> None:
        """Close the control socket."""
        self._control.close()

    def has_ended(self) -> bool:
        """Whether the process is gone already."""
        return bool(select.select([self._process], [], [], 0)[0])

    def wait_for_end(self) -> None:
        """Wait until the process is gone."""
        wait_read(self._process, SECONDS)

    def wait_for(
        self, kind: type[_Event], holds: Callable[[_Event], object] = bool, timeout: float = SECONDS
    ) -> _Event:
        """Wait for an event and take it out; others stay."""
        until = time.monotonic() + timeout
        seen = 0
        while True:
            for at, event in enumerate(self.events[seen:], seen):
                if isinstance(event, kind) and (holds is bool or holds(event)):
                    del self.events[at]
                    return event
            seen = len(self.events)
            self._read(until, f"no {kind.__name__} but {self.events}")

    def ping(self) -> wire.Pong:
        """Make sure that what was sent is done, and return the counters."""
        self._players += 1
        number = self._players
        self.send(wire.Ping(number))
        return self.wait_for(wire.Pong, lambda pong: pong.number == number)

    def refusal(self, command: wire.Command) -> str:
        """Send a command that is refused, and return the reason."""
        self.send(command)
        name = type(command).__name__
        return self.wait_for(wire.Refused, lambda refused: refused.command == name).reason

    def wait_for_close(self) -> None:
        """Wait until it closes the control socket."""
        until = time.monotonic() + SECONDS
        while not self.is_ended:
            self._read(until, "the control socket is open")

    def _read(self, until: float, why: str) -> None:
        assert not self.is_ended, f"the worker has ended: {why}"
        wait_read(self._control.fileno(), max(0.001, until - time.monotonic()), AssertionError(why))
        try:
            data = self._control.recv(RECEIVE_BYTES)
        except ConnectionResetError:
            data = b""
        self.is_ended = not data
        self.events += self._frames.feed(data)


def memory_kib(pid: int, field: str = "VmRSS") -> int:
    """Return how much memory a process has."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))
