"""A streamed body is the one that would have come whole, however TCP cut it and whatever is in it."""

from __future__ import annotations

import itertools

from hypothesis import example, given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp import Framer
from sipsimple.protocols.msrp.message import Part
from tests.fuzz.test_msrp_bytes import FRAGMENTS, streams


def whole(pieces):
    """What comes out when bodies are collected, and whether the stream was given up."""
    framer, out = Framer(), []
    try:
        for piece in pieces:
            out += [(each.first_line, each.fields, each.data, each.contflag) for each in framer.feed(piece)]
    except RemoteProtocolError:
        pass
    return out, framer.error is not None


def streamed(pieces, most=None):
    """The same of parts that are put together; what has no end yet is left out."""
    framer, out, held = Framer(), [], []
    framer.streams = bool  # there are headers in every SEND
    try:
        for piece in pieces:
            for each in framer.feed(piece):
                assert not isinstance(each, Part) or each.offset == sum(map(len, held))
                assert not held or isinstance(each, Part)
                held.append(bytes(each.data))
                if not isinstance(each, Part) or each.is_last:
                    out.append((each.first_line, each.fields, b"".join(held), each.contflag))
                    held = []
            if most is not None and framer.error is None:
                assert framer.pending <= most
    except RemoteProtocolError:
        pass
    return out, framer.error is not None


@given(streams, st.lists(st.integers(0, 400), max_size=20))
@example(b"MSRP tid1 SEND\r\n\r\n\r\n-------tid1$\r\n", [])
@example(b"MSRP tid1 SEND\r\n\r\n-------tid1$\r\n", [])
def test_parts_make_up_what_comes_whole(stream, cuts):
    edges = [0, *sorted(cuts), max(len(stream), 400)]
    expected = whole([stream])

    assert streamed([stream]) == expected
    assert streamed([stream[a:b] for a, b in itertools.pairwise(edges)]) == expected
    assert streamed([stream[at : at + 1] for at in range(len(stream))]) == expected


@given(st.lists(st.sampled_from(FRAGMENTS[8:]) | st.binary(max_size=30), max_size=30).map(b"".join), st.integers(1, 70))
def test_what_is_held_of_a_body_is_bounded(body, size):
    """No more than what may be the beginning of an end-line waits, however long the body is."""
    head = b"MSRP tid9 SEND\r\nContent-Type: a/b\r\n\r\n"
    stream = head + body.replace(b"tid9", b"tid8") + b"\r\n-------tid9$\r\n"

    out, is_dead = streamed([stream[at : at + size] for at in range(0, len(stream), size)], most=len(head) + 16)

    assert out == whole([stream])[0]
    assert not is_dead
