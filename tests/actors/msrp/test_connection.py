"""The actors of one MSRP connection, over loopback."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.msrp import connection as msrp_connection
from sipsimple.actors.msrp.messages import ChunksReceived, ConnectionLost
from sipsimple.actors.msrp.session_stream import SessionStream
from sipsimple.actors.msrp.shared import SharedConnection
from sipsimple.actors.wire import sockets
from sipsimple.protocols.msrp import chunk
from tests.actors.msrp.sessions import chunks_of, send, until


@pytest.fixture
def connection(connections, shared, chat):
    """A read connection with one session: the far end's stream, the reader's ref."""
    peer, connection = shared
    connection.join(SessionStream(connection, "bob", chat[0]))
    until(lambda: chat[1])
    chat[1].clear()
    return peer, connections.start(connection)


def test_a_response_is_for_a_session_that_there_is_and_begins_none(chat):
    ref, _ = chat
    connection = SharedConnection(expected={"bob": ref}.get)
    request = send(1)
    response = chunk.response(request, 200)
    response.fields["To-Path"] = request.fields["To-Path"]
    assert connection.find(response) is None
    begun = connection.find(request)
    assert begun.ref is ref
    assert connection.find(response) is begun


def test_the_chunks_of_one_read_are_told_together(connection, chat):
    peer, _ = connection
    _, told = chat
    peer.write(send(1).encode() + send(2).encode() + send(3).encode()[:20])
    until(lambda: told)
    assert told == [ChunksReceived((send(1), send(2)))]
    peer.write(send(3).encode()[20:])
    until(lambda: len(told) == 2)
    assert told[1] == ChunksReceived((send(3),))


def test_the_end_of_the_connection_is_clean(connection, chat):
    peer, reader = connection
    _, told = chat
    peer.write(send(1).encode())
    peer.close()
    until(lambda: len(told) == 2 and not reader.is_alive)
    assert told == [ChunksReceived((send(1),)), ConnectionLost(True, "the connection was closed")]


def test_a_reset_is_not_clean(connection, chat):
    peer, reader = connection
    _, told = chat
    peer._socket.setsockopt(sockets.socket.SOL_SOCKET, sockets.socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    until(lambda: told)
    assert (told[0].clean, "reset" in told[0].reason) == (False, True)
    until(lambda: not reader.is_alive)


def test_garbage_is_not_clean_and_what_came_before_it_is_told(connection, chat):
    peer, reader = connection
    _, told = chat
    peer.write(send(1).encode() + b"GET / HTTP/1.1\r\n\r\n")
    until(lambda: len(told) == 2)
    assert chunks_of(told) == [send(1)]
    assert isinstance(told[1], ConnectionLost)
    assert not told[1].clean
    until(lambda: not reader.is_alive)
    assert peer.read() == b""


def test_a_killed_reader_loses_nothing(connection, chat):
    """Killed in the middle of chunks: the rest of the chunk is read into the same framer."""
    peer, reader = connection
    _, told = chat
    data = b"".join(send(number).encode() for number in range(30))
    for start in range(0, len(data), 97):
        peer.write(data[start : start + 97])
        if start % 5 == 0 and reader.restarts < 8:
            reader.kill()
        gevent.sleep(0)
    until(lambda: len(chunks_of(told)) == 30)
    assert chunks_of(told) == [send(number) for number in range(30)]
    assert reader.restarts > 3


def test_a_reader_that_is_stopped_closes_the_connection(connection, chat, call):
    peer, _ = connection
    call.terminate_child("connection-1")
    assert peer.read() == b""
    until(lambda: chat[1])
    assert isinstance(chat[1][0], ConnectionLost)


def test_a_chat_that_has_ended_ends_its_connection(connection, chat, call, graceless):
    peer, reader = connection
    call.terminate_child("chat")
    peer.write(send(1).encode())
    until(lambda: not reader.is_alive)
    assert peer.read() == b""


def test_a_far_end_that_is_faster_than_the_chat_has_to_wait(connection, chat):
    """The chat's mailbox stops growing, the far end's writing stalls, and nothing is lost."""
    peer, _ = connection
    ref, told = chat
    gate = ref._slot.actor.gate
    gate.clear()
    sent = 0
    while ref.depth <= msrp_connection.MAILBOX_ENOUGH or peer.backlog_bytes < 2_000_000:
        if peer.backlog_bytes < 2_000_000:
            peer.write(send(sent, b"x" * 60_000).encode())
            sent += 1
        gevent.sleep(0)
    for _ in range(100):
        gevent.sleep(0)
    assert ref.depth == msrp_connection.MAILBOX_ENOUGH + 1

    gate.set()
    until(lambda: len(chunks_of(told)) == sent)
    assert [each.message_id for each in chunks_of(told)] == [f"message-{number}" for number in range(sent)]
