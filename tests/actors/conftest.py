"""What the tests of MSRP connections have in common: a supervisor, a session, a connection and its far end."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.msrp import shared as msrp_shared
from sipsimple.actors.msrp.shared import SharedConnection
from sipsimple.actors.runtime import SupervisorSpec, System
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream
from tests.actors.msrp.sessions import Connections, session
from tests.interop.msrp_relay import Relay


@pytest.fixture
def time_limit(hub):
    """A test that waits for what never comes fails in ten seconds."""
    with gevent.Timeout(10):
        yield


@pytest.fixture
def budget():
    """Restarts that the supervisor has in a second."""
    return 10


@pytest.fixture
def call(time_limit, budget):
    """A supervisor."""
    system = System()
    yield system.start_child(SupervisorSpec("call", intensity=budget, period=1.0))
    system.stop()
    assert (system.actors, system.timers) == (0, 0)
    assert gevent.get_hub().loop.activecnt == 1  # the time limit of the test


@pytest.fixture
def relay():
    """A relay in threads of its own."""
    with Relay() as relay:
        yield relay


@pytest.fixture
def chat(call):
    """The actor of a session: its ref, and what it was told."""
    return session(call)


@pytest.fixture
def connections(call):
    """What starts readers."""
    return Connections(call)


@pytest.fixture
def graceless(monkeypatch):
    """A connection without sessions is closed at once."""
    monkeypatch.setattr(msrp_shared, "GRACE", 0.0)
    monkeypatch.setattr(msrp_shared, "PATIENCE", 0.0)


@pytest.fixture
def shared(call):
    """The far end's stream, and an open connection without sessions."""
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        near = sockets.connect(*listener.getsockname(), 5)
        far, remote = sockets.accept(listener)
    stream, peer = Stream(near, near.getpeername()), Stream(far, remote)
    connection = SharedConnection()
    connection.open(stream)
    yield peer, connection
    peer.close(flush=False)
    connection.close()
