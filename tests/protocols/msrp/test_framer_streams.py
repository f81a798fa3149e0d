"""Bodies that are handed out as they come."""

from __future__ import annotations

import pytest

from sipsimple.protocols.msrp import Framer, chunk
from sipsimple.protocols.msrp.framer import MAX_CHUNK_BYTES
from sipsimple.protocols.msrp.message import MSRPData, Part

HEAD = b"MSRP tid1 SEND\r\nTo-Path: msrp://b:2/y;tcp\r\nContent-Type: a/b\r\n\r\n"
END = b"\r\n-------tid1$\r\n"
REPORT = b"MSRP tid2 REPORT\r\nMessage-ID: m123\r\n-------tid2$\r\n"


@pytest.fixture
def framer():
    framer = Framer()
    framer.streams = bool  # there are headers in every SEND
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

    framer.streams = bool  # there are headers in every SEND
    [part] = framer.feed(b" world" + END)

    assert bytes(part.data) == b"hello world"
    assert framer.head is None


def test_what_comes_after_garbage_is_an_error(framer):
    [part] = framer.feed(HEAD + b"hello" + END + b"garbage\r\n")

    assert part.is_last
    assert framer.error is not None


def test_only_what_is_asked_for_is_streamed():
    framer = Framer()
    framer.streams = lambda fields: fields["Message-ID"] == "file"
    file = chunk.send("tid1", "msrp://a;tcp", "msrp://b;tcp", "file", b"x" * 100, "text/plain").encode()
    chat = chunk.send("tid2", "msrp://a;tcp", "msrp://b;tcp", "chat", b"x" * 100, "text/plain").encode()
    pieces = [each for data in (file[:-60], file[-60:] + chat[:-60], chat[-60:]) for each in framer.feed(data)]
    assert [(type(each), each.size) for each in pieces if each.message_id == "chat"] == [(MSRPData, 100)]
    assert sum(each.size for each in pieces if each.message_id == "file") == 100
    assert {type(each) for each in pieces if each.message_id == "file"} == {Part}


def test_it_says_how_far_an_incomplete_chunk_has_come():
    framer = Framer()
    data = chunk.send("tid1", "msrp://a;tcp", "msrp://b;tcp", "m123", b"x" * 100, "text/plain").encode()
    assert (framer.progress, framer.unfinished) == (None, None)
    framer.feed(data[:20])
    assert (framer.progress, framer.unfinished) == (("", 20), None)
    framer.feed(data[20:-60])
    assert framer.progress == ("tid1", len(data) - 60)
    assert framer.unfinished["Message-ID"] == "m123"
    framer.feed(data[-60:])
    assert (framer.progress, framer.unfinished) == (None, None)
