"""What waits for the disk, and in which runs it is taken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipsimple.actors.transfer.unwritten import RUN_BYTES, Unwritten
from sipsimple.protocols.msrp.transfer.outputs import Write


def filled(*writes):
    """What waits after these."""
    unwritten = Unwritten()
    for offset, data in writes:
        unwritten.put(Write(offset, data))
    return unwritten


def test_a_run_ends_at_a_gap():
    unwritten = filled((0, b"abc"), (3, b"de"), (9, b"f"))
    assert unwritten.next_run() == (0, [b"abc", b"de"])
    assert (unwritten.drop([b"abc", b"de"]), unwritten.size) == (5, 1)
    assert unwritten.next_run() == (9, [b"f"])


def test_a_run_ends_when_it_is_long_enough():
    half = bytes(RUN_BYTES // 2)
    unwritten = filled(*((number * len(half), half) for number in range(3)))
    assert unwritten.next_run() == (0, [half, half])


def test_what_is_appended_while_a_run_is_written_stays():
    unwritten = filled((0, b"abc"))
    _, run = unwritten.next_run()
    unwritten.put(Write(3, b"de"))
    unwritten.drop(run)
    assert unwritten.next_run() == (3, [b"de"])


def test_what_is_cleared_while_a_run_is_written_is_not_dropped_twice():
    unwritten = filled((0, b"abc"), (3, b"de"))
    _, run = unwritten.next_run()
    unwritten.clear()
    unwritten.drop(run)
    assert not unwritten


@given(st.lists(st.tuples(st.integers(0, 50), st.binary(min_size=1, max_size=9)), max_size=20))
def test_runs_hold_every_byte_once_and_in_order(writes):
    unwritten, taken = filled(*writes), []
    while unwritten:
        offset, run = unwritten.next_run()
        assert all(run)
        for data in run:
            taken.append((offset, data))
            offset += len(data)
        unwritten.drop(run)
    assert taken == writes
    assert unwritten.size == 0
