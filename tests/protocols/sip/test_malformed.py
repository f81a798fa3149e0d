"""The stateless answer to what does not parse."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.malformed import reply_to_malformed
from sipsimple.protocols.sip.message import Response, parse

HEAD = (
    b"OPTIONS sip:h SIP/7.0\r\n"
    b"Via: SIP/7.0/UDP a;branch=z9hG4bK1\r\n"
    b"v: SIP/2.0/UDP b\r\n"
    b"Max-Forwards: x\r\n"
    b"f :\r\n <sip:a@h>;tag=1\r\n"
    b"To: <sip:b@h>\r\n"
    b"Call-ID: 1\r\n"
    b"CSeq: 1 OPTIONS"
)
ERROR = RemoteProtocolError("bad", 505)


def reply(head: bytes = HEAD, error: RemoteProtocolError = ERROR) -> Response:
    data = reply_to_malformed(head, error)
    assert data is not None
    response = parse(data)
    assert isinstance(response, Response)
    return response


def test_the_answer_repeats_the_lines_that_tie_it_to_the_request():
    response = reply()

    assert (response.status, response.reason) == (505, "Version Not Supported")
    assert response.get_all("via") == ["SIP/7.0/UDP a;branch=z9hG4bK1", "SIP/2.0/UDP b"]
    assert response.get("from") == "<sip:a@h>;tag=1"
    assert (response.get("call-id"), response.get("cseq")) == ("1", "1 OPTIONS")


def test_a_repetition_gets_the_same_tag_and_another_call_another():
    assert reply().to.tag == reply(HEAD + b"\r\n\r\nbody").to.tag
    assert reply().to.tag != reply(HEAD.replace(b"Call-ID: 1", b"Call-ID: 2")).to.tag


def test_a_tag_that_is_there_stays():
    assert reply(HEAD.replace(b"<sip:b@h>", b"<sip:b@h>; Tag =9")).get("to") == "<sip:b@h>; Tag =9"


def test_the_errors_header_is_in_the_answer():
    assert reply(error=RemoteProtocolError("x", 420, ("Unsupported", "foo"))).get("unsupported") == "foo"


@pytest.mark.parametrize(("line", "name"), [(b"\r\nCall-ID", "call-id"), (b"\r\nTo", "to"), (b"\r\nf ", "from")])
def test_a_request_that_lacks_what_every_request_has_is_told_so(line, name):
    response = reply(HEAD.replace(line, b"\r\nX"), RemoteProtocolError("bad"))

    assert response.status == 400
    assert response.get(name) is None
    assert response.get("cseq") == "1 OPTIONS"


def test_no_control_character_gets_into_the_answer():
    assert reply(HEAD.replace(b"Call-ID: 1", b"Call-ID: 1\r\x00\x0b2")).call_id == "12"


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace(b"OPTIONS", b"ACK", 1),
        HEAD.replace(b"OPTIONS sip:h SIP/7.0", b"SIP/2.0 9999 x"),
        HEAD.replace(b"OPTIONS sip:h SIP/7.0", b""),
        HEAD.replace(b"CSeq", b"C-Seq"),
        HEAD.replace(b"Via", b"X").replace(b"v:", b"X:"),
        b"",
        b"\r\n\r\n",
        b"\xff" * 100,
    ],
)
def test_what_cannot_or_must_not_be_answered_is_not(head):
    assert reply_to_malformed(head, ERROR) is None


def test_an_error_without_status_is_not_answered():
    assert reply_to_malformed(HEAD, RemoteProtocolError("x", None)) is None
