import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp.reassembly import MAX_JUMPS, MAX_MESSAGES, Reassembly, add, forget, refuse


def take(reassembly, *chunks):
    """Add (start, data, flag) chunks of the message `m`; return the value and the contents that came out."""
    contents = []
    for start, data, flag in chunks:
        reassembly, content = add(reassembly, "m", start, data, None, flag)
        contents += [] if content is None else [content]
    return reassembly, contents


def test_chunks_in_order_make_a_message():
    reassembly, contents = take(Reassembly(100), (1, b"ab", "+"), (3, b"cd", "+"), (5, b"e", "$"))

    assert contents == [b"abcde"]
    assert reassembly == Reassembly(100)


def test_the_last_chunk_may_come_first():
    assert take(Reassembly(100), (3, b"cd", "$"), (1, b"ab", "+"))[1] == [b"abcd"]


def test_bytes_that_came_once_are_not_replaced():
    assert take(Reassembly(100), (1, b"abc", "+"), (2, b"XXd", "+"), (5, b"", "$"))[1] == [b"abcd"]


def test_an_empty_last_chunk_ends_the_message():
    assert take(Reassembly(100), (1, b"abc", "+"), (4, b"", "$"))[1] == [b"abc"]


def test_an_aborted_message_is_forgotten():
    """RFC 4975 section 7.1: the continuation flag `#`."""
    reassembly, contents = take(Reassembly(100), (1, b"abc", "+"), (4, b"d", "#"))

    assert (reassembly, contents) == (Reassembly(100), [])


@given(st.binary(max_size=200), st.data())
def test_any_order_of_any_chunks_makes_the_message(content, data):
    cuts = sorted({0, len(content), *data.draw(st.lists(st.integers(0, len(content)), max_size=12))})
    chunks = [
        (start + 1, content[start:end], "$" if end == len(content) else "+") for start, end in itertools.pairwise(cuts)
    ] or [(1, b"", "$")]
    order = data.draw(st.permutations(chunks))

    reassembly, contents = take(Reassembly(1000), *order)

    assert contents == [content]
    assert reassembly.held == 0


@given(st.lists(st.tuples(st.integers(1, 30), st.binary(max_size=10), st.sampled_from("++++$#")), max_size=30))
def test_what_is_held_is_counted_and_bounded(chunks):
    reassembly = Reassembly(25)
    for start, data, flag in chunks:
        try:
            reassembly, content = add(reassembly, "m", start, data, None, flag)
        except RemoteProtocolError:
            reassembly = refuse(reassembly, "m", flag)
        else:
            assert content is None or len(content) <= 25
        pieces = [piece for partial in reassembly.messages.values() for piece in partial.pieces]
        assert reassembly.held == sum(len(block) for piece in pieces for block in piece.blocks) <= 50
        assert all(one.end < other.start for one, other in itertools.pairwise(pieces))
        assert all(piece.end - piece.start == sum(map(len, piece.blocks)) for piece in pieces)


@pytest.mark.parametrize(
    ("start", "data", "total"), [(1, b"x" * 11, None), (10, b"xx", None), (1, b"x", 11), (10**18, b"x", None)]
)
def test_a_message_above_the_limit_is_refused_at_once(start, data, total):
    with pytest.raises(RemoteProtocolError) as caught:
        add(Reassembly(10), "m", start, data, total, "+")

    assert caught.value.status == 413


def test_a_refused_message_stays_refused_until_its_last_chunk():
    refused = refuse(Reassembly(10), "m", "+")

    with pytest.raises(RemoteProtocolError):
        add(refused, "m", 1, b"x", None, "+")
    assert refuse(refused, "m", "$") == Reassembly(10)


def refused(reassembly, message_id, start, data):
    with pytest.raises(RemoteProtocolError) as caught:
        add(reassembly, message_id, start, data, None, "+")
    return caught.value.status


def test_incomplete_messages_are_bounded_in_number():
    reassembly = Reassembly(1000)
    for number in range(MAX_MESSAGES):
        reassembly, _ = add(reassembly, f"m{number}", 1, b"x", None, "+")

    assert refused(reassembly, "another", 1, b"x") == 413
    assert add(reassembly, "m0", 2, b"x", None, "+")


def test_incomplete_messages_are_bounded_in_bytes():
    reassembly, _ = add(Reassembly(10), "one", 1, b"x" * 10, None, "+")
    reassembly, _ = add(reassembly, "two", 1, b"x" * 10, None, "+")

    assert refused(reassembly, "three", 1, b"x") == 413
    assert forget(forget(reassembly, "one"), "two").held == 0


def test_chunks_out_of_order_are_bounded():
    reassembly, start = Reassembly(10_000), 9000
    for _ in range(MAX_JUMPS + 1):
        reassembly, _ = add(reassembly, "m", start, b"x", None, "+")
        start -= 2

    assert refused(reassembly, "m", start, b"x") == 413


def test_many_small_chunks_are_held_in_few_blocks():
    reassembly = Reassembly(100_000)
    for start in range(1, 5001):
        reassembly, _ = add(reassembly, "m", start, b"x", None, "+")

    (piece,) = reassembly.messages["m"].pieces
    assert len(piece.blocks) < 20
