"""Session-Expires and Min-SE: RFC 4028 4, 5."""

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.session_expires import SessionExpires
from sipsimple.protocols.sip.message import Request


@pytest.mark.parametrize(
    ("text", "seconds", "refresher"),
    [
        ("1800", 1800, None),
        ("1800;refresher=uac", 1800, "uac"),
        ("90 ; Refresher = UAS ; a=b", 90, "uas"),
        ("90;refresher=both", 90, None),
        ("99999999999", 2**32 - 1, None),
    ],
)
def test_an_interval_and_who_refreshes_are_read(text, seconds, refresher):
    value = SessionExpires.parse(text)
    assert (value.seconds, value.refresher) == (seconds, refresher)


def test_what_was_read_is_written_again():
    assert str(SessionExpires.parse("1800;refresher=uac;x")) == "1800;refresher=uac;x"


@pytest.mark.parametrize("text", ["", "-1", "x", "1 800", "90;;", ";refresher=uac"])
def test_anything_else_is_malformed(text):
    with pytest.raises(RemoteProtocolError):
        SessionExpires.parse(text)


def test_a_message_has_them_under_both_spellings():
    message = Request("INVITE", "sip:a@b", [("x", "120;refresher=uas"), ("Min-SE", "100;a")])
    assert (message.session_expires.seconds, message.min_se) == (120, 100)
    bare = Request("INVITE", "sip:a@b")
    assert (bare.session_expires, bare.min_se) == (None, None)
