import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp import Framer

SEND = (
    b"MSRP tid1 SEND\r\nTo-Path: msrp://b:2/y;tcp\r\nFrom-Path: msrp://a:1/x;tcp\r\nMessage-ID: m123\r\n"
    b"Byte-Range: 1-5/5\r\nContent-Type: text/plain\r\n\r\nhello\r\n-------tid1$\r\n"
)
OK = b"MSRP tid1 200 OK\r\nTo-Path: msrp://a:1/x;tcp\r\nFrom-Path: msrp://b:2/y;tcp\r\n-------tid1$\r\n"


def framed(*pieces, **limits):
    framer = Framer(**limits)
    return [chunk for piece in pieces for chunk in framer.feed(piece)]


def body(content, before=b"", tid=b"tid1"):
    return b"MSRP %b SEND\r\nContent-Type: a/b\r\n\r\n%b\r\n-------%b$\r\n" % (tid, before + content, tid)


@pytest.mark.parametrize("stream", [SEND, OK, SEND + OK + SEND, OK + OK + SEND])
def test_whole_or_byte_by_byte_or_with_trailing_bytes_is_the_same(stream):
    whole = framed(stream)

    assert b"".join(each.encode() for each in whole) == stream
    assert framed(*(stream[at : at + 1] for at in range(len(stream)))) == whole
    assert framed(stream + b"MSRP tid2 SE") == whole


def test_every_part_of_a_chunk_is_read():
    (chunk,) = framed(SEND)

    assert (chunk.transaction_id, chunk.method, chunk.code, chunk.contflag) == ("tid1", "SEND", None, "$")
    assert list(chunk.fields) == ["To-Path", "From-Path", "Message-ID", "Byte-Range", "Content-Type"]
    assert chunk.data == b"hello"
    (response,) = framed(OK)
    assert (response.method, response.code, response.comment, response.data) == (None, 200, "OK", b"")


def test_the_end_line_decides_whatever_the_byte_range_says():
    """A sender may interrupt or abort a chunk short of the range that it announced."""
    short = SEND.replace(b"1-5/5", b"1-500/500").replace(b"tid1$", b"tid1#")

    chunks = framed(short + SEND)

    assert [(each.data, each.contflag) for each in chunks] == [(b"hello", "#"), (b"hello", "$")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"\r\n-------tid",
        b"\r\n-------tid1",
        b"\r\n-------tid1$\r",
        b"\r\n-------tid12$\r\n",
        b"\r\n-------other$\r\n",
        b"\r\n-------tid1\r\n",
        b"\r\n\r\nMSRP tid1 SEND\r\n\r\n",
        b"\x00\xff" * 100,
        b"-" * 50,
    ],
)
def test_bodies_may_look_like_anything_but_their_end_line(content):
    stream = body(content) + OK

    assert [each.data for each in framed(stream)] == [content, b""]
    assert [each.data for each in framed(*(stream[at : at + 1] for at in range(len(stream))))] == [content, b""]


def test_an_empty_body_may_lack_its_own_line_end():
    """Some peers write the end-line right after the blank line."""
    (chunk,) = framed(b"MSRP tid1 SEND\r\nContent-Type: a/b\r\n\r\n-------tid1$\r\n")

    assert chunk.data == b""


def test_header_names_are_read_leniently():
    (chunk,) = framed(b"MSRP tid1 SEND\r\nto-path:msrp://b;tcp\r\nX-Own: 1\r\nMESSAGE-ID: m1\r\n-------tid1$\r\n")

    assert chunk.fields == {"To-Path": "msrp://b;tcp", "X-Own": "1", "Message-ID": "m1"}


def test_the_first_of_a_repeated_header_counts():
    (chunk,) = framed(b"MSRP tid1 SEND\r\nMessage-ID: one\r\nMessage-ID: two\r\n-------tid1$\r\n")

    assert chunk.message_id == "one"


@pytest.mark.parametrize(
    "stream",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"x",
        b"\r\n",
        b"MSRP t SEND\r\n-------t$\r\n",
        b"MSRP tid1 send\r\n-------tid1$\r\n",
        b"MSRP tid1 20\r\n-------tid1$\r\n",
        b"MSRP tid1 SEND\r\nno colon\r\n-------tid1$\r\n",
        b"MSRP tid1 SEND\r\n: empty\r\n-------tid1$\r\n",
        b"MSRP tid1 SEND\r\nA: b\nC: d\r\n-------tid1$\r\n",
        b"MSRP tid1 SEND\r\nA: b\rC: d\r\n-------tid1$\r\n",
        b"MSRP tid1 SEND\r\n-------tid2$\r\n",
        b"MSRP tid1 SEND\r\n-------tid1?\r\n",
        b"MSRP tid1 200 O\nK\r\n-------tid1$\r\n",
    ],
)
def test_garbage_ends_the_stream(stream):
    for pieces in ([stream], [stream[at : at + 1] for at in range(len(stream))]):
        framer = Framer()
        with pytest.raises(RemoteProtocolError) as caught:
            list(map(framer.feed, pieces))
        assert caught.value.status is None
        assert framer.error is caught.value
        with pytest.raises(RemoteProtocolError):
            framer.feed(SEND)


@pytest.mark.parametrize("garbage", [b"MSRP my dear, 0ur secret\r\n\r\n", b"MSRP tid1 SEND\r\nour secret\r\n\r\n"])
def test_the_reason_never_has_the_text(garbage):
    """Behind a message that is cut wrong its rest is read as a head, and reasons stand in the log."""
    framer = Framer()
    with pytest.raises(RemoteProtocolError) as caught:
        framer.feed(garbage)
    assert "secret" not in str(caught.value)


def test_what_came_before_garbage_is_not_lost():
    framer = Framer()

    assert [each.method for each in framer.feed(SEND + b"garbage")] == ["SEND"]
    assert framer.error is not None
    with pytest.raises(RemoteProtocolError):
        framer.feed(b"")


@pytest.mark.parametrize("split", [1, 7, 10_000])
def test_limits_hold_for_any_split(split):
    def feed(stream, **limits):
        return framed(*(stream[at : at + split] for at in range(0, len(stream), split)), **limits)

    assert feed(body(b"x" * 100), max_chunk=100)[0].size == 100
    with pytest.raises(RemoteProtocolError, match="chunk longer"):
        feed(body(b"x" * 101), max_chunk=100)
    with pytest.raises(RemoteProtocolError, match="chunk longer"):
        feed(b"MSRP tid1 SEND\r\n\r\n" + b"x" * 200, max_chunk=100)
    head = b"MSRP tid1 SEND\r\nA: %b\r\n-------tid1$\r\n"
    assert len(feed(head % (b"x" * (64 - 19)), max_head=64)) == 1
    with pytest.raises(RemoteProtocolError, match="headers longer"):
        feed(head % (b"x" * (65 - 19)), max_head=64)
    with pytest.raises(RemoteProtocolError, match="headers longer"):
        feed(b"MSRP tid1 SEND" + b"D" * 100, max_head=64)


def test_nothing_is_held_between_chunks():
    framer = Framer()
    framer.feed(SEND + SEND[:30])
    assert framer.pending == 30

    framer.feed(SEND[30:])

    assert framer.pending == 0


def test_a_chunk_in_many_pieces_is_searched_once():
    """The cost of waiting for a large chunk does not grow with what has come: what was searched is not again."""
    framer = Framer()
    content = b"\r\n-------tid" * 1000
    stream = body(content)
    framer.feed(stream[:1000])
    seen = []
    for at in range(1000, len(stream) - 1):
        framer.feed(stream[at : at + 1])
        seen.append(framer.pending - framer._scanned)

    assert max(seen) < 20
    assert framer.feed(stream[-1:])[0].data == content
