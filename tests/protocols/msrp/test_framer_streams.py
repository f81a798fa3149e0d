"""Bodies that are handed out as they come."""

from __future__ import annotations

import pytest

from sipsimple.protocols.msrp import Framer
from sipsimple.protocols.msrp.framer import MAX_CHUNK_BYTES
from sipsimple.protocols.msrp.message import Part

HEAD = b"MSRP tid1 SEND\r\nTo-Path: msrp://b:2/y;tcp\r\nContent-Type: a/b\r\n\r\n"
END = b"\r\n-------tid1$\r\n"
REPORT = b"MSRP tid2 REPORT\r\nMessage-ID: m123\r\n-------tid2$\r\n"


@pytest.fixture
def framer():
    framer = Framer()
    framer.streams = True
    return framer


def test_a_body_is_handed_out_before_its_end(framer):
    [first] = framer.feed(HEAD + b"hello")
    [second] = framer.feed(b" world")
    [last, report] = framer.feed(b"!" + END + REPORT)

    assert [(bytes(each.data), each.offset, each.is_last) for each in (first, second, last)] == [
        (b"hello", 0, False),
        (b" world", 5, False),
        (b"!", 11, True),
    ]
    assert [each.contflag for each in (first, second, last)] == ["+", "+", "$"]
    assert first.fields == last.fields == {"To-Path": "msrp://b:2/y;tcp", "Content-Type": "a/b"}
    assert (first.method, first.transaction_id) == ("SEND", "tid1")
    assert not isinstance(report, Part)


def test_what_is_fed_is_not_copied(framer):
    data = HEAD + bytes(100_000)
    [part] = framer.feed(data)

    assert part.data.obj is data
    assert framer.pending == 0


def test_a_chunk_of_any_size_needs_no_memory(framer):
    framer.feed(HEAD)
    piece = bytes(1024 * 1024)
    total = 0
    for _ in range(2 * MAX_CHUNK_BYTES // len(piece)):
        for part in framer.feed(piece):
            assert part.offset == total
            total += len(part.data)
        assert framer.pending == 0
    [last] = framer.feed(END)

    assert (last.offset, len(last.data), last.is_last) == (total, 0, True)


def test_what_may_be_an_end_line_waits(framer):
    [part] = framer.feed(HEAD + b"hello\r\n-------ti")
    assert bytes(part.data) == b"hello"
    assert framer.pending == 11
    [part] = framer.feed(b"x")
    assert bytes(part.data) == b"\r\n-------tix"
    assert framer.pending == 0


def test_an_empty_body_is_one_part(framer):
    [part] = framer.feed(HEAD + END)

    assert (part.data, part.offset, part.is_last) == (b"", 0, True)


def test_requests_without_a_body_and_responses_come_as_ever(framer):
    stream = REPORT + b"MSRP tid3 200 OK\r\nTo-Path: msrp://a;tcp\r\n-------tid3$\r\n"

    assert [type(each).__name__ for each in framer.feed(stream)] == ["MSRPData", "MSRPData"]


def test_the_head_of_a_chunk_is_known_before_its_body():
    """So that a listener can tell whose connection it is, however large the first chunk."""
    framer = Framer()
    framer.feed(HEAD[:-1])
    assert framer.head is None
    framer.feed(HEAD[-1:] + b"hello")
    assert framer.head is not None
    assert framer.head.fields["To-Path"] == "msrp://b:2/y;tcp"

    framer.streams = True
    [part] = framer.feed(b" world" + END)

    assert bytes(part.data) == b"hello world"
    assert framer.head is None


def test_what_comes_after_garbage_is_an_error(framer):
    [part] = framer.feed(HEAD + b"hello" + END + b"garbage\r\n")

    assert part.is_last
    assert framer.error is not None
