"""Fixtures of the wire tests: real loopback sockets, and nothing left running after a test."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.runtime import System
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream
from tests.actors.wire.dns_server import DNSServer

LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def active_watchers() -> int:
    """How many watchers and timers the hub has running."""
    gevent.sleep(0)
    return gevent.get_hub().loop.activecnt


@pytest.fixture(autouse=True)
def no_watcher_left(hub):
    """Every test must stop what the hub watches for it (descriptors and greenlets: tests/conftest.py)."""
    before = active_watchers()
    yield
    for _ in range(100):  # what was closed may still be on its way out
        if active_watchers() == before:
            return
    pytest.fail(f"watchers left: {active_watchers() - before}", pytrace=False)


@pytest.fixture(autouse=True)
def time_limit(no_watcher_left):
    """A test that waits for what never comes fails in ten seconds."""
    with gevent.Timeout(10):
        yield


@pytest.fixture(params=[4, 6], ids=["IPv4", "IPv6"])
def host(request):
    """The loopback address of each family."""
    return LOOPBACK[request.param]


@pytest.fixture
def socket_pair():
    """Make two ends of a TCP connection over loopback: `pair(host) -> (near, far)`."""
    opened = []

    def pair(host: str = "127.0.0.1") -> tuple[sockets.Socket, sockets.Socket]:
        listener = sockets.tcp_listener(host, 0)
        with listener:
            near = sockets.connect(host, listener.getsockname()[1], 5)
            far, _ = sockets.accept(listener)
        opened.extend((near, far))
        return near, far

    yield pair
    for sock in opened:
        sock.close()


@pytest.fixture
def streams(socket_pair):
    """Two ends of a plain stream, closed after the test."""
    near, far = (Stream(sock, sockets.address_of(sock.getpeername())) for sock in socket_pair())
    yield near, far
    near.close(flush=False)
    far.close(flush=False)


@pytest.fixture
def system():
    """A system of actors, stopped after the test; none of its actors and timers may remain."""
    system = System()
    yield system
    system.stop()
    assert (system.actors, system.timers) == (0, 0)


@pytest.fixture
def dns_server():
    """A name server on loopback."""
    server = DNSServer()
    yield server
    server.close()
