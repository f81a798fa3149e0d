"""Plain streams: reading waits, writing never does."""

from __future__ import annotations

import socket

import gevent
import pytest

from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import BATCH_BYTES, UNSENT_BYTES, Stream
from sipsimple.errors import TransportFailed


def read_exactly(stream, count):
    """Read until `count` bytes came or the stream ended."""
    parts, missing = [], count
    while missing and (data := stream.read(missing)):
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def fill(stream, limit):
    """Write until the kernel takes no more and something waits in the backlog."""
    sent = 0
    while not stream.backlog_bytes:
        stream.write(b"x" * limit)
        sent += limit
    return sent


def test_what_is_written_is_read(streams):
    near, far = streams
    near.write(b"ping")
    assert far.read() == b"ping"
    far.write(b"pong")
    assert near.read(2) + near.read(2) == b"pong"


def test_each_end_knows_both_addresses(streams):
    near, far = streams
    assert (near.local, near.remote) == (far.remote, far.local)


def test_a_read_waits_and_lets_others_run(streams):
    near, far = streams
    reader = gevent.spawn(far.read)
    gevent.sleep(0)
    assert not reader.ready()
    near.write(b"late")
    assert reader.get() == b"late"


def test_the_end_of_the_stream_reads_as_nothing_and_can_still_be_written_to(streams):
    near, far = streams
    near._socket.shutdown(1)
    assert far.read() == b""
    far.write(b"last words")
    assert near.read() == b"last words"


def test_a_write_to_a_far_end_that_does_not_read_returns_at_once_and_arrives_later(streams):
    near, far = streams
    sent = fill(near, 1_000_000)
    assert near.backlog_bytes > 0
    near.write(b"end")

    data = read_exactly(far, sent + 3)

    assert len(data) == sent + 3
    assert data.endswith(b"xend")
    assert near.backlog_bytes == 0


def test_a_full_backlog_closes_the_stream(socket_pair):
    """A peer that never reads cannot make this side's memory grow."""
    near_socket, _ = socket_pair()
    near = Stream(near_socket, ("127.0.0.1", 1), backlog_limit=10_000)
    with pytest.raises(TransportFailed, match="does not read"):
        fill(near, 1_000_000)

    assert near.closed
    assert near.backlog_bytes == 0
    with pytest.raises(TransportFailed, match="does not read"):
        near.read()


def test_closing_lets_the_backlog_drain_first(streams):
    near, far = streams
    sent = fill(near, 1_000_000)
    near.close()
    assert near.closed
    assert len(read_exactly(far, sent)) == sent
    assert far.read() == b""


def test_closing_without_flush_drops_the_backlog_at_once(streams):
    near, far = streams
    sent = fill(near, 1_000_000)
    near.close(flush=False)
    assert near.backlog_bytes == 0
    assert 0 < len(read_exactly(far, sent)) < sent


def test_a_close_without_flush_cuts_a_draining_one_short(streams):
    """The proof that nothing stays open is the fixture that counts descriptors and watchers."""
    near, _ = streams
    fill(near, 1_000_000)
    near.close()
    assert near.backlog_bytes
    near.close(flush=False)
    assert near.backlog_bytes == 0


def test_a_far_end_that_never_reads_holds_a_closed_stream_for_the_linger_time_only(streams, monkeypatch):
    monkeypatch.setattr("sipsimple.actors.wire.stream.LINGER", 0.01)
    near, _ = streams
    fill(near, 1_000_000)
    near.close()
    while near.backlog_bytes:
        gevent.sleep(0.001)
    assert near._socket is None


def test_a_waiting_reader_learns_that_its_own_side_closed(streams):
    near, _ = streams
    reader = gevent.spawn(near.read)
    gevent.sleep(0)
    near.close()
    assert reader.get() == b""
    assert near.read() == b""


def test_a_closed_stream_cannot_be_written_to(streams):
    near, _ = streams
    near.close()
    near.close()
    with pytest.raises(TransportFailed, match="closed") as caught:
        near.write(b"x")
    assert caught.value.peer == sockets.address_text(near.remote)
    assert caught.value.transport == "tcp"


def test_a_reset_by_the_far_end_is_a_failed_transport(streams):
    near, far = streams
    far._socket.setsockopt(sockets.socket.SOL_SOCKET, sockets.socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    far.close()
    with pytest.raises(TransportFailed, match="reset") as caught:
        near.read()
    assert isinstance(caught.value.__cause__, ConnectionResetError)
    assert near.closed
    with pytest.raises(TransportFailed, match="reset"):
        near.write(b"x")


def test_last_words_arrive_although_something_was_left_unread(streams):
    """Closing over unread bytes would reset the connection and lose what was just written."""
    near, far = streams
    near.write(b"never read")
    gevent.sleep(0)
    far.write(b"481")
    far.close()
    assert near.read() == b"481"
    assert near.read() == b""


def test_a_killed_reader_is_replaced_by_another_and_no_byte_is_lost(streams):
    near, far = streams
    first = gevent.spawn(far.read)
    gevent.sleep(0)
    near.write(b"kept")
    first.kill()
    assert far.read() == b"kept"


def test_a_reader_that_never_has_to_wait_lets_others_run(streams):
    """A peer that floods must not starve the other actors of the hub."""
    near, far = streams
    turns = []

    def flood():
        while not near.closed:
            if near.backlog_bytes < 1_000_000:
                near.write(b"x" * 200_000)
            turns.append(1)
            gevent.sleep(0)

    flooder = gevent.spawn(flood)
    far.read(1)
    turns.clear()
    for _ in range(400):
        far.read(1)
    near.close(flush=False)
    flooder.join()
    assert len(turns) > 10


def test_an_idle_stream_has_no_buffer_and_no_write_watcher(streams):
    near, _ = streams
    assert near._backlog is None
    assert near._writable is None
    assert not hasattr(near, "__dict__")


def test_a_stream_that_nobody_reads_is_not_watched(streams):
    """A watcher left behind would spin the hub as long as there is something to read."""
    near, far = streams
    idle = gevent.get_hub().loop.activecnt
    near.write(b"one")
    assert far.read() == b"one"
    near.write(b"two")
    assert gevent.get_hub().loop.activecnt == idle


def test_a_waiting_reader_does_not_wait_for_the_backlog_to_drain(streams):
    near, _ = streams
    fill(near, 1_000_000)
    reader = gevent.spawn(near.read)
    gevent.sleep(0)
    near.close()
    assert reader.get() == b""
    assert near.backlog_bytes


def test_what_is_written_soon_leaves_in_one_go_when_the_turn_is_over(streams):
    near, far = streams
    for word in (b"one ", b"two ", b"three"):
        near.write_soon(word)
    assert near.backlog_bytes == 13
    gevent.sleep(0)
    assert (near.backlog_bytes, near._backlog, near._writable) == (0, None, None)
    assert far.read() == b"one two three"


def test_what_is_written_soon_and_at_once_keeps_its_order(streams):
    near, far = streams
    near.write_soon(b"a")
    near.write(b"b")
    near.write_soon(b"c")
    gevent.sleep(0)
    near.write(b"d")
    assert read_exactly(far, 4) == b"abcd"


def test_a_large_batch_does_not_wait_for_the_end_of_the_turn(streams):
    """The far end works on its beginning while this side makes the rest."""
    near, far = streams
    near.write_soon(b"x" * (BATCH_BYTES - 1))
    assert near.backlog_bytes
    near.write_soon(b"y")
    assert near.backlog_bytes == 0
    assert len(read_exactly(far, BATCH_BYTES)) == BATCH_BYTES


def test_a_batch_that_the_kernel_does_not_take_arrives_later(streams):
    near, far = streams
    sent = fill(near, 1_000_000)
    for _ in range(100):
        near.write_soon(b"z" * 1000)
    near.write_soon(b"end")
    data = read_exactly(far, sent + 100_003)
    assert len(data) == sent + 100_003
    assert data.endswith(b"zend")
    assert near.backlog_bytes == 0


def test_closing_sends_the_batch_of_this_turn_first(streams):
    near, far = streams
    near.write_soon(b"last words")
    near.close()
    assert near._socket is None
    assert far.read() == b"last words"
    assert far.read() == b""


def test_closing_without_flush_drops_the_batch_of_this_turn(streams):
    near, far = streams
    near.write_soon(b"never sent")
    near.close(flush=False)
    assert near.backlog_bytes == 0
    assert far.read() == b""


def test_a_batch_that_fails_is_told_to_the_reader_and_to_the_next_writer(streams):
    near, far = streams
    far._socket.setsockopt(sockets.socket.SOL_SOCKET, sockets.socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    far.close()
    near.write_soon(b"x")
    gevent.sleep(0)
    assert near.closed
    with pytest.raises(TransportFailed, match="reset") as caught:
        near.read()
    assert isinstance(caught.value.__cause__, ConnectionResetError)
    for write in (near.write_soon, near.write):
        with pytest.raises(TransportFailed, match="reset"):
            write(b"y")


def test_a_batch_that_fails_while_the_stream_closes_leaves_nothing_open(streams):
    near, far = streams
    far._socket.setsockopt(sockets.socket.SOL_SOCKET, sockets.socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    far.close()
    near.write_soon(b"x")
    near.close()
    assert near._socket is None


def test_a_batch_beyond_the_limit_closes_the_stream(socket_pair):
    near_socket, _ = socket_pair()
    near = Stream(near_socket, ("127.0.0.1", 1), backlog_limit=10_000)
    near.write_soon(b"x" * 9_000)
    with pytest.raises(TransportFailed, match="does not read"):
        near.write_soon(b"x" * 1_001)
    assert near.closed
    with pytest.raises(TransportFailed, match="does not read"):
        near.read()


def test_parts_arrive_as_if_they_were_joined(streams):
    near, far = streams
    near.write_parts((b"head ", memoryview(b"the body of it")[4:8], b"", b" end"))
    assert read_exactly(far, 13) == b"head body end"


def test_parts_that_the_kernel_does_not_take_arrive_later(streams):
    near, far = streams
    body = bytes(range(256)) * 40_000
    near.write_parts((b"head", body, b"end"))
    assert 0 < near.backlog_bytes < len(body)
    near.write_parts((b"more", b"parts"))
    data = read_exactly(far, len(body) + 16)
    assert data == b"head" + body + b"end" + b"moreparts"


def test_who_asks_is_called_each_time_that_all_has_left(streams):
    near, far = streams
    drained = []
    near.when_drained = lambda: drained.append(near.backlog_bytes)
    for _ in range(2):
        sent = 0
        while not near.backlog_bytes:  # how much the kernel takes is its own affair
            near.write(bytes(1_000_000))
            sent += 1_000_000
        read_exactly(far, sent)
        gevent.sleep(0)
    assert drained == [0, 0]


def test_a_kernel_that_is_to_keep_little_takes_little(streams):
    near, _far = streams
    near.keep_little()
    near.write(bytes(8_000_000))
    assert near._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == UNSENT_BYTES
    near.close(flush=False)
    near.keep_little()  # there is nothing to tell it any more
