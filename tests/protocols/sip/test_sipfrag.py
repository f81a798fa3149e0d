"""Fragments that tell how far a request has come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.sipfrag import read_status, status_line


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"SIP/2.0 100 Trying\r\n", (100, "Trying")),
        (b"SIP/2.0 200 OK", (200, "OK")),
        (b"\r\nSIP/2.0 486 Busy Here\r\nTo: <sip:a@b>\r\n\r\n", (486, "Busy Here")),
        (b"SIP/2.0 603\r\n", (603, "Decline")),
        (b"sip/2.0 180 caf\xc3\xa9\n", (180, "caf\u00e9")),
        (b"SIP/2.0 503 " + b"x" * 500 + b"\r\n", (503, "x" * 200)),
    ],
)
def test_the_status_is_that_of_the_first_line(body, status):
    assert read_status(body) == status


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"SIP/2.0 OK", b"SIP/2.0 099 x", b"SIP/2.0 700 x", b"INVITE a SIP/2.0", b"\xff"]
)
def test_what_begins_with_no_status_line_is_refused(body):
    with pytest.raises(RemoteProtocolError) as caught:
        read_status(body)
    assert caught.value.status == 400


def test_what_is_written_reads_the_same_and_is_one_line():
    assert status_line(180) == b"SIP/2.0 180 Ringing\r\n"
    assert status_line(486, "a\r\nb\u20ac") == b"SIP/2.0 486 a??b?\r\n"
    assert read_status(status_line(603, "no")) == (603, "no")


@given(st.binary())
def test_any_body_is_read_or_refused(body):
    try:
        code, reason = read_status(body)
    except RemoteProtocolError:
        return
    assert 100 <= code <= 699
    assert reason
