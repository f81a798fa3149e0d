"""What an established, idle chat session takes of memory, at each end.

The bound is the least that could hold one: a TCP socket, a greenlet that reads
it, a greenlet with a mailbox and a small dictionary.

Usage: python bench/memory.py [SESSIONS]
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import gevent
from gevent import socket
from gevent.queue import SimpleQueue
from lines import figure
from processes import Peer, raise_open_files, resident_bytes, say

HERE = Path(__file__).parent
T1 = 0.2
GOAL_KIB = 40.0
WARM_UP = 50


class Bare:
    """The least of a session."""

    def __init__(self, sock):
        self.sock = sock
        self.mailbox = SimpleQueue()
        self.state = "active"
        self.statistics = {"received": 0, "sent": 0, "errors": 0}
        self.reader = gevent.spawn(self.read)
        self.actor = gevent.spawn(self.act)

    def read(self):
        held = bytearray()
        while data := self.sock.recv(65536):
            held += data

    def act(self):
        while True:
            self.mailbox.get()


def bare_end(count):
    """Be the far end of the bare sessions, until killed."""
    raise_open_files()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    say(port=listener.getsockname()[1])
    kept = [listener.accept() for _ in range(count)]
    gevent.sleep(60 * len(kept))


def bare_near_end(count):
    """Say how much `count` bare sessions take, as a process of its own."""
    raise_open_files()
    with Peer(__file__, "bare-end", count) as peer:
        port = peer.read()["port"]
        gc.collect()
        before, kept = resident_bytes(), []
        for number in range(count):
            kept.append(Bare(socket.create_connection(("127.0.0.1", port))))
            if number % 100 == 99:
                gevent.sleep(0)
        gevent.sleep(0.2)
        gc.collect()
        say(kib=(resident_bytes() - before) / len(kept) / 1024)


def bare_kib(count):
    with Peer(__file__, "bare", count) as peer:
        return peer.read()["kib"]


def our_kib(count):
    """Return what a session takes at the caller and at the answerer, once their set-up is forgotten."""
    with Peer(HERE / "chat_peer.py", T1) as bob, Peer(HERE / "chat_peer.py", T1) as alice:
        port = bob.read()["port"]
        alice.read()
        call = {"port": port, "window": 8, "greeting": None, "seconds": 60}
        alice.ask("call", count=WARM_UP, **call)
        before = [idle(peer, WARM_UP) for peer in (alice, bob)]
        placed = alice.ask("call", count=count, **call)
        if placed["done"] < count:
            raise RuntimeError(f"not all sessions came to be: {placed}")
        return [
            (idle(peer, WARM_UP + count) - start) / count / 1024
            for peer, start in zip((alice, bob), before, strict=True)
        ]


def idle(peer, sessions):
    """Wait until the transactions of the set-up have gone; return the memory."""
    idle_timers = {"sessions": sessions, "timers": sessions + 10, "transactions": 0}  # a session has its refresh
    rest = dict.fromkeys(("actors", "greenlets", "files", "routes"), 10 * sessions + 1000)
    return peer.ask("settle", baseline={**idle_timers, **rest}, seconds=64 * T1 + 30)["rss"]


def main(count=2000):
    bound = bare_kib(count)
    for side, kib in zip(("caller", "answerer"), our_kib(count), strict=True):
        figure(f"memory.idle_chat_session_{side}", kib, "KiB", bound, GOAL_KIB / 20.0, smaller_is_better=True)
        figure(f"memory.idle_chat_session_{side}_limit", kib, "KiB", GOAL_KIB, 1.0, smaller_is_better=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        bare_near_end(int(sys.argv[2]))
    elif sys.argv[1:2] == ["bare-end"]:
        bare_end(int(sys.argv[2]))
    else:
        main(*map(int, sys.argv[1:]))
