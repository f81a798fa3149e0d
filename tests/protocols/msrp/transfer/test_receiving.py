"""A file's receiver and the peers that it meets."""

from __future__ import annotations

import pytest

from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.headers import ByteRange
from sipsimple.protocols.msrp.outputs import Ended
from sipsimple.protocols.msrp.transfer import receiving as transfer_receiving
from sipsimple.protocols.msrp.transfer.outputs import (
    Finished,
    NotFinished,
    TransferFailed,
    Verify,
)
from sipsimple.protocols.msrp.transfer.state import State
from sipsimple.protocols.outputs import StartTimer
from tests.protocols.msrp.transfer.ends import ALICE, BOB, answers, begin, peer_chunk, receiver


def test_chunks_may_come_in_any_order():
    bob = receiver()
    for number, at in enumerate([5, 0, 8, 2]):
        size = {5: 3, 0: 2, 8: 2, 2: 3}[at]
        bob.take(
            peer_chunk(b"0123456789"[at : at + size], ByteRange(at + 1, None, 10), "$" if at == 8 else "+", number)
        )

    assert bob.file == b"0123456789"
    assert answers(bob) == [200, 200, 200, 200, "000 200 OK"]
    assert bob.wire[-1].fields["Byte-Range"] == "1-10/10"


def test_a_gap_that_is_not_filled_ends_the_transfer():
    bob = receiver()
    bob.take(peer_chunk(b"01", ByteRange(1, None, 10), "+"))
    bob.take(peer_chunk(b"6789", ByteRange(7, None, 10), "$", 2))
    assert StartTimer("gap", 30.0) in bob.outputs
    bob.do("timer_fired", "gap")

    assert bob.told(TransferFailed) == [TransferFailed("receiving", "a part of the file is missing")]
    assert answers(bob) == [200, 200, "000 400 a part of the file is missing"]


def test_the_size_may_be_unknown():
    bob = receiver(size=None)
    bob.take(peer_chunk(b"01234", ByteRange(1, None, None), "+"))
    bob.take(peer_chunk(b"56789", ByteRange(6, None, None), "$", 2))

    assert bob.told(Verify) == [Verify(10)]


@pytest.mark.parametrize("total", [9, 11])
def test_another_size_than_announced_is_stopped(total):
    bob = receiver()
    bob.take(peer_chunk(b"012345678", ByteRange(1, None, total), "$"))

    assert answers(bob) == [413]
    assert bob.told(TransferFailed)[0].code == 413
    assert bob.file == b""


def test_a_chunk_that_goes_on_too_long_is_cut_off():
    """Before its end-line, which may never come."""
    bob = receiver()
    data = peer_chunk(b"x" * 30, ByteRange(1, None, None), "+")
    bob.take(data[: data.index(b"xxx") + 12])

    assert answers(bob) == [413]
    assert bob.told(TransferFailed)
    assert not bob.has_ended


def test_what_still_comes_is_read_away_until_the_peer_closes():
    """Closing over it would reset the connection, and the peer might never read why."""
    for end in (("connection_lost", True), ("connection_lost", False), ("timer_fired", "linger")):
        bob = receiver()
        bob.take(peer_chunk(b"01", ByteRange(1, None, 10), "+"))
        bob.do("stop")
        bob.take(peer_chunk(b"23", ByteRange(3, None, 10), "+", 2))
        assert (bob.file, bob.has_ended) == (b"01", False)
        bob.do(*end)
        assert bob.has_ended
        assert not bob.told(TransferFailed)


def test_what_the_sender_aborts_has_failed():
    bob = receiver()
    bob.take(peer_chunk(b"01", ByteRange(1, None, 10), "+"))
    bob.take(peer_chunk(b"", ByteRange(3, None, 10), "#", 2))

    assert bob.told(TransferFailed)[0].reason == "the peer aborted the transfer"
    assert bob.has_ended


def test_a_transfer_that_is_aborted_in_its_first_request_has_failed_and_is_answered():
    bob = begin(bytes(10), size=10).bob
    bob.wire.clear()
    bob.take(peer_chunk(b"01", ByteRange(1, None, 10), "#"))

    assert answers(bob) == [200]
    assert bob.told(TransferFailed)[0].reason == "the peer aborted the transfer"
    assert bob.has_ended


def test_a_file_that_is_smaller_than_what_there_is_of_it_is_stopped():
    """Nobody knew its size: without this the end would be waited for, and come never."""
    bob = receiver(size=None)
    bob.take(peer_chunk(b"0123456789", ByteRange(1, None, None), "+"))
    bob.take(peer_chunk(b"01", ByteRange(1, None, 2), "$", 2))

    assert answers(bob) == [200, 413]
    assert bob.told(TransferFailed)[0].reason == "the peer sends 2 bytes, and there are 10"


def test_other_messages_and_types_are_refused_and_their_parts_ignored():
    bob = receiver()
    bob.take(peer_chunk(b"01", ByteRange(1, None, 10), "+"))
    data = peer_chunk(b"intruder", ByteRange(1, None, 10), "$", 2, message_id="other")
    bob.take(data[:-20])
    bob.take(data[-20:])
    bob.take(
        chunk.send("peer3", BOB, ALICE, "file01", b"untyped", None).encode().replace(b"\r\n--", b"\r\n\r\nx\r\n--")
    )

    assert answers(bob) == [200, 413, 415]
    assert bob.file == b"01"


@pytest.mark.parametrize(("failure", "expected"), [("no", []), ("partial", []), ("yes", [200])])
def test_chunks_are_answered_as_their_sender_wishes(failure, expected):
    bob = receiver()
    bob.take(peer_chunk(b"0123456789", ByteRange(1, None, 10), "$", success="no", failure=failure))

    assert answers(bob) == expected
    assert bob.told(Finished)


def test_a_file_that_is_not_what_was_announced_is_reported():
    transfer = begin(b"hello")
    transfer.bob.verdict = "wrong hash"
    transfer.exchange()

    assert transfer.bob.told(TransferFailed) == [TransferFailed("verifying", "wrong hash")]
    assert transfer.alice.told(TransferFailed) == [TransferFailed("sending", "400 wrong hash", 400)]
    assert transfer.alice.told(NotFinished)[0].code == 400


def test_the_check_goes_on_when_the_sender_is_gone():
    bob = receiver()
    state, outputs = transfer_receiving.receive(
        bob.state, bob.framer.feed(peer_chunk(b"0123456789", ByteRange(1, None, 10), "$"))[0]
    )
    assert outputs[-1] == Verify(10)
    state, outputs = transfer_receiving.connection_lost(state, True)
    assert outputs == ()
    state, outputs = transfer_receiving.verified(state)

    assert [type(each) for each in outputs if isinstance(each, Finished | Ended)] == [Finished, Ended]
    assert state.state is State.CLOSED


# Receivers of other makes
