"""A file from one core to another."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols.msrp.headers import ByteRange
from sipsimple.protocols.msrp.outputs import Ended, Started
from sipsimple.protocols.msrp.state import CHUNK_BYTES
from sipsimple.protocols.msrp.transfer import receiving as transfer_receiving
from sipsimple.protocols.msrp.transfer import sending as transfer_sending
from sipsimple.protocols.msrp.transfer.machine import IGNORED
from sipsimple.protocols.msrp.transfer.outputs import (
    Finished,
    NotFinished,
    Progress,
    TransferFailed,
    Verify,
)
from sipsimple.protocols.msrp.transfer.state import WINDOW, State, Stimulus
from tests.protocols.msrp.transfer.ends import (
    ALICE,
    BOB,
    answers,
    begin,
    chunks,
    make,
    peer_chunk,
    receiver,
    sender,
)

SIZES = [0, 1, 2048, 2049, CHUNK_BYTES, CHUNK_BYTES + 1, 3_000_000]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("active", ["alice", "bob"])
@pytest.mark.parametrize("asks", [False, True])
def test_any_size_arrives_whichever_side_connects(size, active, asks):
    content = os.urandom(size)
    transfer = begin(content, active=active, asks=asks)
    transfer.exchange()

    alice, bob = transfer.alice, transfer.bob
    assert bob.file == content
    assert (alice.state.state, bob.state.state) == (State.FINISHED, State.FINISHED)
    assert [len(each.told(Started)) for each in (alice, bob)] == [1, 1]
    assert [each.code for each in alice.told(Finished)] == [200]
    assert alice.told(Progress)[-1] == bob.told(Progress)[-1] == Progress(size, size)
    assert bob.told(Verify) == [Verify(size)]
    assert not alice.told(TransferFailed, NotFinished)


def test_it_does_not_matter_how_the_stream_is_cut():
    content = os.urandom(200_000)
    transfer = begin(content)
    transfer.exchange(split=777)

    assert transfer.bob.file == content
    assert transfer.alice.told(Finished)


def test_chunks_are_64_kib_with_an_open_end_and_the_last_one_says_so():
    transfer = begin(bytes(150_000))
    transfer.exchange()

    assert [(each.fields["Byte-Range"], each.contflag, each.size) for each in chunks(transfer)] == [
        ("1-*/150000", "+", 65_536),
        ("65537-*/150000", "+", 65_536),
        ("131073-*/150000", "$", 18_928),
    ]
    assert {each.success_report + each.failure_report for each in chunks(transfer)} == {"yesyes"}
    assert {each.message_id for each in chunks(transfer)} == {"file01"}


def test_no_more_than_a_window_is_on_its_way():
    """What else is written to the connection goes out between two chunks, never behind the whole file."""
    transfer = begin(bytes(5_000_000), window=WINDOW)
    sent = []
    alice = transfer.alice
    transfer.bob.take(b"".join(each.encode() for each in alice.wire))
    alice.wire.clear()
    alice.take(transfer.bob.wire.pop(0).encode())
    assert len(alice.wire) == WINDOW
    while alice.wire:
        sent.append(alice.wire.pop(0))
        transfer.bob.take(sent[-1].encode())
        while transfer.bob.wire:
            alice.take(transfer.bob.wire.pop(0).encode())
        assert len(alice.state.unanswered) <= WINDOW
        assert sum(map(len, alice.state.blocks)) <= 1024 * 1024

    assert transfer.alice.told(Finished)


def test_stopping_tells_the_peer():
    alice = sender(bytes(5_000_000))
    alice.do("stop")
    assert (alice.wire[-1].contflag, alice.wire[-1].fields["Byte-Range"]) == ("#", "524289-*/5000000")
    assert alice.told(NotFinished)
    assert not alice.told(TransferFailed)

    bob = receiver()
    bob.take(peer_chunk(b"01", ByteRange(1, None, 10), "+"))
    bob.do("stop")
    assert answers(bob) == [200, "000 413 Message Too Large"]

    bob = receiver()
    bob.take(peer_chunk(b"0123456789", ByteRange(1, None, 10), "$")[:-20])
    bob.do("stop")
    assert answers(bob) == [413]


def test_a_disk_that_fails_tells_the_peer():
    alice = sender(bytes(5_000_000))
    alice.do("disk_failed", "input/output error")
    assert alice.told(TransferFailed) == [TransferFailed("disk", "input/output error")]
    assert alice.wire[-1].contflag == "#"

    bob = receiver()
    bob.take(peer_chunk(b"01", ByteRange(1, None, 10), "+"))
    bob.do("disk_failed", "no space left on device")
    assert answers(bob)[-1] == "000 413 Message Too Large"


# The machines


def test_arguments_that_cannot_be_used_are_refused():
    for options in ({"size": -1}, {"window": 0}, {"message_id": "no id"}, {"seed": "x"}, {"local_path": []}):
        arguments = {"local_path": [ALICE], "seed": "seedalice", "size": 1, "message_id": "file01"} | options
        with pytest.raises(LocalProtocolError):
            transfer_sending.create(**arguments)
    transfer = make(b"hello")
    for side in (transfer.alice, transfer.bob):
        with pytest.raises(SessionStateError):
            side.do("start", [BOB], True)
    idle = transfer_sending.create([ALICE], "seedalice", 5, "file01")
    for begun, stop in ((6, None), (4, 3), (0, 6)):
        with pytest.raises(LocalProtocolError):
            transfer_sending.start(idle, [BOB], True, begun, stop=stop)
    with pytest.raises(LocalProtocolError):
        transfer_receiving.start(transfer_receiving.create([BOB], "seedbob"), [ALICE], True, 5, 6)


@pytest.mark.parametrize("core", [transfer_sending, transfer_receiving])
def test_every_cell_is_a_row_or_has_a_reason_why_not(core):
    used = {stimulus for rows in core.TRANSITIONS.values() for stimulus in rows}

    assert set(IGNORED) | used == set(Stimulus)
    for state, rows in core.TRANSITIONS.items():
        assert isinstance(state, State)
        assert all(target in core.TRANSITIONS for target, _ in rows.values())
    assert core.TRANSITIONS[State.CLOSED] == {}


EVENTS = st.sampled_from(
    [
        ("connected",),
        ("timer_fired", "silence"),
        ("timer_fired", "progress"),
        ("timer_fired", "report"),
        ("timer_fired", "gap"),
        ("timer_fired", "linger"),
        ("timer_fired", "bind"),
        ("timer_fired", "unknown"),
        ("connection_lost", True),
        ("connection_lost", False, "reset"),
        ("disk_failed", "full"),
        ("stop",),
        ("exchange",),
        ("exchange",),
        ("exchange",),
    ]
)


@given(st.lists(st.tuples(st.booleans(), EVENTS), max_size=20), st.integers(0, 200_000), st.booleans())
def test_whatever_happens_each_side_ends_at_most_once_and_says_how(events, size, asks):
    transfer = make(bytes(size), asks=asks)
    for is_alice, (name, *arguments) in events:
        if name == "exchange":
            transfer.exchange()
        else:
            (transfer.alice if is_alice else transfer.bob).do(name, *arguments)

    for side in (transfer.alice, transfer.bob):
        ended = side.told(Ended)
        assert len(ended) == (side.state.state is State.CLOSED)
        assert not ended or side.outputs[-1] == Ended()
        assert len(side.told(Finished, NotFinished)) <= 1
        assert len(side.told(TransferFailed)) <= 1
        assert not (side.told(TransferFailed) and side.told(Finished))
    assert not transfer.alice.has_ended or len(transfer.alice.told(Finished, NotFinished)) == 1
    assert not transfer.bob.told(Finished) or transfer.bob.file == bytes(size)
