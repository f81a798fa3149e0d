"""Any bytes are chunks or RemoteProtocolError, and it does not matter how TCP cut them."""

from __future__ import annotations

import itertools
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp import URI, Framer, MSRPData, chunk
from sipsimple.protocols.msrp.headers import CODECS, ByteRange, MSRPHeader

FRAGMENTS = [
    b"MSRP tid1 SEND\r\n",
    b"MSRP tid1 200 OK\r\n",
    b"MSRP tid12 REPORT\r\n",
    b"To-Path: msrp://a:1/x;tcp\r\n",
    b"From-Path: msrp://b:2/y;tcp\r\n",
    b"Message-ID: m123\r\n",
    b"Byte-Range: 1-*/9\r\n",
    b"Status: 000 200 OK\r\n",
    b"Content-Type: text/plain\r\n",
    b"\r\n",
    b"\r",
    b"\n",
    b"hello",
    b"\x00\xff",
    b"\r\n-------tid1$\r\n",
    b"-------tid1$\r\n",
    b"-------tid1+\r\n",
    b"-------tid12#\r\n",
    b"-------",
]
WHOLE = [
    chunk.send("tid1", "msrp://a;tcp", "msrp://b;tcp", "m123", b"hello", "text/plain").encode(),
    chunk.report("tid1", "msrp://a;tcp", "msrp://b;tcp", "m123", ByteRange(1, 5, 5)).encode(),
    b"MSRP tid1 200 OK\r\nTo-Path: msrp://a;tcp\r\n-------tid1$\r\n",
]
streams = st.lists(st.sampled_from(WHOLE + FRAGMENTS) | st.binary(max_size=8), max_size=16).map(b"".join)


def run(pieces, **limits) -> tuple[list[MSRPData], bool]:
    """All chunks that come out, and whether the stream was given up."""
    framer, chunks = Framer(**limits), []
    try:
        for piece in pieces:
            chunks += framer.feed(piece)
    except RemoteProtocolError:
        assert framer.error is not None
    return chunks, framer.error is not None


@given(st.binary(max_size=400) | streams)
@example(b"MSRP tid1 SEND\r\n\r\n\r\n-------tid1$\r\n")
def test_any_bytes_are_chunks_or_an_error(data):
    chunks, _ = run([data])

    for each in chunks:
        with suppress(RemoteProtocolError):
            each.verify_headers()
        assert repr(each)
        assert run([each.encode()]) == ([each], False)


@given(streams, st.lists(st.integers(0, 400), max_size=20))
def test_any_split_gives_the_same_chunks(stream, cuts):
    edges = [0, *sorted(cuts), max(len(stream), 400)]

    whole = run([stream], max_head=120, max_chunk=40)

    assert run([stream[a:b] for a, b in itertools.pairwise(edges)], max_head=120, max_chunk=40) == whole
    assert run([stream[at : at + 1] for at in range(len(stream))], max_head=120, max_chunk=40) == whole


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5), st.sampled_from("$+#"), st.data())
def test_what_is_built_is_read_back_with_any_body(bodies, flag, data):
    sent, number = [], 0
    for body in bodies:
        hostile = body + b"\r\n-------seed" + data.draw(st.sampled_from([b"0$\r\n", b"1$\r\n", b"", b"2+\r\n"]))
        transaction_id, number = chunk.next_transaction("seed", number, hostile)
        sent.append(chunk.send(transaction_id, "msrp://a;tcp", "msrp://b;tcp", "m123", hostile, "a/b", None, flag))

    assert run([b"".join(each.encode() for each in sent)]) == (sent, False)


@given(st.text(max_size=60) | st.from_regex(r"msrps?://[a-z@:\[\]0-9/;=%]{0,30}", fullmatch=True))
def test_any_text_is_a_uri_or_an_error(text):
    try:
        uri = URI.parse(text)
    except RemoteProtocolError:
        return
    assert URI.parse(str(uri)) == uri


@given(st.sampled_from([*CODECS, "X-Other"]), st.text(max_size=40))
def test_any_header_text_is_a_value_or_an_error(name, text):
    header = MSRPHeader(name, text)
    try:
        value = header.decoded
    except RemoteProtocolError:
        assert name != "X-Other"
    else:
        assert isinstance(MSRPHeader(name, value).encoded, str)
