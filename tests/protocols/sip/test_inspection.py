"""What every request is checked for before its meaning."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.inspection import inspect_request, refuse_method
from sipsimple.protocols.sip.message import Request

HEADERS = {
    "Via": "SIP/2.0/UDP h;branch=z9hG4bK1",
    "From": "<sip:a@h>;tag=1",
    "To": "<sip:b@h>",
    "Call-ID": "1",
    "CSeq": "1 INVITE",
    "Max-Forwards": "70",
    "Contact": "<sip:a@h>",
}


def invite(changes=None, uri="sip:b@h", method="INVITE") -> Request:
    return Request(method, uri, HEADERS.items()).replacing(changes or {})


def test_a_good_request_passes():
    assert inspect_request(invite()) is None
    assert inspect_request(invite({"Max-Forwards": None, "Contact": "*"})) is None
    assert inspect_request(invite({"To": "isbn:2983792873"})) is None


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_a_missing_mandatory_header_is_400(name):
    error = inspect_request(invite({name: None}))

    assert error is not None
    assert (error.status, str(error)) == (400, f"no {name.lower()} header")


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq", "Max-Forwards"])
def test_a_header_that_may_stand_once_and_stands_twice_is_400(name):
    error = inspect_request(invite({name: [HEADERS[name]] * 2}))

    assert error is not None
    assert (error.status, "more than once" in str(error)) == (400, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"Via": "SIP/2.0/UDP 192.0.2.15;;,;,,"},
        {"From": '"open <sip:a@h>'},
        {"To": "<sip:b@h:99999>"},
        {"Call-ID": ""},
        {"CSeq": "36893488147419103232 INVITE"},
        {"CSeq": "1 BYE"},
        {"CSeq": "1 invite"},
        {"Max-Forwards": "300"},
        {"Contact": "<sip:>"},
        {"Contact": "sip:a@h?Route=x"},
        {"Record-Route": "<sip:>"},
        {"Content-Type": "sdp"},
        {"Expires": "soon"},
        {"Require": "a b"},
    ],
)
def test_a_malformed_header_is_400(changes):
    error = inspect_request(invite(changes))

    assert error is not None
    assert error.status == 400


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("<sip:b@h>", 400),
        ("sip:2001:db8::10", 400),
        ("sip:b@h?Route=%3Csip:x%3E", 400),
        ("nobodyKnowsThisScheme:totallyopaquecontent", 416),
        ("soap.beep://192.0.2.103:3002", 416),
        ("tel:+1", 416),
    ],
)
def test_a_request_uri_that_we_cannot_be_is_refused(uri, status):
    error = inspect_request(invite(uri=uri))

    assert error is not None
    assert error.status == status


def test_more_schemes_can_be_allowed():
    assert inspect_request(invite(uri="tel:+1"), schemes=frozenset({"tel"})) is None


def test_required_extensions_that_we_lack_are_420_and_named():
    error = inspect_request(invite({"Require": ["100REL, foo", "bar"]}), frozenset({"100rel"}))

    assert error is not None
    assert (error.status, error.header) == (420, ("Unsupported", "foo, bar"))
    assert inspect_request(invite({"Require": "100rel"}), frozenset({"100rel"})) is None


@pytest.mark.parametrize("method", ["ACK", "CANCEL"])
def test_require_means_nothing_in_ack_and_cancel(method):
    assert inspect_request(invite({"Require": "foo", "CSeq": f"1 {method}"}, method=method)) is None


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        ("application/sdp", True),
        ("text/plain, application/SDP;level=1", True),
        ("application/*", True),
        ("text/html;q=1, */*;q=0.1", True),
        (["text/plain", "*/*"], True),
        ("text/plain", False),
        ("", False),
        ("application/sdp;q=0, */*", False),
        ("application/*;q=0.000", False),
    ],
)
def test_an_invite_whose_sender_takes_no_description_is_406(accept, taken):
    error = inspect_request(invite({"Accept": accept}))

    assert error is None if taken else error.status == 406
    assert taken or error.header[0] == "Warning"
    assert inspect_request(invite({"Accept": accept, "CSeq": "1 OPTIONS"}, method="OPTIONS")) is None


def test_a_malformed_accept_is_400():
    assert inspect_request(invite({"Accept": "sdp"})).status == 400


@pytest.mark.parametrize(
    ("method", "status"),
    [("REGISTER", 405), ("FROBNICATE", 405), ("RE%47ISTER", 501), ("invite", 501), ("INV1TE", 501)],
)
def test_a_method_that_is_not_offered_is_405_and_what_is_named_like_none_501(method, status):
    error = refuse_method(method, "INVITE, ACK")

    assert (error.status, error.header) == (status, ("Allow", "INVITE, ACK"))
