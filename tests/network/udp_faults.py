"""A network between UDP endpoints on this host that loses, delays, copies and reorders what it carries.

Each endpoint is reached at a port of the network, which it advertises as its own; so every datagram of every
dialog passes here, and comes from where its sender is reached. It runs in a thread of its own.
"""

from __future__ import annotations

import heapq
import itertools
import random
import select
import socket
import threading
import time
from dataclasses import dataclass
from typing import Self

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Faults:
    """What becomes of a datagram; seconds, and shares of all.

    Attributes:
        loss: So many never arrive.
        copies: So many arrive twice.
        delay: Each takes this long,
        jitter: and up to so much longer: whoever comes close behind may overtake it.
    """

    loss: float = 0.1
    copies: float = 0.05
    delay: float = 0.005
    jitter: float = 0.02


@dataclass(slots=True)
class Counts:
    """What the network has done."""

    taken: int = 0
    lost: int = 0
    copied: int = 0
    overtaken: int = 0


class FaultyNetwork:
    """The network; use as a context.

    Args:
        faults: Of every way.
        seed: The same seed treats the same datagrams alike.
    """

    def __init__(self, faults: Faults, seed: int = 1) -> None:
        self.faults = faults
        self.counts = Counts()
        self._chance = random.Random(seed)
        self._ends: dict[int, socket.socket] = {}
        self._reached: dict[socket.socket, int] = {}
        self._waiting: list[tuple[float, int, bytes, socket.socket, int]] = []
        self._numbers = itertools.count()
        self._latest = 0
        self._stopping, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._run)

    def open(self) -> int:
        """Return a port of the network at which an endpoint will be reached."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        sock.bind((HOST, 0))
        port = int(sock.getsockname()[1])
        self._ends[port] = sock
        self._stop.send(b"!")  # the thread waits for those that it knows
        return port

    def attach(self, port: int, own: int) -> None:
        """Have `port` lead to the endpoint whose own port is `own`."""
        self._reached[self._ends[port]] = own

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.close()
        self._thread.join()
        for each in (self._stopping, *self._ends.values()):
            each.close()

    def _run(self) -> None:
        while True:
            left = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            readable, _, _ = select.select([self._stopping, *list(self._ends.values())], [], [], left)
            if self._stopping in readable and not self._stopping.recv(64):
                return
            for each in readable:
                if each is not self._stopping:
                    self._take(each)
            self._pass_on()

    def _take(self, sock: socket.socket) -> None:
        data, source = sock.recvfrom(65535)
        ends = [end for end, own in self._reached.items() if own == source[1]]
        if not ends or sock not in self._reached:
            return
        faults, chance = self.faults, self._chance
        self.counts.taken += 1
        if chance.random() < faults.loss:
            self.counts.lost += 1
            return
        copies = 2 if chance.random() < faults.copies else 1
        self.counts.copied += copies - 1
        for _ in range(copies):
            due = time.monotonic() + faults.delay + faults.jitter * chance.random()
            heapq.heappush(self._waiting, (due, next(self._numbers), data, ends[0], self._reached[sock]))

    def _pass_on(self) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            _, number, data, sender, own = heapq.heappop(self._waiting)
            self.counts.overtaken += number < self._latest
            self._latest = max(self._latest, number)
            sender.sendto(data, (HOST, own))
