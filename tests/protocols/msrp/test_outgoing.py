from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.headers import ByteRange
from sipsimple.protocols.msrp.outgoing import WINDOW
from sipsimple.protocols.msrp.outputs import Delivered, MessageReceived, NotDelivered, Send
from sipsimple.protocols.msrp.ranges import merged as merge
from sipsimple.protocols.outputs import StartTimer, StopTimer
from tests.protocols.msrp.conftest import ALICE, BOB


@pytest.fixture
def alice(sessions):
    return sessions.alice


def respond(end, sent, code=200):
    return end.take(chunk.response(sent, code).encode())


def report(end, byte_range, code=200, mid="m123"):
    return end.take(chunk.report("rtid1", ALICE, BOB, mid, byte_range, code).encode())


def outcome(end):
    return [(type(each).__name__, each.message_id, each.code) for each in end.told(Delivered, NotDelivered)]


def test_a_message_up_to_300_kb_is_one_chunk(alice):
    """Interoperability: some peers do not reassemble chat messages."""
    (small,), (large,) = (
        [each.data for each in alice.do("send", mid, content, "text/plain") if isinstance(each, Send)]
        for mid, content in (("m123", b"x" * 2048), ("m456", b"x" * 300_000))
    )

    assert (small.byte_range, small.contflag) == (ByteRange(1, 2048, 2048), "$")
    assert (large.byte_range, large.contflag) == (ByteRange(1, None, 300_000), "$")  # interruptible, section 7.1.1
    assert (small.success_report, small.failure_report, small.content_type) == ("yes", "yes", "text/plain")


def test_a_message_is_delivered_by_its_report_not_by_its_response(alice):
    send, timer = alice.do("send", "m123", b"hello", "text/plain")

    assert timer == StartTimer(("response", send.data.transaction_id), 30.0)
    assert respond(alice, send.data) == [StopTimer(timer.name)]
    (delivered,) = report(alice, ByteRange(1, 5, 5))
    assert (delivered.message_id, delivered.code, delivered.reason) == ("m123", 200, "OK")
    assert delivered.message.method == "REPORT"
    assert report(alice, ByteRange(1, 5, 5)) == []


@pytest.mark.parametrize("code", [400, 403, 408, 413, 415, 481, 501])
def test_an_error_response_means_not_delivered_and_a_later_report_nothing(alice, code):
    send, _ = alice.do("send", "m123", b"hello", "text/plain")
    respond(alice, send.data, code)
    report(alice, ByteRange(1, 5, 5))

    assert outcome(alice) == [("NotDelivered", "m123", code)]


def test_a_failure_report_means_not_delivered(alice):
    alice.do("send", "m123", b"hello", "text/plain")
    report(alice, ByteRange(1, 5, 5), 413)

    assert outcome(alice) == [("NotDelivered", "m123", 413)]


@pytest.mark.parametrize(
    ("success", "failure", "expected"),
    [
        ("yes", "yes", [("NotDelivered", "m123", 408)]),
        ("no", "yes", [("NotDelivered", "m123", 408)]),
        ("no", "partial", [("Delivered", "m123", 200)]),
        ("yes", "partial", []),
    ],
)
def test_no_response_in_30_seconds_is_408_only_when_one_was_asked_for(alice, success, failure, expected):
    _, timer = alice.do("send", "m123", b"hello", "text/plain", success, failure)

    alice.do("timer_fired", timer.name)

    assert outcome(alice) == expected
    assert alice.do("timer_fired", timer.name) == []


def test_without_a_success_report_the_response_delivers(alice):
    send, _ = alice.do("send", "m123", b"hello", "text/plain", "no")
    respond(alice, send.data)

    assert outcome(alice) == [("Delivered", "m123", 200)]


def test_who_asks_for_nothing_awaits_nothing(alice):
    (send,) = alice.do("send", "m123", b"<isComposing/>", "text/plain", "no", "no")
    alice.do("end")

    assert (send.data.success_report, send.data.failure_report) == ("no", "no")
    assert outcome(alice) == []


def test_a_message_with_success_report_only_awaits_no_response(alice):
    assert len(alice.do("send", "m123", b"x", "text/plain", "yes", "no")) == 1
    report(alice, ByteRange(1, 1, 1))

    assert outcome(alice) == [("Delivered", "m123", 200)]


def test_a_larger_message_goes_in_chunks_through_a_window_and_comes_out_whole(sessions):
    """Chunks of 64 KiB, `start-*/total`, `+` then `$`; the window moves with the responses."""
    content = bytes(range(256)) * 1500
    alice, bob = sessions.alice, sessions.bob
    alice.do("send", "m123", content, "text/plain")
    sessions.exchange()

    chunks = alice.sent()
    assert [each.contflag for each in chunks] == ["+"] * 5 + ["$"]
    assert [each.byte_range.start for each in chunks] == [1 + 65536 * number for number in range(6)]
    assert {(each.byte_range.end, each.byte_range.total) for each in chunks} == {(None, len(content))}
    (received,) = bob.told(MessageReceived)
    assert received.content == content
    bob.do("report", received.message)
    sessions.exchange()
    assert outcome(alice) == [("Delivered", "m123", 200)]
    assert len(alice.state.transactions) == len(alice.state.messages) == 0


def test_no_more_chunks_are_on_their_way_than_the_window_holds(alice):
    outputs = alice.do("send", "m123", b"x" * 65536 * (WINDOW + 2), "text/plain")
    sent = [each.data for each in outputs if isinstance(each, Send)]

    assert len(sent) == WINDOW
    more = respond(alice, sent[0])
    assert [each.data.byte_range.start for each in more if isinstance(each, Send)] == [1 + 65536 * WINDOW]


def test_413_stops_the_chunks(alice):
    outputs = alice.do("send", "m123", b"x" * 65536 * (WINDOW + 2), "text/plain")
    sent = [each.data for each in outputs if isinstance(each, Send)]

    assert [type(each) for each in respond(alice, sent[0], 413)] == [StopTimer, NotDelivered]
    assert [type(each) for each in respond(alice, sent[1])] == [StopTimer]
    assert outcome(alice) == [("NotDelivered", "m123", 413)]


def test_without_responses_there_is_no_window(alice):
    outputs = alice.do("send", "m123", b"x" * 65536 * (WINDOW + 2), "text/plain", "no", "no")

    assert [type(each) for each in outputs] == [Send] * (WINDOW + 2)
    assert len(alice.state.messages) == 0


def test_a_large_message_without_success_report_is_delivered_by_its_last_response(alice):
    sent = [each.data for each in alice.do("send", "m123", b"x" * 400_000, "a/b", "no") if isinstance(each, Send)]
    for each in sent[:-1]:
        respond(alice, each)
    assert outcome(alice) == []
    respond(alice, sent[-1])

    assert outcome(alice) == [("Delivered", "m123", 200)]


def test_reports_of_parts_add_up(alice):
    """RFC 4975 section 7.1.2: the receiver may report each chunk."""
    alice.do("send", "m123", b"x" * 10, "text/plain")
    for start, end in ((7, 10), (1, 3), (4, 5)):
        report(alice, ByteRange(start, end, 10))
        assert outcome(alice) == []
    report(alice, ByteRange(6, 6, 10))

    assert outcome(alice) == [("Delivered", "m123", 200)]


def test_reports_of_parts_count_while_chunks_are_still_to_be_sent(alice):
    size = 65536 * (WINDOW + 1)
    sent = [each.data for each in alice.do("send", "m123", b"x" * size, "text/plain") if isinstance(each, Send)]
    report(alice, ByteRange(1, size, size))  # more than was sent
    assert outcome(alice) == []
    respond(alice, sent[0])
    report(alice, ByteRange(65536 * WINDOW + 1, size, size))

    assert outcome(alice) == [("Delivered", "m123", 200)]


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), max_size=12))
def test_ranges_that_were_reported_are_kept_in_order_and_apart(ranges):
    merged, covered = (), set()
    for start, end in ranges:
        if start <= end:
            merged = merge(merged, start, end)
            covered.update(range(start, end + 1))

    assert {number for start, end in merged for number in range(start, end + 1)} == covered
    assert all(one[1] + 1 < other[0] for one, other in pairwise(merged))


@pytest.mark.parametrize("byte_range", [ByteRange(3, 1, 10), ByteRange(12, None, None), ByteRange(99, 99, 99)])
def test_a_report_of_bytes_that_were_not_sent_tells_nothing(alice, byte_range):
    alice.do("send", "m123", b"x" * 10, "text/plain")
    before = alice.state

    assert report(alice, byte_range) == []
    assert alice.state == before


def test_a_late_response_to_a_message_whose_fate_is_told_tells_nothing(alice):
    send, timer = alice.do("send", "m123", b"hello", "text/plain")
    report(alice, ByteRange(1, 5, 5))

    assert respond(alice, send.data, 481) == [StopTimer(timer.name)]
    assert respond(alice, send.data, 481) == []
    assert outcome(alice) == [("Delivered", "m123", 200)]


def test_a_report_without_a_range_covers_the_message(alice):
    alice.do("send", "m123", b"hello", "text/plain")
    data = chunk.report("rtid1", ALICE, BOB, "m123", ByteRange(1, 5, 5)).encode()

    alice.take(data.replace(b"Byte-Range: 1-5/5\r\n", b""))

    assert outcome(alice) == [("Delivered", "m123", 200)]


@pytest.mark.parametrize("old", [b"Status: 000 200 OK\r\n", b"Status: 000", b"1-5/5", b"m123"])
def test_a_report_that_cannot_be_understood_tells_nothing(alice, old):
    alice.do("send", "m123", b"hello", "text/plain")
    data = chunk.report("rtid1", ALICE, BOB, "m123", ByteRange(1, 5, 5)).encode()

    new = b"" if old.endswith(b"\n") else b"x" + old[1:]
    assert alice.take(data.replace(old, new)) == []


def test_a_report_that_was_not_asked_for_tells_nothing(alice):
    alice.do("send", "m123", b"hello", "text/plain", "no")

    assert report(alice, ByteRange(1, 5, 5)) == []


def test_an_id_in_use_is_refused(alice):
    alice.do("send", "m123", b"one", "text/plain")

    with pytest.raises(LocalProtocolError, match="in use"):
        alice.do("send", "m123", b"two", "text/plain")


def test_the_end_tells_of_every_message_in_order(alice):
    for number in range(20):
        alice.do("send", f"m{number:03}", b"x", "text/plain")
    alice.do("connection_lost", clean=True)

    assert outcome(alice) == [("NotDelivered", f"m{number:03}", 0) for number in range(20)]
    assert len(alice.told(StopTimer)) == 20
