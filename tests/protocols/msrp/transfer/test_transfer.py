"""A file from one core to another, and from and to peers with ways of their own."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols.msrp import chunk
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
from sipsimple.protocols.outputs import StartTimer
from tests.protocols.msrp.transfer.ends import ALICE, BOB, begin, make

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


def chunks(transfer):
    return [each for each in transfer.log if each.method == "SEND" and each.content_type]


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


def test_a_transfer_goes_on_where_the_receiver_says():
    content = os.urandom(300_000)
    transfer = begin(content, held=content[:200_000], asks=True)
    transfer.exchange()

    assert sum(each.size for each in chunks(transfer)) == 100_000
    assert chunks(transfer)[0].fields["Byte-Range"] == "200001-*/300000"
    assert transfer.bob.file == content
    assert transfer.alice.told(Finished)
    assert transfer.log[2].method == "FILE_OFFSET"
    assert transfer.log[3].fields["Offset"] == "200000"


def test_a_receiver_that_has_it_all_asks_for_the_last_byte():
    """There are senders who would send nothing and wait for ever."""
    content = os.urandom(1000)
    transfer = begin(content, held=content, asks=True)
    transfer.exchange()

    assert [each.size for each in chunks(transfer)] == [1]
    assert transfer.alice.told(Finished)


def test_a_range_that_was_agreed_on_counts_from_its_beginning():
    content = os.urandom(300_000)
    transfer = begin(content, held=content[:200_000], begun=200_000, bob_options={"begun": 200_000})
    transfer.exchange()

    assert chunks(transfer)[0].fields["Byte-Range"] == "1-*/100000"
    assert transfer.bob.file == content
    assert transfer.alice.told(Finished)


@pytest.mark.parametrize("byte_range", [ByteRange(200_001, None, 300_000), ByteRange(1, None, 100_000)])
def test_both_ways_to_count_in_a_range_are_understood(byte_range):
    content = os.urandom(300_000)
    transfer = begin(content, held=content[:200_000], bob_options={"begun": 200_000})
    transfer.bob.take(peer_chunk(content[200_000:], byte_range, "$"))

    assert transfer.bob.file == content
    assert transfer.bob.told(Finished)


def test_a_sender_that_begins_at_the_beginning_all_the_same_is_taken():
    content = os.urandom(300_000)
    transfer = begin(content, held=content[:200_000])
    transfer.exchange()

    assert transfer.bob.file == content
    assert transfer.alice.told(Finished)


def test_a_peer_that_knows_no_offset_gets_the_whole_file():
    transfer = begin(b"hello", asks=True)
    alice = transfer.alice
    transfer.bob.take(alice.wire.pop().encode())
    alice.take(transfer.bob.wire.pop().encode())
    alice.take(chunk.response(alice.wire.pop(), 501).encode())

    [sent] = alice.wire
    assert sent.data == b"hello"


@pytest.mark.parametrize("offset", ["6", "-1", "x", ""])
def test_an_offset_that_cannot_be_means_the_whole_file(offset):
    transfer = begin(b"hello", asks=True)
    alice = transfer.alice
    transfer.bob.take(alice.wire.pop().encode())
    alice.take(transfer.bob.wire.pop().encode())
    response = chunk.response(alice.wire.pop(), 200)
    response.fields["Offset"] = offset
    alice.take(response.encode())

    assert alice.wire[0].data == b"hello"


def test_a_peer_that_says_that_it_has_all_gets_the_last_byte_again():
    """Without a chunk there would be nothing to report on."""
    transfer = begin(b"hello", asks=True)
    alice = transfer.alice
    transfer.bob.take(alice.wire.pop().encode())
    alice.take(transfer.bob.wire.pop().encode())
    response = chunk.response(alice.wire.pop(), 200)
    response.fields["Offset"] = "5"
    alice.take(response.encode())

    assert (alice.wire[0].data, alice.wire[0].fields["Byte-Range"]) == (b"o", "5-5/5")


# Senders of other makes


def peer_chunk(content, byte_range, flag, number=1, success="yes", failure="yes", message_id="file01", **options):
    return chunk.send(
        f"peer{number}", BOB, ALICE, message_id, content, options.get("content_type", "a/b"), byte_range, flag,
        success, failure,
    ).encode()  # fmt: skip


def receiver(size=10, **options):
    bob = begin(bytes(size or 0), size=size, **options).bob
    bob.take(chunk.send("bind", BOB, ALICE, "m1").encode())
    bob.outputs.clear()
    bob.wire.clear()
    return bob


def answers(bob):
    return [each.code or each.fields["Status"] for each in bob.wire]


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


def sender(content=b"0123456789", **options):
    alice = begin(content, **options).alice
    alice.take(chunk.response(alice.wire.pop(), 200).encode())
    return alice


def report(byte_range, code=200, message_id="file01"):
    return chunk.report("rep1", ALICE, BOB, message_id, byte_range, code).encode()


def answer_all(alice, code=200):
    while alice.wire:
        alice.take(chunk.response(alice.wire.pop(0), code).encode())


def test_a_report_on_the_last_byte_finishes():
    alice = sender(bytes(200_000))
    answer_all(alice)
    assert alice.state.state is State.REPORTING
    alice.take(report("1-65536/200000"))
    assert not alice.told(Finished)
    alice.take(report("196609-200000/200000"))

    assert alice.told(Finished)


def test_a_peer_without_reports_has_the_file_when_it_took_all_chunks():
    for end in (("timer_fired", "report"), ("connection_lost", True)):
        alice = sender()
        answer_all(alice)
        alice.do(*end)
        assert [each.message for each in alice.told(Finished)] == [None]


@pytest.mark.parametrize("code", [400, 413, 481])
def test_an_error_stops_the_sending(code):
    alice = sender(bytes(5_000_000))
    alice.take(chunk.response(alice.wire[0], code).encode())

    assert alice.told(NotFinished)[0].code == code
    assert alice.told(TransferFailed)[0].code == code
    assert alice.wire[-1].contflag == "#"
    assert alice.has_ended


def test_a_report_of_failure_stops_the_sending():
    alice = sender(bytes(5_000_000))
    alice.take(report("1-1/5000000", 413))

    assert alice.told(NotFinished)[0].code == 413


def test_reports_about_other_messages_and_unreadable_ones_mean_nothing():
    alice = sender()
    before = alice.state
    alice.take(report("1-10/10", message_id="other"))
    alice.take(report("1-10/10").replace(b"000 200 OK", b"001 200 OK"))

    assert alice.state is before


def test_a_peer_that_answers_nothing_for_long_is_given_up():
    alice = sender()
    alice.do("timer_fired", "silence")
    assert alice.told(TransferFailed)[0].code == 408

    alice = sender(bytes(5_000_000))
    alice.take(chunk.response(alice.wire.pop(0), 200).encode())
    alice.do("timer_fired", "silence")
    assert not alice.told(TransferFailed)
    alice.do("timer_fired", "silence")
    assert alice.told(TransferFailed)[0].code == 408


def test_progress_is_told_now_and_then_and_when_it_is_news():
    alice = sender(bytes(5_000_000))
    alice.outputs.clear()
    alice.do("timer_fired", "progress")
    alice.do("timer_fired", "progress")
    assert alice.told(Progress) == [Progress(0, 5_000_000)]
    alice.take(chunk.response(alice.wire.pop(0), 200).encode())
    alice.do("timer_fired", "progress")

    assert alice.told(Progress)[1:] == [Progress(65_536, 5_000_000)]


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
