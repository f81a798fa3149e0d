import pytest

from sipsimple.protocols.msrp.headers import (
    ByteRange,
    ContentDisposition,
    HeaderParsingError,
    MSRPHeader,
    Status,
    parse_byte_range,
)
from sipsimple.protocols.msrp.named_headers import (
    NAMED_HEADERS,
    ByteRangeHeader,
    ContentDispositionHeader,
    StatusHeader,
    ToPathHeader,
    WWWAuthenticateHeader,
)
from sipsimple.protocols.msrp.uri import URI


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("Byte-Range", "1-10/20", ByteRange(1, 10, 20)),
        ("Byte-Range", "5-*/*", ByteRange(5, None, None)),
        ("Status", "000 200 OK", Status(200, "OK")),
        ("Status", "000 413", Status(413)),
        ("Expires", "600", 600),
        ("Success-Report", "yes", "yes"),
        ("Failure-Report", "partial", "partial"),
        ("To-Path", "msrp://h:1/x;tcp", (URI("h", port=1, session_id="x"),)),
        (
            "Content-Disposition",
            'attachment; filename="a b.txt"',
            ContentDisposition("attachment", {"filename": "a b.txt"}),
        ),
        ("WWW-Authenticate", 'Digest realm="r", qop="auth"', {"realm": "r", "qop": "auth"}),
        ("Authentication-Info", 'rspauth="1", nc="2"', {"rspauth": "1", "nc": "2"}),
        ("X-Other", "anything", "anything"),
    ],
)
def test_text_and_value_are_made_from_each_other(name, text, value):
    assert MSRPHeader(name, text).decoded == value
    assert MSRPHeader(name, value).encoded == text
    assert MSRPHeader(name, text) == MSRPHeader(name, value)
    assert hash(MSRPHeader(name, text)) == hash(MSRPHeader(name, value))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Byte-Range", "0-1/1"),
        ("Byte-Range", "1-2"),
        ("Byte-Range", "1-2/3 "),
        ("Byte-Range", "\u0661-1/1"),
        ("Byte-Range", "1-" + "9" * 100 + "/*"),
        ("Status", "001 200 OK"),
        ("Status", "000 20"),
        ("Expires", "soon"),
        ("Success-Report", "partial"),
        ("From-Path", "sip:a@b"),
        ("WWW-Authenticate", "Basic x"),
    ],
)
def test_a_bad_value_is_found_when_it_is_asked_for(name, text):
    header = MSRPHeader(name, text)

    assert header.encoded == text
    with pytest.raises(HeaderParsingError, match=name):
        _ = header.decoded


def test_a_bad_header_names_itself_and_is_answered_400():
    with pytest.raises(HeaderParsingError) as caught:
        parse_byte_range("x")

    assert (caught.value.header_name, caught.value.status) == ("Byte-Range", 400)


def test_named_headers_know_their_names():
    assert ByteRangeHeader(ByteRange(1, 2, 3)).encoded == "1-2/3"
    assert ByteRangeHeader((1, None, 3)).encoded == "1-*/3"
    assert StatusHeader("000 200 OK").name == "Status"
    assert ToPathHeader([URI("h", session_id="s")]).encoded == "msrp://h/s;tcp"
    assert WWWAuthenticateHeader("Digest a=b").decoded == {"a": "b"}
    assert ContentDispositionHeader("inline").decoded.disposition == "inline"
    assert all(each("1").name == name for name, each in NAMED_HEADERS.items())


def test_a_byte_range_is_a_triple():
    start, end, total = parse_byte_range("1-*/7")

    assert (start, end, total) == (1, None, 7)


def test_a_header_is_only_equal_to_headers():
    assert MSRPHeader("Status", "000 200") != "000 200"
    assert "000 200" in repr(StatusHeader("000 200"))
