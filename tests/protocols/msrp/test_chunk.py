import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp import Framer, chunk
from sipsimple.protocols.msrp.headers import ByteRange

A, B, RELAY = "msrp://a:1/x;tcp", "msrp://b:2/y;tcp", "msrp://r:3/z;tcp"


def test_a_send_begins_with_its_paths_and_ends_with_its_type():
    request = chunk.send("tid1", B, A, "m123", b"hello", "text/plain", None, "$", "yes", "no", [("X-One", "1")])

    assert list(request.fields) == [
        "To-Path",
        "From-Path",
        "Message-ID",
        "Byte-Range",
        "Success-Report",
        "Failure-Report",
        "X-One",
        "Content-Type",
    ]
    assert request.byte_range == ByteRange(1, 5, 5)
    assert Framer().feed(request.encode()) == [request]


def test_the_empty_send_that_binds_a_session():
    """Interoperability: Byte-Range 1-0/0, a Message-ID, no Content-Type."""
    assert chunk.send("tid1", B, A, "m123").encode() == (
        b"MSRP tid1 SEND\r\nTo-Path: msrp://b:2/y;tcp\r\nFrom-Path: msrp://a:1/x;tcp\r\n"
        b"Message-ID: m123\r\nByte-Range: 1-0/0\r\n-------tid1$\r\n"
    )


@pytest.mark.parametrize("header", [("X", "a\r\nY: b"), ("X\n", "a"), ("X: y", "a")])
def test_headers_cannot_be_smuggled_in(header):
    with pytest.raises(LocalProtocolError):
        chunk.send("tid1", B, A, "m123", headers=[header])


def test_a_response_to_a_send_goes_back_one_hop():
    """RFC 4975 section 7.2: hop by hop for SEND, the whole way for other methods."""
    request = chunk.send("tid1", B, f"{RELAY} {A}", "m123", b"x", "text/plain")

    answer = chunk.response(request, 200)

    assert (answer.first_line, answer.fields) == ("MSRP tid1 200 OK", {"To-Path": RELAY, "From-Path": B})
    request.method = "OTHER"
    assert chunk.response(request, 501).fields["To-Path"] == f"{RELAY} {A}"


def test_a_response_comes_from_the_hop_that_the_request_was_for():
    """RFC 4975 section 7.2: the first of To-Path, which is us."""
    request = chunk.send("tid1", f"{B} {RELAY}", A, "m123", b"x", "text/plain")

    assert chunk.response(request, 200).fields == {"To-Path": A, "From-Path": B}


def test_who_does_not_say_where_he_is_gets_no_response():
    (request,) = Framer().feed(b"MSRP tid1 SEND\r\nTo-Path: msrp://b:2/y;tcp\r\n-------tid1$\r\n")

    assert chunk.response(request, 400) is None


def test_a_report_carries_status_and_range():
    report = chunk.report("tid1", A, B, "m123", ByteRange(1, 5, 5))

    assert report.fields["Status"] == "000 200 OK"
    assert report.fields["Byte-Range"] == "1-5/5"
    assert report.method == "REPORT"


def test_the_end_line_of_a_chunk_does_not_occur_in_its_body():
    body = b"a\r\n-------seed5$\r\nb\r\n-------seed6+\r\n"

    transaction_id, following = chunk.next_transaction("seed", 5, body)

    assert (transaction_id, following) == ("seed7", 8)
    request = chunk.send(transaction_id, B, A, "m123", body, "text/plain")
    assert Framer().feed(request.encode())[0].data == body


@pytest.mark.parametrize("body", [b"", b"no dash", b"a - b", b"-" * 40, b"-------seed6$", b"------seed5$"])
def test_a_body_without_the_end_line_leaves_the_id_as_it_is(body):
    assert chunk.next_transaction("seed", 5, body) == ("seed5", 6)


@pytest.mark.parametrize(("text", "is_one"), [("abcd", True), ("a.-+%=", True), ("abc", False), ("-abcd", False)])
def test_identifiers_follow_the_grammar(text, is_one):
    assert chunk.is_identifier(text) is is_one
    assert not chunk.is_identifier("a" * 33)
