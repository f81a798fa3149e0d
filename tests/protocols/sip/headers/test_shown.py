"""Headers as applications get them."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.headers.shown import shown_headers, shown_type
from sipsimple.protocols.sip.message import Request, parse

LINES = b"MESSAGE sip:b@h SIP/2.0\r\nv: SIP/2.0/UDP h\r\nX-own: 1\r\nx-OWN: 2\r\nc: text/plain\r\nl: 2\r\n\r\nhi"


def test_names_are_the_usual_ones_and_values_are_joined():
    assert shown_headers(parse(LINES)) == {
        "Via": "SIP/2.0/UDP h",
        "X-Own": "1, 2",
        "Content-Type": "text/plain",
        "Content-Length": "2",
    }


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Proxy-Authorization", "Authentication-Info", "Proxy-Authentication-Info", "AUTHORIZATION"],
)
def test_credentials_are_not_shown(name):
    message = Request("MESSAGE", "sip:b@h", [("Subject", "tea"), (name, 'Digest username="alice", response="5ec7e7"')])
    assert shown_headers(message).keys() == {"Subject", "Content-Length"}


def test_only_a_body_has_a_type():
    assert shown_type(parse(LINES)) == ("text", "plain")
    assert shown_type(Request("MESSAGE", "sip:b@h", [("Content-Type", "text/plain")])) == (None, None)
