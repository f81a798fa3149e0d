"""One worker as the engine sees it: what it is told, what it tells, and whether it lives."""

from __future__ import annotations

import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime import Actor, get_logger
from sipsimple.actors.wire.sockets import Socket
from sipsimple.actors.wire.stream import Stream
from sipsimple.errors import TransportFailed
from sipsimple.media import wire
from sipsimple.media.messages import Answered, Gone, Reported, WorkerLost

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref
    from sipsimple.media.pool.processes import Process

BACKLOG_LIMIT_BYTES = 256 * 1024
"""Of commands that a worker does not read: many thousands."""

LEG_ENOUGH = 1000
"""Messages that may wait for a leg before what its worker tells is dropped: that leg does not handle them any more."""

ENDED = "the process ended"
UNREAD = "the pool of workers was stopped"

LINES_PER_PING = 20
"""What a worker may say for the log between two pings."""


class PairedSocket(Socket):
    """One end of a Unix socket pair, which has no address: it says so in the shape that a `Stream` knows."""

    __slots__ = ()

    def getsockname(self) -> tuple[str, int]:
        """Return the place of an address."""
        return "worker", 0


class WorkerLink:
    """The engine's end of one worker; belongs to the hub's thread.

    It is lost when its process ends, hangs, or tells what cannot be understood:
    then the process is killed, the pool and every leg are told, and nothing that
    is sent to it matters any more.

    Attributes:
        number: Of this worker, for good.
        name: For logs: `worker-7`.
        port: First RTP port of this worker's own range, for `wire.Open`; 0: any.
        port_count: Width of that range; 0: none.
        ready: What the worker reported; None until then.
        process: None until it is known.
        lost: Why nothing comes and nothing goes any more; empty while it lives.
    """

    __slots__ = (
        "_answered", "_asked", "_doubted", "_events", "_frames", "_legs", "_lines", "_log", "_pool", "_socket",
        "_stream", "lost", "name", "number", "port", "port_count", "process", "ready",
    )  # fmt: skip

    def __init__(self, number: int, sock: Socket, pool: Ref, ports: tuple[int, int] = (0, 0)) -> None:
        self.number = number
        self.name = f"worker-{number}"
        self.port, self.port_count = ports
        self.ready: wire.Ready | None = None
        self.process: Process | None = None
        self.lost = ""
        self._socket = PairedSocket(fileno=sock.detach())
        self._socket.setblocking(False)
        self._stream = Stream(self._socket, (self.name, 0), BACKLOG_LIMIT_BYTES)
        self._frames = wire.Frames(wire.EVENTS)
        self._events: deque[wire.Command | wire.Event] = deque()
        self._pool = pool
        self._legs: dict[str, Ref] = {}
        self._asked = self._answered = self._doubted = 0
        self._lines = LINES_PER_PING
        self._log = get_logger(actor=self.name)

    def __repr__(self) -> str:
        return f"<WorkerLink {self.name}{' lost' if self.lost else ''}>"

    @property
    def is_lost(self) -> bool:
        """True when nothing comes and nothing goes any more."""
        return bool(self.lost)

    @property
    def sip(self) -> tuple[str, int]:
        """Address of the worker's user agent."""
        assert self.ready is not None, "a worker is granted when it is ready"
        return "127.0.0.1", self.ready.sip_port

    # For the legs

    def send(self, command: wire.Command) -> None:
        """Tell the worker; never waits, and does nothing when it is lost."""
        # a stream that breaks over this is found broken by the reader, which tells
        with suppress(TransportFailed):
            self._stream.write(wire.frame(command))

    def attach(self, token: str, leg: Ref) -> None:
        """Tell `leg` what the worker tells of this call.

        With an empty token: of the sound device. Who attaches to that has a call
        of its own here, whose loss is told.
        """
        if not self.lost:
            self._legs[token] = leg
        elif token:
            leg.tell(WorkerLost(token, self.lost))

    def detach(self, token: str) -> None:
        """Tell nobody any more."""
        self._legs.pop(token, None)

    # For the pool

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._asked += 1
        self._lines = LINES_PER_PING
        self.send(wire.Ping(self._asked))

    def is_silent(self) -> bool:
        """Tell whether the last ping is unanswered; what has come and is not read yet counts as an answer, once."""
        if self._answered == self._asked:
            return False
        is_doubted, self._doubted = self._doubted == self._asked, self._asked
        try:
            return is_doubted or not self._socket.recv(1, socket.MSG_PEEK)
        except OSError:  # nothing waits, or the socket is closed
            return True

    def adopt(self, process: Process) -> None:
        """Know the process, to kill it when it is lost."""
        self.process = process
        if self.lost:
            process.kill()

    def lose(self, reason: str) -> None:
        """Give the worker up: kill it, tell the pool, tell its legs. Once, whoever finds out first."""
        if self.lost:
            return
        legs, self._legs = self._legs, {}
        legs.pop("", None)
        self._let_go(reason)
        self._pool.tell(Gone(self.number, reason, len(legs)))
        for token, leg in legs.items():
            leg.tell(WorkerLost(token, reason))

    def end(self) -> None:
        """End a worker that nobody needs; nobody is told."""
        if not self.lost:
            self._let_go("ended")

    def _let_go(self, reason: str) -> None:
        self.lost = reason
        self._events.clear()
        self._stream.close(flush=False)
        if self.process is not None:
            self.process.kill()

    # For the reader

    def receive(self) -> bool:
        """Wait for what the worker tells and pass it on; return False when nothing will come any more.

        Raises:
            TransportFailed: The worker's end is gone.
            FrameError: It is not our worker that speaks.
        """
        events = self._events
        if not events:
            data = self._stream.read()
            if not data:
                return False
            events.extend(self._frames.feed(data))
        while events:  # kept there, so that a reader that crashed goes on with the next one
            self._take(events.popleft())
        return not self.lost

    def _take(self, event: wire.Command | wire.Event) -> None:
        if self.ready is None:
            self._take_first(event)
        elif isinstance(event, wire.Pong):
            self._take_pong(event)
        elif isinstance(event, wire.Said):
            self._take_line(event)
        elif isinstance(event, wire.Ready):
            raise wire.FrameError("ready twice")
        else:
            self._tell_leg(event)

    def _take_first(self, event: wire.Command | wire.Event) -> None:
        if isinstance(event, wire.Said):
            self._take_line(event)
        elif not isinstance(event, wire.Ready) or event.capacity < 1 or not 0 < event.sip_port < 65536:
            raise wire.FrameError(f"{type(event).__name__} in place of a good Ready")
        elif event.version != wire.VERSION:
            raise wire.FrameError(f"version {event.version} of the wire format, not {wire.VERSION}")
        else:
            self.ready = event
            self._pool.tell(Reported(self.number))

    def _take_pong(self, pong: wire.Pong) -> None:
        if pong.number == self._asked != self._answered:
            self._answered = pong.number
            self._pool.tell(Answered(self.number))
        for each in pong.statistics:
            self._tell_leg(each)

    def _take_line(self, said: wire.Said) -> None:
        self._lines -= 1
        if self._lines >= 0:
            say = self._log.debug if said.level > 2 else self._log.warning
            say("worker.said", text=said.text, level=said.level)

    def _tell_leg(self, event: Any) -> None:
        leg = self._legs.get(event.leg)
        if leg is not None and leg.depth < LEG_ENOUGH:
            leg.tell(event)


class WorkerReader(Actor):
    """Reads what one worker tells, until it is lost."""

    def __init__(self, link: WorkerLink) -> None:
        super().__init__()
        self.link = link

    def run(self) -> None:
        """Read until the stream ends, breaks or cannot be understood; each of these loses the worker."""
        try:
            while self.link.receive():
                pass
        except TransportFailed as error:
            is_end = isinstance(error.__cause__, ConnectionError)  # a reset: it did not read all that it was told
            self.link.lose(ENDED if is_end else "it does not read what it is told")
        except wire.FrameError as error:
            self.link.lose(f"it spoke garbage: {error}")
        else:
            self.link.lose(ENDED)

    def stopped(self, _reason: str) -> None:
        """Leave no worker that nobody reads."""
        self.link.lose(UNREAD)
