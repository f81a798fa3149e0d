import pytest

from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.headers import ByteRange
from sipsimple.protocols.msrp.outputs import MessageReceived, Send
from tests.protocols.msrp.conftest import ALICE, BOB


def send(content=b"hi", content_type="text/plain", flag="$", byte_range=None, failure=None, success=None, mid="m123"):
    return chunk.send("tid1", BOB, ALICE, mid, content, content_type, byte_range, flag, success, failure).encode()


def codes(outputs):
    return [each.data.code for each in outputs if isinstance(each, Send)]


@pytest.mark.parametrize(
    ("failure", "content_type", "answered"),
    [
        (None, "text/plain", [200]),
        ("yes", "text/plain", [200]),
        ("partial", "text/plain", []),
        ("no", "text/plain", []),
        (None, "image/png", [415]),
        ("partial", "image/png", [415]),
        ("no", "image/png", []),
    ],
)
def test_responses_are_those_that_failure_report_asks_for(sessions, failure, content_type, answered):
    outputs = sessions.bob.take(send(content_type=content_type, failure=failure))

    assert codes(outputs) == answered
    assert bool([each for each in outputs if isinstance(each, MessageReceived)]) is (content_type == "text/plain")


def test_the_response_comes_before_the_message(sessions):
    response, received = sessions.bob.take(send(b"hi there"))

    assert response.data.first_line == "MSRP tid1 200 OK"
    assert (received.content, received.content_type, received.message.message_id) == (b"hi there", "text/plain", "m123")


def test_an_empty_send_keeps_alive(sessions):
    assert codes(sessions.bob.take(send(b"", None))) == [200]


def test_a_body_without_a_type_is_refused(sessions):
    request = chunk.send("tid1", BOB, ALICE, "m123").encode().replace(b"\r\n-------", b"\r\n\r\nbody\r\n-------")

    assert codes(sessions.bob.take(request)) == [415]


def test_an_empty_message_with_a_type_is_a_message(sessions):
    assert sessions.bob.take(send(b""))[-1].content == b""


def test_chunks_are_answered_each_and_received_once(sessions):
    """RFC 4975 section 5.1; whatever the ends of their ranges say."""
    first = sessions.bob.take(send(b"hello ", flag="+", byte_range=ByteRange(1, None, 11)))
    second = sessions.bob.take(send(b"world", byte_range=ByteRange(7, 99, 11)))

    assert codes(first) == codes(second) == [200]
    assert len(first) == 1
    received = second[-1]
    assert received.content == received.message.data == b"hello world"
    assert received.message.byte_range == ByteRange(1, 11, 11)


def test_an_aborted_message_is_not_received(sessions):
    sessions.bob.take(send(b"hello ", flag="+", byte_range=ByteRange(1, None, 11)))

    assert codes(sessions.bob.take(send(b"w", flag="#", byte_range=ByteRange(7, None, 11)))) == [200]
    assert codes(sessions.bob.take(send(b"orld", byte_range=ByteRange(8, None, 11)))) == [200]
    assert not sessions.bob.told(MessageReceived)


def test_a_single_chunk_is_whole_even_if_its_sender_cannot_count(sessions):
    """Some senders count characters, not bytes."""
    assert sessions.bob.take(send("žluť".encode(), byte_range=ByteRange(1, 4, 4)))[-1].content == "žluť".encode()


@pytest.mark.parametrize("flag", ["$", "+"])
def test_413_stops_a_message_that_is_too_large(sessions, flag):
    assert codes(sessions.bob.take(send(b"x" * 400_001, flag=flag))) == [413]
    assert not sessions.bob.told(MessageReceived)


def test_413_is_repeated_until_the_message_ends(sessions):
    sessions.bob.take(send(b"x", flag="+", byte_range=ByteRange(1, None, 500_000)))

    assert codes(sessions.bob.take(send(b"y", flag="+", byte_range=ByteRange(2, None, None)))) == [413]
    assert codes(sessions.bob.take(send(b"z", byte_range=ByteRange(3, None, None)))) == [413]
    assert len(sessions.bob.state.incoming.messages) == 0


@pytest.mark.parametrize(
    ("success", "failure", "code", "reported"),
    [
        ("yes", None, 200, ["000 200 OK"]),
        (None, None, 200, []),
        ("yes", "no", 200, ["000 200 OK"]),
        (None, None, 400, ["000 400 Bad Request"]),
        ("no", "partial", 413, ["000 413 Message Too Large"]),
        ("yes", "no", 400, []),
    ],
)
def test_reports_are_those_that_were_asked_for(sessions, success, failure, code, reported):
    received = sessions.bob.take(send(b"hello", success=success, failure=failure))[-1]

    outputs = sessions.bob.do("report", received.message, code)

    assert [each.data.fields["Status"] for each in outputs] == reported
    for each in outputs:
        assert (each.data.message_id, each.data.byte_range) == ("m123", ByteRange(1, 5, 5))
        assert (each.data.fields["To-Path"], each.data.fields["From-Path"]) == (ALICE, BOB)


def test_each_report_is_a_transaction_of_its_own(sessions):
    received = sessions.bob.take(send(success="yes"))[-1]
    reports = [sessions.bob.do("report", received.message)[0].data for _ in range(2)]

    assert reports[0].transaction_id != reports[1].transaction_id
