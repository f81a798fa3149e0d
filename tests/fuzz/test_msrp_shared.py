"""Any bytes on a connection that two sessions share end that connection at the most; each session hears of it once."""

from __future__ import annotations

import gevent
from hypothesis import given, settings
from hypothesis import strategies as st

from sipsimple.actors.msrp.messages import ChunksReceived, ConnectionJoined, ConnectionLost
from sipsimple.actors.msrp.session_stream import SessionStream
from sipsimple.actors.msrp.shared import SharedConnection
from sipsimple.actors.runtime import SupervisorSpec, System
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream
from tests.actors.msrp.sessions import Connections, send, session, until

PIECES = [
    send(1).encode(),
    send(2, session="carol").encode(),
    send(3, session="mallory").encode(),
    send(4, b"x" * 3000, session="carol").encode()[:500],
    send(5).encode()[:40],
    b"MSRP tid00005 SEND\r\n",
    b"To-Path: msrp://127.0.0.1:2855/bob;tcp\r\n",
    b"To-Path: \xff\x00 nonsense\r\n",
    b"From-Path: msrp://a;tcp\r\n",
    b"Content-Type: text/plain\r\n\r\n",
    b"MSRP tid00006 481 Gone\r\nTo-Path: msrp://127.0.0.1:2855/bob;tcp\r\nFrom-Path: msrp://a;tcp\r\n-------tid00006$\r\n",
    b"MSRP tid00007 FROB\r\nTo-Path: msrp://127.0.0.1:2855/zed;tcp\r\n-------tid00007$\r\n",
    b"\r\n-------tid00005$\r\n",
    b"\r\n-------tid00001+\r\n",
]
streams = st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=12).map(b"".join)


def connected(connections):
    """A connection of two sessions: the far end, the reader, what each session is told."""
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        near = sockets.connect(*listener.getsockname(), 5)
        far, remote = sockets.accept(listener)
    connection, told = SharedConnection(), {}
    connection.open(Stream(near, near.getpeername()))
    number = len(connections._supervisor.children)
    for name in ("bob", "carol"):
        ref, told[name] = session(connections._supervisor, f"{name}-{number}")
        connection.join(SessionStream(connection, name, ref))
    return Stream(far, remote), connections.start(connection), told


@given(data=streams, ends=st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_bytes_cost_no_more_than_their_connection(data, ends):
    system = System()
    with gevent.Timeout(20):
        connections = Connections(system.start_child(SupervisorSpec("msrp", intensity=0)))
        one, reader, told = connected(connections)
        other, other_reader, others = connected(connections)
        one.write(data)
        if ends:
            one.close()
            until(lambda: not reader.is_alive)
        other.write(send(9).encode() + send(10, session="carol").encode())
        for name, number in (("bob", 9), ("carol", 10)):
            until(lambda name=name: len(others[name]) == 2)
            assert [each.message_id for each in others[name][1].chunks] == [f"message-{number}"]
        assert other_reader.is_alive
        assert (reader.restarts, other_reader.restarts) == (0, 0)
        for name, heard in told.items():
            assert isinstance(heard[0], ConnectionJoined)
            lost = [each for each in heard if isinstance(each, ConnectionLost)]
            assert len(lost) <= 1
            assert not ends or heard[-1:] == lost
            chunks = [chunk for each in heard if isinstance(each, ChunksReceived) for chunk in each.chunks]
            assert all(f"/{name};tcp" in chunk.fields["To-Path"] for chunk in chunks)
        for each in (one, other):
            each.close(flush=False)
        system.stop()
        assert (system.actors, system.timers) == (0, 0)
