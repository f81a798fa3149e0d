"""Peers that keep a chunk open are cut off; those that are idle, slow or held up by us are not."""

from __future__ import annotations

import pytest

from sipsimple.actors.msrp import watch as msrp_watch
from sipsimple.actors.msrp.gate import Gate
from sipsimple.actors.msrp.messages import ConnectionLost
from sipsimple.actors.msrp.session_stream import SessionStream
from sipsimple.actors.msrp.shared import SharedConnection
from sipsimple.actors.msrp.watch import LEAST_BYTES, Watched
from tests.actors.msrp.sessions import send, until

HALF = send(1, b"x" * 10_000).encode()[:5_000]


@pytest.fixture
def watched(connections, shared, chat):
    """What watches one connection with one session: the far end, the connection, the watch."""
    peer, connection = shared
    connection.join(SessionStream(connection, "bob", chat[0]))
    connections.start(connection)
    return peer, connection, connections._watched


def arrive(peer, connection, data):
    """Send bytes and wait until they were read."""
    had = connection.framer.pending
    peer.write(data)
    until(lambda: connection.framer.pending == had + len(data))


def test_a_chunk_that_does_not_go_on_is_stalled_at_the_second_look(watched):
    peer, connection, watch = watched
    arrive(peer, connection, HALF)
    assert watch.stalled() == []
    arrive(peer, connection, b"drip")
    assert watch.stalled() == [connection]


@pytest.mark.parametrize("beginning", [b"M", HALF[:60]])
def test_so_is_a_head(watched, beginning):
    peer, connection, watch = watched
    arrive(peer, connection, beginning)
    assert watch.stalled() == []
    assert watch.stalled() == [connection]


def test_one_that_goes_on_is_not(watched):
    peer, connection, watch = watched
    arrive(peer, connection, HALF)
    for _ in range(3):
        assert watch.stalled() == []
        arrive(peer, connection, b"x" * LEAST_BYTES)


def test_one_without_an_unfinished_chunk_is_not(watched):
    _, _, watch = watched
    assert [watch.stalled() for _ in range(3)] == [[], [], []]


def test_another_chunk_begins_anew(watched):
    peer, connection, watch = watched
    arrive(peer, connection, HALF)
    watch.stalled()
    peer.write(send(1, b"x" * 10_000).encode()[5_000:] + send(2, b"x" * 10_000).encode()[:5_000])
    until(lambda: connection.framer.progress[0] == "tid00002")
    assert watch.stalled() == []


def test_one_that_this_side_holds_up_is_not(watched):
    peer, connection, watch = watched
    gate = Gate()
    arrive(peer, connection, HALF)
    connection.sessions["bob"].take_up(gate)
    gate.enter(1 << 30)
    assert [watch.stalled() for _ in range(3)] == [[], [], []]


def test_what_is_over_is_forgotten(watched, call):
    peer, connection, watch = watched
    assert list(watch.connections) == [connection]
    assert isinstance(watch, Watched)
    arrive(peer, connection, HALF)
    connection.close()
    watch.stalled()
    assert watch.stalled() == []


def test_the_sessions_of_a_stalled_connection_are_told_and_it_is_closed(monkeypatch, connections, shared, chat):
    monkeypatch.setattr(msrp_watch, "PERIOD", 0.02)
    peer, connection = shared
    connection.join(SessionStream(connection, "bob", chat[0]))
    connections.start(connection)
    peer.write(HALF)
    until(lambda: len(chat[1]) == 2)
    assert isinstance(chat[1][1], ConnectionLost)
    assert "has not gone on" in chat[1][1].reason
    assert peer.read() == b""


def test_a_watch_that_crashes_over_and_over_costs_no_connection_and_the_next_one_has_it_back(call, connections, shared):
    _, connection = shared
    reader = connections.start(connection)
    watch = call.child("watch")
    watch.child("actor").kill()
    until(lambda: watch.child("actor").restarts == 1)
    watch.child("actor").kill()
    until(lambda: not watch.is_alive)
    assert (call.is_alive, reader.is_alive, connection.is_over) == (True, True, False)
    connections.start(SharedConnection(connection.stream))
    assert call.child("watch").child("actor").is_alive
