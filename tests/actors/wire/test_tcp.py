"""Listening for TCP connections."""

from __future__ import annotations

import errno
import os

import pytest

from sipsimple.actors.runtime import ChildSpec, Restart, SupervisorSpec
from sipsimple.actors.wire import sockets, tcp
from sipsimple.actors.wire.tcp import TCPAcceptor, TCPPort
from tests.actors.wire.loopback import until


@pytest.fixture
def accepted():
    taken = []
    yield taken
    for sock, _ in taken:
        sock.close()


@pytest.fixture
def acceptor(system, accepted, host):
    """An acceptor on loopback: its port and its ref."""
    port = TCPPort(sockets.tcp_listener(host, 0))
    supervisor = system.start_child(SupervisorSpec("tcp", intensity=10, period=1.0))
    arguments = (port, lambda sock, remote: accepted.append((sock, remote)))
    ref = supervisor.start_child(ChildSpec("acceptor", TCPAcceptor, arguments, Restart.TRANSIENT))
    yield port, ref
    port.close()


def test_each_connection_is_handed_over_with_its_remote_address(acceptor, accepted):
    port, _ = acceptor
    with sockets.connect(*port.local, 5) as one, sockets.connect(*port.local, 5) as other:
        until(lambda: len(accepted) == 2)
        assert [remote for _, remote in accepted] == [sockets.address_of(each.getsockname()) for each in (one, other)]


def test_a_killed_acceptor_misses_no_connection(acceptor, accepted):
    port, ref = acceptor
    opened = []
    for number in range(6):
        if number % 2:
            ref.kill()
        opened.append(sockets.connect(*port.local, 5))
    until(lambda: len(accepted) == 6)
    assert ref.restarts == 3
    for each in opened:
        each.close()


def test_closing_the_port_ends_its_acceptor(acceptor):
    port, ref = acceptor
    port.close()
    until(lambda: not ref.is_alive)
    assert ref.restarts == 0


def test_an_acceptor_outlives_a_lack_of_descriptors(acceptor, accepted, monkeypatch):
    """The connection waits in the system's queue until there are descriptors again."""
    port, ref = acceptor
    monkeypatch.setattr(tcp, "EXHAUSTED_PAUSE", 0.001)
    lacks = [OSError(errno.EMFILE, os.strerror(errno.EMFILE)) for _ in range(3)]
    real = sockets.accept

    def accept(listener):
        if lacks:
            raise lacks.pop()
        return real(listener)

    monkeypatch.setattr(sockets, "accept", accept)
    with sockets.connect(*port.local, 5):
        until(lambda: accepted)
    assert lacks == []
    assert ref.restarts == 0


def test_a_closed_port_has_nothing_to_take():
    port = TCPPort(sockets.tcp_listener("127.0.0.1", 0))
    assert port.take() is None
    port.close()
    port.close()
    assert port.take() is None
    assert not port.wait()
