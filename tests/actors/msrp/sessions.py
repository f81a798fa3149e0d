"""Sessions that share MSRP connections, without calls: actors that keep what they are told; and SENDs."""

from __future__ import annotations

import gevent

from sipsimple.actors.msrp.connection import MSRPConnection
from sipsimple.actors.msrp.connections import MSRPConnections
from sipsimple.actors.msrp.messages import (
    ChunksReceived,
    ConnectionBound,
    ConnectionFailed,
    ConnectionJoined,
    ConnectionLost,
)
from sipsimple.actors.runtime import Actor, ChildSpec, Restart, handles
from sipsimple.protocols.msrp import chunk


class Chat(Actor):
    """Keeps what it is told; while `gate` is shut it handles nothing."""

    def __init__(self, told, gate, takes_up=True):
        super().__init__()
        self.told = told
        self.gate = gate
        self.takes_up = takes_up

    @handles(ChunksReceived, ConnectionLost, ConnectionJoined, ConnectionFailed)
    def keep(self, message) -> None:
        """Keep a message."""
        self.gate.wait()
        self.told.append(message)

    @handles(ConnectionBound)
    def be_bound(self, message: ConnectionBound) -> None:
        """Keep a connection."""
        self.keep(message)
        if self.takes_up:
            message.stream.take_up()


class Opened(MSRPConnection):
    """Reads a connection that is open."""

    def open(self) -> bool:
        """Do nothing."""
        return True


class Connections(MSRPConnections):
    """Starts the readers of open connections, too."""

    def start(self, connection, actor=Opened, *args):
        """Start, and return the reader."""
        super().start(connection, actor, *args)
        return readers(self._supervisor)[-1]


def readers(supervisor):
    """The readers of all connections, in the order of their beginning."""
    return [each.child("reader") for each in supervisor.children if each.spec.id.startswith("connection-")]


def session(supervisor, name="chat", takes_up=True):
    """The actor of a session: its ref, and what it is told."""
    told, gate = [], gevent.event.Event()
    gate.set()
    return supervisor.start_child(ChildSpec(name, Chat, (told, gate, takes_up), Restart.TRANSIENT)), told


def send(number=1, content=b"hello", session="bob", **options):
    """A SEND whose Message-ID tells it from others."""
    to_path, from_path = f"msrp://127.0.0.1:2855/{session};tcp", "msrp://127.0.0.1:2856/alice;tcp"
    return chunk.send(f"tid{number:05}", to_path, from_path, f"message-{number}", content, "text/plain", **options)


def until(condition):
    """Let the others run until something holds."""
    while not condition():
        gevent.sleep(0)


def chunks_of(told):
    """All chunks that were told, in order."""
    return [
        each for message in told if isinstance(message, ChunksReceived | ConnectionBound) for each in message.chunks
    ]
