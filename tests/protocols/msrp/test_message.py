import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp import MSRPData, chunk
from sipsimple.protocols.msrp.headers import HeaderParsingError
from sipsimple.protocols.msrp.named_headers import (
    ByteRangeHeader,
    ContentTypeHeader,
    FromPathHeader,
    MessageIDHeader,
    ToPathHeader,
)

A, B = "msrp://a:1/x;tcp", "msrp://b:2/y;tcp"


def headers(*each):
    return {header.name: header for header in each}


PATHS = (ToPathHeader(B), FromPathHeader(A))


def test_a_request_is_written_with_its_body_and_end_line():
    chunk = MSRPData(
        "tid12", "SEND", headers=headers(*PATHS, ContentTypeHeader("text/plain")), data=b"hi", contflag="+"
    )

    assert chunk.encode() == (
        b"MSRP tid12 SEND\r\nTo-Path: msrp://b:2/y;tcp\r\nFrom-Path: msrp://a:1/x;tcp\r\n"
        b"Content-Type: text/plain\r\n\r\nhi\r\n-------tid12+\r\n"
    )
    assert chunk.encode() is chunk.encode()


def test_without_body_and_type_the_end_line_follows_the_headers():
    assert MSRPData("tid12", code=200, comment="OK", headers=headers(*PATHS)).encode() == (
        b"MSRP tid12 200 OK\r\nTo-Path: msrp://b:2/y;tcp\r\nFrom-Path: msrp://a:1/x;tcp\r\n-------tid12$\r\n"
    )


def test_an_empty_body_with_a_type_is_still_a_body():
    """RFC 4975 section 9: a Content-Type is the last header and a blank line follows it."""
    assert MSRPData("tid12", "SEND", headers=headers(ContentTypeHeader("a/b"))).encode() == (
        b"MSRP tid12 SEND\r\nContent-Type: a/b\r\n\r\n\r\n-------tid12$\r\n"
    )


def test_a_code_has_three_digits_and_may_lack_a_comment():
    assert MSRPData("tid12", code=7).first_line == "MSRP tid12 007"


def test_defaults_are_those_of_the_rfc():
    chunk = MSRPData("tid12", "SEND", headers=headers(*PATHS))

    assert (chunk.failure_report, chunk.success_report) == ("yes", "no")
    assert (chunk.byte_range, chunk.status, chunk.message_id, chunk.content_type) == (None, None, None, None)
    assert (chunk.size, chunk.contflag, chunk.data) == (0, "$", b"")


def test_headers_are_read_when_asked_for():
    chunk = MSRPData("tid12", "SEND", headers=headers(*PATHS, MessageIDHeader("m1"), ByteRangeHeader("1-2/x")))

    assert chunk.to_path[0].host == "b"
    assert chunk.from_path[0].host == "a"
    assert chunk.headers["Message-ID"].decoded == chunk.message_id == "m1"
    with pytest.raises(HeaderParsingError):
        _ = chunk.byte_range
    with pytest.raises(HeaderParsingError):
        chunk.verify_headers()


def test_paths_are_needed():
    with pytest.raises(HeaderParsingError, match="From-Path"):
        MSRPData("tid12", "SEND", headers=headers(PATHS[0])).verify_headers()
    assert MSRPData("tid12", "SEND").to_path == ()


@pytest.mark.parametrize("arguments", [{}, {"method": "SEND", "code": 200}])
def test_it_is_either_a_request_or_a_response(arguments):
    with pytest.raises(LocalProtocolError):
        MSRPData("tid12", **arguments)


def test_equality_is_that_of_the_bytes():
    one, same = (MSRPData("tid12", "SEND", headers=headers(*PATHS), data=b"x") for _ in range(2))

    assert one == same
    assert hash(one) == hash(same)
    assert one != MSRPData("tid12", "SEND", headers=headers(*PATHS), data=b"y")
    assert one != b"MSRP"


def test_bodies_are_not_printed():
    assert "secret" not in repr(MSRPData("tid12", "SEND", data=b"secret"))


def test_bytes_that_are_not_utf_8_survive_in_headers():
    chunk = MSRPData("tid12", "SEND", fields={"X-Name": b"\xff".decode("utf-8", "surrogateescape")})

    assert b"X-Name: \xff\r\n" in chunk.encode()


def test_its_parts_are_what_it_is_written_as():
    built = chunk.send("tid12345", "msrp://a;tcp", "msrp://b;tcp", "m123", b"body", "text/plain", None, "+")
    head, body, end = built.parts()
    assert head + body + end == built.encode()
    assert body is built.data
