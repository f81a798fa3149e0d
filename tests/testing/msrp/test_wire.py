"""Reading MSRP without the library's own framer, and judging it by the grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.msrp import chunk as ours
from sipsimple.testing.msrp.wire import NotMSRP, Reader, faults

TO, FROM = "msrp://127.0.0.1:2855/bob;tcp", "msrp://127.0.0.1:2856/alice;tcp"
SEND = ours.send("tid1", TO, FROM, "m123", b"a\r\n-------tid2$\r\nb", "text/plain", None, "$", "yes").encode()
EMPTY = ours.send("tid3", TO, FROM, "m124").encode()
RESPONSE = b"MSRP tid4 200 OK\r\nTo-Path: %b\r\nFrom-Path: %b\r\n-------tid4$\r\n" % (FROM.encode(), TO.encode())
REPORT = ours.report("tid5", TO, FROM, "m123", "1-5/5").encode()
ALL = SEND + EMPTY + RESPONSE + REPORT


@given(st.lists(st.integers(0, len(ALL)), max_size=6).map(sorted))
def test_any_split_gives_the_same_chunks(cuts):
    reader, chunks = Reader(), []
    for start, end in zip([0, *cuts], [*cuts, len(ALL)], strict=True):
        chunks += reader.feed(ALL[start:end])
    assert [each.transaction_id for each in chunks] == ["tid1", "tid3", "tid4", "tid5"]
    assert [each.body for each in chunks] == [b"a\r\n-------tid2$\r\nb", None, None, None]
    assert [(each.code, each.method) for each in chunks] == [(0, "SEND"), (0, "SEND"), (200, ""), (0, "REPORT")]
    assert (chunks[3].status, chunks[3].byte_range, chunks[0].get("message-id")) == (200, (1, 5), "m123")


def test_what_the_library_writes_is_without_fault():
    for each in Reader().feed(ALL):
        assert faults(each) == []


@pytest.mark.parametrize("data", [b"HTTP/1.1 200 OK\r\n", b"MSRPx", b"MSRP  SEND\r\n\r\n", b"MSRP " + b"a" * 70_000])
def test_what_cannot_be_cut_is_told(data):
    with pytest.raises(NotMSRP):
        Reader().feed(data)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"tid1", b"ab", "transaction id"),
        (b"tid1 SEND", b"tid1 send", "start line"),
        (b"To-Path: ", b"To-Path:", "header line"),
        (b"To-Path: msrp://127.0.0.1:2855/bob;tcp\r\n", b"", "begin with To-Path"),
        (b"From-Path: msrp", b"From-Path: sip", "From-Path"),
        (b"Message-ID: m123", b"Message-ID: m", "Message-ID"),
        (b"Byte-Range: 1-", b"Byte-Range: x-", "Byte-Range"),
        (b"Success-Report: yes", b"Success-Report: maybe", "Success-Report"),
        (b"Success-Report: yes", b"Failure-Report: maybe", "Failure-Report"),
        (b"Content-Type: text/plain", b"X-Type: text/plain", "without Content-Type"),
        (b"Content-Type: text/plain", b"Content-Type: text/plain\r\nX-After: a", "not the last"),
        (b"Success-Report: yes", b"Message-ID: m123", "twice"),
    ],
)
def test_what_is_against_the_grammar_is_found(old, new, fault):
    [chunk] = Reader().feed(SEND.replace(old, new))
    assert fault in "; ".join(faults(chunk))


def test_a_report_needs_a_status():
    [chunk] = Reader().feed(REPORT.replace(b"Status: 000 200 OK", b"Status: 200"))
    assert faults(chunk) == ["Status '200'"]
