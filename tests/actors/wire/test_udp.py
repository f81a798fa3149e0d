"""UDP: the port and its reader."""

from __future__ import annotations

from collections import Counter

import gevent
import pytest

from sipsimple.actors.runtime import ChildSpec, Restart, SupervisorSpec
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.receiver import Trace
from sipsimple.actors.wire.udp import BATCH, UDPPort, UDPReader
from sipsimple.errors import TransportFailed
from sipsimple.protocols.sip.transport import Flow
from tests.actors.wire.loopback import Inbox, options, until


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def trace():
    return Trace()


@pytest.fixture
def reader(system, inbox, trace, host):
    """A reader of a port on loopback: its port and its ref."""
    port = UDPPort(sockets.udp(host, 0))
    supervisor = system.start_child(SupervisorSpec("udp", intensity=10, period=1.0))
    ref = supervisor.start_child(ChildSpec("reader", UDPReader, (port, inbox, trace), Restart.TRANSIENT))
    yield port, ref
    port.close()


@pytest.fixture
def peer(host):
    with sockets.udp(host, 0) as sock:
        yield sock


def test_a_datagram_is_received_with_the_flow_it_came_by(reader, inbox, peer):
    port, _ = reader
    peer.sendto(options(7, b"body"), port.local)
    [(message, flow)] = inbox.wait_for(1)
    assert (message.method, message.call_id, message.body) == ("OPTIONS", "call-7", b"body")
    assert flow == Flow("udp", port.local, sockets.address_of(peer.getsockname()))


def test_what_is_sent_over_the_flow_reaches_who_it_came_from(reader, inbox, peer):
    port, _ = reader
    peer.sendto(options(), port.local)
    [(_, flow)] = inbox.wait_for(1)
    port.send(b"answer", flow.remote)
    assert peer.recv(100) == b"answer"


def test_flows_of_one_source_are_one_object(reader, inbox, peer):
    port, _ = reader
    for number in range(2):
        peer.sendto(options(number), port.local)
    (_, one), (_, other) = inbox.wait_for(2)
    assert one is other


def test_garbage_is_malformed_and_the_next_message_arrives(reader, inbox, peer):
    port, _ = reader
    peer.sendto(b"\xff garbage\r\n\r\n", port.local)
    peer.sendto(options(), port.local)
    inbox.wait_for(1)
    [(data, error, flow)] = inbox.refused
    assert data == b"\xff garbage\r\n\r\n"
    assert error.status in (400, 505, None)
    assert flow.remote == sockets.address_of(peer.getsockname())


@pytest.mark.parametrize("keep_alive", [b"", b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0"])
def test_keep_alives_are_dropped_without_an_answer(reader, inbox, peer, keep_alive):
    port, _ = reader
    peer.sendto(keep_alive, port.local)
    peer.sendto(options(), port.local)
    inbox.wait_for(1)
    assert inbox.refused == []
    with pytest.raises(BlockingIOError):
        peer.recv(100)


def test_a_killed_reader_misses_no_datagram(reader, inbox, peer):
    """Killed again and again in the middle of traffic: what waits in the socket is read by the next incarnation."""
    port, ref = reader
    for number in range(9):
        peer.sendto(options(number), port.local)
        if number % 3 == 1:
            restarts = ref.restarts
            ref.kill()
            until(lambda: ref.restarts > restarts)  # noqa: B023
    inbox.wait_for(9)
    assert inbox.calls == [f"call-{number}" for number in range(9)]
    assert ref.restarts == 3


def test_a_receiver_that_crashes_loses_one_message(reader, inbox, peer):
    port, ref = reader
    inbox.crash_on = "call-1"
    for number in range(4):
        peer.sendto(options(number), port.local)
    inbox.wait_for(3)
    assert inbox.calls == ["call-0", "call-2", "call-3"]
    assert ref.restarts == 1


def test_a_flood_is_read_in_batches_and_others_have_their_turn(reader, inbox, trace, peer):
    port, _ = reader
    turn = 0
    read_in_turn = Counter()
    trace.hook = lambda *_: read_in_turn.update([turn])
    for number in range(2 * BATCH + 10):
        peer.sendto(options(number), port.local)
    while len(inbox.received) < 2 * BATCH + 10:
        turn += 1
        gevent.sleep(0)
    assert max(read_in_turn.values()) == BATCH


def test_the_trace_sees_what_comes(reader, inbox, trace, peer):
    port, _ = reader
    seen = []
    trace.hook = lambda *entry: seen.append(entry)
    peer.sendto(options(), port.local)
    [(_, flow)] = inbox.wait_for(1)
    assert seen == [(True, options(), flow)]


def test_closing_the_port_ends_its_reader(reader):
    port, ref = reader
    port.close()
    until(lambda: not ref.is_alive)
    assert ref.restarts == 0
    with pytest.raises(TransportFailed, match="closed"):
        port.send(b"x", ("127.0.0.1", 9))


@pytest.mark.parametrize(
    "remote", [("example.com", 5060), ("127.0.0.1", 70000), ("", 5060)], ids=["name", "port", "empty"]
)
def test_an_address_that_cannot_be_sent_to_is_a_failed_transport(remote):
    """Above all a name must not be looked up here: that would stop the hub."""
    port = UDPPort(sockets.udp("127.0.0.1", 0))
    with pytest.raises(TransportFailed, match="cannot send"):
        port.send(b"x", remote)
    port.close()


def test_a_datagram_that_is_too_large_is_a_failed_transport():
    port = UDPPort(sockets.udp("127.0.0.1", 0))
    with pytest.raises(TransportFailed, match="too long"):
        port.send(b"x" * 70_000, ("127.0.0.1", 9))
    port.close()


def test_a_port_on_all_addresses_names_the_one_that_the_far_end_sees(host):
    port = UDPPort(sockets.udp("0.0.0.0" if host == "127.0.0.1" else "::", 0))
    assert port.flow_from((host, 5060)).local == (host, port.local[1])
    port.close()


def test_the_known_flows_are_bounded(monkeypatch):
    """A peer that changes its source port with each datagram must not fill the memory."""
    monkeypatch.setattr("sipsimple.actors.wire.udp.KNOWN_FLOWS", 10)
    port = UDPPort(sockets.udp("127.0.0.1", 0))
    for number in range(100):
        port.flow_from(("127.0.0.1", 10_000 + number))
    assert len(port._flows) <= 10
    port.close()
