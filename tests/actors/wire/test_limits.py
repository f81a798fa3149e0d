"""Bounds on connections, and what ends those that say nothing."""

from __future__ import annotations

from contextlib import ExitStack

import gevent
import pytest

from sipsimple.actors.runtime import ChildSpec, FakeClock, Restart, SupervisorSpec, System
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.connections import PONG_TIMEOUT
from sipsimple.actors.wire.limits import ConnectionLimits, source_of
from sipsimple.actors.wire.transports import Transports
from sipsimple.errors import LocalProtocolError
from tests.actors.wire.loopback import Inbox, Sender, options, until

HOST = "127.0.0.1"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def timed(clock):
    """A system whose time the test moves."""
    system = System(clock)
    yield system
    system.stop()
    assert system.actors == 0


@pytest.fixture
def listening(timed):
    """Make a side that listens: `listening(**limits) -> (transports, inbox, port)`; and connect to it by `dial`."""
    made = []

    def make(**limits):
        inbox = Inbox()
        supervisor = timed.start_child(SupervisorSpec(f"side-{len(made)}"))
        made.append(Transports(supervisor, inbox, limits=ConnectionLimits(**limits)))
        return made[-1], inbox, made[-1].listen("tcp", HOST, 0)

    yield make
    for each in made:
        each.close()


@pytest.fixture
def dial():
    """Connect, and close after the test."""
    with ExitStack() as stack:
        yield lambda port, host=HOST: stack.enter_context(sockets.connect(host, port, 5))


def is_closed(sock):
    """Wait for bytes, and tell whether it was the end instead."""
    sockets._wait(sock, sockets.READABLE)
    try:
        return sock.recv(100) == b""
    except ConnectionResetError:
        return True


def test_a_source_has_its_share_of_connections(listening, dial):
    transports, _, port = listening(per_source=2)
    first, second, surplus = dial(port), dial(port), dial(port)
    assert is_closed(surplus)
    assert transports.open_connections == 2
    first.close()
    until(lambda: transports.open_connections == 1)
    dial(port)
    until(lambda: transports.open_connections == 2)
    assert second


def test_connections_beyond_all_that_may_be_are_closed_at_once(listening, dial):
    transports, inbox, port = listening(total=1)
    known = dial(port)
    known.send(options())
    inbox.wait_for(1)
    assert is_closed(dial(port))
    assert transports.open_connections == 1


def test_who_says_nothing_makes_room_for_the_next(listening, dial):
    transports, inbox, port = listening(total=2)
    silent, talker = dial(port), dial(port)
    talker.send(options(1))
    inbox.wait_for(1)
    late = dial(port)
    late.send(options(2))
    inbox.wait_for(2)
    assert is_closed(silent)
    assert transports.open_connections == 2


def test_so_many_may_be_silent_and_no_more(listening, dial):
    transports, _, port = listening(strangers=3)
    silent = [dial(port) for _ in range(5)]
    assert is_closed(silent[0])
    assert is_closed(silent[1])
    until(lambda: transports.open_connections == 3)


def test_keep_alives_and_half_a_message_make_nobody_known(listening, dial, clock):
    transports, _, port = listening(silence=30.0)
    pinging, dripping = dial(port), dial(port)
    pinging.send(b"\r\n\r\n")
    dripping.send(options()[:50])
    sockets._wait(pinging, sockets.READABLE)
    assert pinging.recv(10) == b"\r\n"
    clock.advance(40)
    assert is_closed(dripping)
    assert is_closed(pinging)
    until(lambda: transports.open_connections == 0)


def test_a_connection_that_is_idle_for_too_long_is_closed(listening, dial, clock):
    transports, inbox, port = listening(idle=100.0, silence=30.0)
    idle, busy = dial(port), dial(port)
    idle.send(options(1))
    busy.send(options(2))
    inbox.wait_for(2)
    clock.advance(60)
    busy.send(b"\r\n\r\n")
    sockets._wait(busy, sockets.READABLE)
    clock.advance(60)
    assert is_closed(idle)
    until(lambda: transports.open_connections == 1)


def test_nothing_is_watched_when_nothing_is_open(listening, dial, clock):
    transports, _, port = listening(silence=10.0)
    assert clock.pending == 0
    dial(port)
    until(lambda: transports.open_connections == 1)
    assert clock.pending == 1
    clock.advance(60)
    until(lambda: transports.open_connections == 0)
    clock.advance(10)
    assert clock.pending == 0


@pytest.fixture
def sender(timed):
    failures = []
    return timed.start_child(ChildSpec("sender", Sender, (failures,), Restart.TEMPORARY)), failures


def test_a_far_end_that_does_not_answer_a_keep_alive_is_given_up(listening, sender, clock):
    """RFC 5626 4.4.1: ten seconds."""
    transports, _, _ = listening()
    ref, failures = sender
    with sockets.tcp_listener(HOST, 0) as silent:
        flow = transports.flow_to("tcp", *silent.getsockname())
        transports.send(options(), flow)
        sockets._wait(silent, sockets.READABLE)
        far, _ = sockets.accept(silent)
        with far:
            until(lambda: transports._connections.find("tcp", flow.remote).is_open)
            transports.keep_alive(flow, ref, "ping")
            clock.advance(PONG_TIMEOUT)
            until(lambda: failures)
    assert (failures[0].token, failures[0].error.reason) == ("ping", "no answer to a keep-alive")
    assert transports.open_connections == 0


def test_a_far_end_that_answers_keep_alives_stays(listening, sender, clock):
    transports, _, _ = listening()
    theirs, inbox, port = listening()
    ref, failures = sender
    flow = transports.flow_to("tcp", HOST, port)
    transports.send(options(), flow)
    inbox.wait_for(1)
    for _ in range(3):
        transports.keep_alive(flow, ref, "ping")
        connection = transports._connections.find("tcp", flow.remote)
        until(lambda connection=connection: connection.is_heard)
        clock.advance(PONG_TIMEOUT)
    assert failures == []
    assert transports.open_connections == theirs.open_connections == 1


def test_a_keep_alive_over_udp_is_one_datagram(listening):
    """Nobody answers it, but a NAT keeps its binding."""
    transports, _, _ = listening()
    transports.listen("udp", HOST, 0)
    with sockets.udp(HOST, 0) as far:
        transports.keep_alive(transports.flow_to("udp", *far.getsockname()))
        sockets._wait(far, sockets.READABLE)
        assert far.recv(100).strip(b"\r\n") == b""


def test_what_was_written_before_the_far_end_hung_up_without_a_word_is_told(listening, sender):
    """A connection that breaks before anything came over it has perhaps lost what went."""
    transports, _, _ = listening()
    ref, failures = sender
    with sockets.tcp_listener(HOST, 0) as listener:
        transports.send(options(), transports.flow_to("tcp", *listener.getsockname()), ref, "lost")
        sockets._wait(listener, sockets.READABLE)
        far, _ = sockets.accept(listener)
        sockets._wait(far, sockets.READABLE)
        assert far.recv(65_536) == options()
        far.close()
        until(lambda: failures)
    assert [each.token for each in failures] == ["lost"]


def test_what_was_answered_is_not_told_when_the_connection_ends(listening, sender):
    transports, inbox, _ = listening()
    ref, failures = sender
    with sockets.tcp_listener(HOST, 0) as listener:
        transports.send(options(), transports.flow_to("tcp", *listener.getsockname()), ref, "answered")
        sockets._wait(listener, sockets.READABLE)
        far, _ = sockets.accept(listener)
        far.send(options(7))
        inbox.wait_for(1)
        far.close()
        until(lambda: transports.open_connections == 0)
    gevent.sleep(0)
    assert failures == []


@pytest.mark.parametrize("field", ["total", "per_source", "strangers", "silence", "idle"])
def test_limits_are_above_zero(field):
    with pytest.raises(LocalProtocolError):
        ConnectionLimits(**{field: 0})


def test_a_customer_of_ipv6_is_one_source():
    assert source_of("2001:db8::1") == source_of("2001:db8:0:0:ffff::9") != source_of("2001:db8:0:1::1")
    assert source_of("fe80::1%eth0") == source_of("fe80::2")
    assert source_of("192.0.2.1") != source_of("192.0.2.2")
