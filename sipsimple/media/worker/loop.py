"""The main loop of a worker: commands, the library, and what is due, in turn, in one thread."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
import traceback
from typing import TYPE_CHECKING, Any

from sipsimple.media import wire
from sipsimple.media.worker.agenda import Agenda
from sipsimple.media.worker.control import Control
from sipsimple.media.worker.desk import Desk
from sipsimple.media.worker.endpoint import Endpoint

if TYPE_CHECKING:
    import socket

IDLE_SECONDS = 0.2
BUSY_SECONDS = 0.04
"""What other threads of the library tell, such as digits, waits for the next turn."""
BEHIND_SECONDS = 0.005
COLLECT_SECONDS = 10.0
COMMANDS_AT_ONCE = 100
HEADER_SECONDS = 0.5


class Worker:
    """One worker process.

    Args:
        control: The channel to the engine, from which the configuration was read.
        configure: The configuration.
    """

    def __init__(self, control: Control, configure: wire.Configure) -> None:
        self.control = control
        self.agenda = Agenda()
        self._early: list[wire.Event] | None = []  # `Ready` comes first, whatever was to be told before
        self.endpoint = Endpoint(configure, self.warn)
        self.desk = Desk(self.endpoint, self.agenda, self.tell, control.to_self)

    def run(self) -> None:
        """Work until the engine closes the channel."""
        self.control.start(self.endpoint.sip_port)
        early, self._early = self._early or [], None
        for event in (self.endpoint.ready(os.getpid()), *early):
            self.tell(event)
        gc.collect()
        gc.freeze()
        self._collect()
        while not self.control.is_lost:
            self._turn()
        self._end()

    def tell(self, event: wire.Event) -> None:
        """Send an event, after `Ready`."""
        if self._early is None:
            self.control.tell(event)
        else:
            self._early.append(event)

    def warn(self, text: str) -> None:
        """Write a warning into the engine's log."""
        self.tell(wire.Said(2, text))

    def _turn(self) -> None:
        self.endpoint.work(self.agenda.wait(time.monotonic(), self._patience()))
        self.desk.work()
        for _ in range(COMMANDS_AT_ONCE):
            command = self.control.take()
            if command is None or self.control.is_lost:
                break
            self.desk.obey(command)
        for action in self.agenda.take_due(time.monotonic()):
            self._do(action)
        self.desk.work()
        self.control.flush()

    def _do(self, action: Any) -> None:
        try:
            action()
        except Exception:  # noqa: BLE001 - one leg's trouble must not end the calls of the others
            self.tell(wire.Said(1, traceback.format_exc(limit=-3)))

    def _patience(self) -> float:
        if self.control.has_commands:
            return 0.0
        if self.control.is_behind:
            return BEHIND_SECONDS
        return BUSY_SECONDS if self.desk.is_busy else IDLE_SECONDS

    def _collect(self) -> None:
        """Free cycles here: media freed in another thread would abort the process."""
        gc.collect()
        self.agenda.at(time.monotonic() + COLLECT_SECONDS, self._collect)

    def _end(self) -> None:
        """Let the recordings be complete."""
        self.desk.abandon(HEADER_SECONDS)
        self.endpoint.stop()


def run(sock: socket.socket) -> None:
    """Be a worker on this control socket; never returns."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the engine's death is told by the control socket
    gc.disable()
    _silence()
    status = 1
    try:
        control = Control(sock)
        first = control.first()
        if isinstance(first, wire.Configure):
            Worker(control, first).run()
            status = 0
        elif first is None:
            status = 0
    except BaseException:  # noqa: BLE001 - there is nobody above, and the reason would be lost
        with contextlib.suppress(Exception):
            sock.sendall(wire.frame(wire.Said(1, traceback.format_exc())))
    finally:
        os._exit(status)


def _silence() -> None:
    """Send what the library prints nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
