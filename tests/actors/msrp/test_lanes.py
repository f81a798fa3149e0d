"""Whose chunk leaves next."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.msrp.lanes import ENOUGH_CHUNKS, Lanes
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream

MIB = 1024 * 1024


@pytest.fixture
def ends(hub):
    """Two ends of a connection."""
    with gevent.Timeout(10), sockets.tcp_listener("127.0.0.1", 0) as listener:
        near = sockets.connect(*listener.getsockname(), 5)
        far, remote = sockets.accept(listener)
        streams = Stream(near, near.getpeername()), Stream(far, remote)
        yield streams
        for each in streams:
            each.close(flush=False)


def chunk(letter, size=64 * 1024):
    return letter, letter * (size - 2), letter


def read(stream, size):
    data = b""
    while len(data) < size:
        data += stream.read()
    return data


def test_what_fits_leaves_at_once(ends):
    near, far = ends
    lanes = Lanes(near)
    lanes.put("one", (b"head ", b"body", b" end"))
    assert far.read() == b"head body end"
    assert lanes.waiting == 0


def test_writers_take_turns_chunk_by_chunk(ends):
    near, far = ends
    lanes = Lanes(near)
    near._keep(b"")  # something waits, so that all queue up
    near._backlog += b"-" * MIB
    for letter in (b"a", b"b", b"c"):
        for _ in range(3):
            lanes.put(letter, chunk(letter))
    assert lanes.waiting == 9
    near._drain()
    data = read(far, MIB + 9 * 64 * 1024)[MIB:]
    assert [data[at : at + 1] for at in range(0, len(data), 64 * 1024)] == [b"a", b"b", b"c"] * 3


def test_no_more_than_one_chunk_is_ahead_of_what_is_written_soon(ends):
    near, far = ends
    lanes = Lanes(near)
    for _ in range(64):
        lanes.put("file", chunk(b"f"))
    assert lanes.waiting > 8, "the kernel does not take it all"
    waiting = lanes.waiting
    near.write_soon(b"chat")
    data = read(far, 64 * 64 * 1024 + 4)
    assert data.index(b"chat") <= (64 - waiting) * 64 * 1024


def test_what_was_cleared_does_not_leave(ends):
    near, far = ends
    lanes = Lanes(near)
    near._keep(b"")
    near._backlog += b"-"
    lanes.put("one", chunk(b"a"))
    lanes.put("two", (b"b", b"b", b"b"))
    lanes.clear("one")
    near._drain()
    assert read(far, 4) == b"-bbb"


def test_a_stream_that_breaks_over_a_chunk_raises_at_its_reader_only(ends):
    near, far = ends
    lanes = Lanes(near)
    near.close(flush=False)
    lanes.put("one", chunk(b"a"))
    assert far.read() == b""


def test_who_has_chunks_among_many_is_told_that_they_are_enough(ends):
    near, _ = ends
    lanes = Lanes(near)
    near._keep(b"")
    near._backlog += b"-"
    for _ in range(ENOUGH_CHUNKS - 1):
        lanes.put("one", (b"", b"", b""))
    assert not lanes.has_enough("one")
    lanes.put("two", (b"", b"", b""))
    assert lanes.has_enough("one")
    assert lanes.has_enough("two")
    assert not lanes.has_enough("three"), "it would never hear that there is room again"
