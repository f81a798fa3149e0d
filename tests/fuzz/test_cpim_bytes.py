"""Any bytes are a CPIM message or a RemoteProtocolError, in linear time."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols import cpim

PIECES = [b"From", b"To:", b"DateTime: ", b"Subject:;lang=x", b"NS: ", b"<", b">", b'"', b"\\u12", b"\\", b"sip:a@b"]
PIECES += [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b"\xff", b"\xc3\xb6", b"2026-11-22T19:12:55Z"]
PIECES += [b"\r\n\r\n", b"\r\n\r\n", b"Content-Type: text/plain\r\n", b"Content-Transfer-Encoding: base64\r\n"]


def read(data: bytes) -> None:
    status = None
    try:
        message = cpim.parse(data)
        cpim.cpim_headers(message)
        assert message.namespaced("urn:x", "y") is None or message.namespaces
        for _, value in message.headers:
            value.encode()
    except RemoteProtocolError as error:
        status = error.status
    assert status in (None, 400)


@given(st.binary(max_size=200))
def test_any_bytes_parse_or_are_refused(data):
    read(data)


@given(st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join))
def test_anything_like_cpim_parses_or_is_refused(data):
    read(data)


def lines_run(data: bytes) -> int:
    """Count the lines of our code that parsing runs: a measure of work without a clock."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace if frame.f_code.co_filename == cpim.__file__ else None

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        read(data)
    finally:
        sys.settrace(former)
    return count


@pytest.mark.parametrize("unit", [b"a: b\n", b"a: b\n c\n", b"\n", b"\r", b"\\u1234", b"a:;x=", b"<", b'"'])
def test_four_times_the_bytes_are_at_most_about_four_times_the_work(unit):
    small, large = (b"S:;" + unit * (size // len(unit)) + b"\r\n\r\n\r\n" for size in (1024, 4096))

    assert lines_run(large) <= 4.5 * lines_run(small) + 100
