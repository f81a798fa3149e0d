"""Requests and responses: reading datagrams, building, changing, answering."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip.headers.cseq import CSeq
from sipsimple.protocols.sip.message import MAX_HEADERS, MAX_SIZE, Message, Request, Response, parse, response_to

INVITE = (
    b"INVITE sip:bob@example.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP a.example.com;branch=z9hG4bK1, SIP/2.0/TCP b.example.com\r\n"
    b"v: SIP/2.0/UDP c.example.com\r\n"
    b"Max-Forwards: 70\r\n"
    b'f: "Alice" <sip:alice@example.com>;tag=1\r\n'
    b"TO : <sip:bob@example.com>\r\n"
    b"Call-ID: x@y\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"Contact: <sip:alice@192.0.2.1>\r\n"
    b"Record-Route: <sip:p1;lr>, <sip:p2;lr>\r\n"
    b"Supported: timer,\r\n"
    b" 100rel\r\n"
    b"X-MiXed: 1\r\n"
    b"c: application/sdp\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"body"
)
RESPONSE = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nCSeq: 1 BYE\r\n\r\n"


@pytest.fixture
def invite() -> Request:
    message = parse(INVITE)
    assert isinstance(message, Request)
    return message


def head(*lines: str, start: str = "OPTIONS sip:h SIP/2.0") -> bytes:
    return "\r\n".join([start, *lines, "", ""]).encode()


def test_a_request_is_read_with_its_typed_headers(invite):
    assert (invite.method, invite.uri, invite.request_uri.user) == ("INVITE", "sip:bob@example.com", "bob")
    assert invite.via.branch == "z9hG4bK1"
    assert [via.host for via in invite.vias] == ["a.example.com", "b.example.com", "c.example.com"]
    assert (invite.from_.display_name, invite.from_.tag, invite.to.tag) == ("Alice", "1", None)
    assert (invite.call_id, invite.cseq, invite.max_forwards) == ("x@y", CSeq(7, "INVITE"), 70)
    assert invite.contact is not None
    assert invite.contacts == (invite.contact,)
    assert [route.uri.host for route in invite.record_routes] == ["p1", "p2"]
    assert invite.supported == ("timer", "100rel")
    assert invite.content_type is not None
    assert (invite.content_type.essence, invite.content_length, invite.body) == ("application/sdp", 4, b"body")
    assert invite.size == len(INVITE)


def test_what_a_message_lacks_is_none_or_empty_or_refused():
    message = parse(head())

    assert (message.max_forwards, message.content_type, message.expires, message.user_agent) == (None,) * 4
    assert (message.contact, message.contacts, message.routes, message.require, message.reasons) == (
        None,
        (),
        (),
        (),
        (),
    )
    for name in ("via", "from_", "to", "call_id", "cseq"):
        with pytest.raises(RemoteProtocolError, match="no "):
            getattr(message, name)


def test_a_typed_header_is_read_once(invite):
    assert invite.via is invite.via
    assert invite.vias is invite.vias


def test_a_malformed_header_hurts_only_who_asks_for_it():
    message = parse(head("Via: nonsense", "CSeq: 1 OPTIONS", "Expires: soon"))

    assert message.cseq.number == 1
    for _ in range(2):
        with pytest.raises(RemoteProtocolError) as refused:
            _ = message.expires
        assert refused.value.status == 400
    with pytest.raises(RemoteProtocolError):
        _ = message.via


def test_raw_values_are_found_under_any_spelling(invite):
    assert invite.get("t") == invite.get("To") == invite.get("TO") == "<sip:bob@example.com>"
    assert invite.get("x-mixed") == "1"
    assert len(invite.get_all("Via")) == 2
    assert (invite.get("subject"), invite.get_all("subject")) == (None, [])


def test_a_response_is_read():
    response = parse(b'SIP/2.0 183 Session  Progress \r\nRetry-After: 5 (x)\r\nWarning: 399 h "t"\r\nServer: s\r\n\r\n')

    assert isinstance(response, Response)
    assert (response.status, response.reason) == (183, "Session  Progress ")
    assert (response.retry_after, response.warning, response.server) == (5, '399 h "t"', "s")
    assert (response.is_provisional, response.is_success, response.is_final) == (True, False, False)


@pytest.mark.parametrize("line", ["SIP/2.0 100 ", "SIP/2.0 100", "sip/2.0 100 "])
def test_a_response_may_have_no_reason(line):
    assert parse(head(start=line)).reason == ""


def test_line_breaks_before_the_start_line_and_bytes_after_the_body_are_dropped():
    message = parse(b"\r\n\r\n" + INVITE + b"surplus")

    assert message.body == b"body"
    assert message.size == len(INVITE)


def test_without_content_length_a_datagram_is_body_to_its_end():
    assert parse(RESPONSE + b"rest").body == b"rest"


def test_bytes_that_are_no_utf8_come_back_unchanged():
    message = parse(b"OPTIONS sip:h SIP/2.0\r\nSubject: caf\xe9 \xc3\xa9\r\n\r\n")

    assert b"Subject: caf\xe9 \xc3\xa9\r\n" in bytes(message)


def test_a_fold_counts_as_a_blank_wherever_it_is():
    message = parse(b"OPTIONS sip:h SIP/2.0\r\nTO :\r\n sip:a@h ;\r\n\t tag = 1\r\ns :\r\n\r\n")

    assert message.to.tag == "1"
    assert message.get("subject") == ""


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", None),
        (b"\r\n\r\n", None),
        (b"\0\0\0\0", 400),
        (b"OPTIONS sip:h SIP/2.0\r\nTo: x\r\n", 400),
        (head(start="OPTIONS sip:h SIP/7.0"), 505),
        (head(start="OPTIONS sip:h HTTP/1.1"), 400),
        (head(start="OPTIONS  sip:h SIP/2.0"), 400),
        (head(start="OPTIONS sip:h SIP/2.0 "), 400),
        (head(start="OPTIONS sip:h; lr SIP/2.0"), 400),
        (head(start="OPT{ONS sip:h SIP/2.0"), 400),
        (head(start="OPTIONS  SIP/2.0"), 400),
        (head(start="SIP/2.0 4294967301 x"), None),
        (head(start="SIP/2.0 099 x"), None),
        (head(start="SIP/2.0 700 x"), None),
        (head(start="SIP/2.0 20x x"), None),
        (head(start="SIP/3.0 200 OK"), None),
        (head("no colon"), 400),
        (head("Via"), 400),
        (head(": x"), 400),
        (head("a b: x"), 400),
        (head(" folded: start"), 400),
        (head("To: a\nVia: b"), 400),
        (head("To: a\rVia: b"), 400),
        (head("Content-Length: -999"), 400),
        (head("Content-Length: 5", "l: 0"), 400),
        (head("Content-Length: 1"), 400),
        (head("Content-Length: " + "9" * 9000), 400),
        (head(*["a: b"] * (MAX_HEADERS + 1)), 513),
        (head("a: " + "b" * MAX_SIZE), 513),
    ],
)
def test_what_is_no_message_is_refused_with_the_status_to_answer(data, status):
    with pytest.raises(RemoteProtocolError) as refused:
        parse(data)
    assert refused.value.status == status


def test_the_same_content_length_twice_is_harmless():
    assert parse(head("Content-Length: 2", "l: 02") + b"ab").body == b"ab"


def test_a_built_message_is_written_in_the_order_given_with_content_length_last():
    request = Request("MESSAGE", "sip:h", [("v", "SIP/2.0/UDP h"), ("to", "<sip:h>"), ("X-MyOwn", "1")], b"hi")

    assert bytes(request) == (
        b"MESSAGE sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nTo: <sip:h>\r\nX-MyOwn: 1\r\nContent-Length: 2\r\n\r\nhi"
    )
    assert request.size == len(bytes(request))
    assert request.content_length == 2


def test_what_was_read_is_written_with_the_same_meaning(invite):
    again = parse(bytes(invite))

    assert again == invite
    assert hash(again) == hash(invite)
    assert dict(again.headers) == {**invite.headers, "content-length": ["4"]}
    assert b"X-MiXed: 1" in bytes(again)


NAMES = st.sampled_from(["Via", "Subject", "X-New", "To"])
LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]))


@given(st.lists(st.tuples(NAMES, LINE), max_size=6), st.binary(max_size=30))
def test_any_message_that_was_built_is_read_back_the_same(headers, body):
    request = Request("INFO", "sip:h", headers, body)
    response = Response(299, "fine", headers, body)

    assert parse(bytes(request)) == request
    assert dict(parse(bytes(response)).headers) == dict(response.headers)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Request("BAD METHOD", "sip:h"),
        lambda: Request("INFO", "sip:h\r\nVia: x"),
        lambda: Request("INFO", ""),
        lambda: Request("INFO", "sip:h", [("Subject", "a\r\nVia: x")]),
        lambda: Request("INFO", "sip:h", [("Sub ject", "a")]),
        lambda: Response(99),
        lambda: Response(200, "OK\nVia: x"),
        lambda: parse(INVITE).replacing({"Subject": ["a", "b\rc"]}),
        lambda: Request("INFO", "sip:h").with_uri("sip:a b"),
    ],
)
def test_nothing_of_ours_can_add_lines_to_a_message(build):
    with pytest.raises(LocalProtocolError):
        build()


def test_replacing_makes_a_new_message_and_leaves_the_old_one(invite):
    before = bytes(invite)
    new = invite.replacing({"v": ["SIP/2.0/UDP n"], "Subject": "x", "Contact": None, "X-Other": "1"}, body=b"longer")

    assert (new.via.host, new.get("subject"), new.contact, new.body) == ("n", "x", None, b"longer")
    assert new.content_length == 6
    assert b"X-Other: 1\r\n" in bytes(new)
    assert next(iter(new.headers)) == "via"
    assert bytes(invite) == before
    assert (invite.via.host, invite.get("x-other")) == ("a.example.com", None)


def test_a_request_gets_another_uri(invite):
    assert invite.request_uri.user == "bob"
    new = invite.with_uri("sip:carol@example.com")

    assert (new.uri, new.request_uri.user, invite.request_uri.user) == ("sip:carol@example.com", "carol", "bob")
    assert new.headers == {**invite.headers, "content-length": ["4"]}


def test_messages_are_equal_when_their_bytes_are():
    assert Request("INFO", "sip:h") == Request("INFO", "sip:h", [])
    assert Request("INFO", "sip:h") != Request("INFO", "sip:h", [], b"x")
    assert Request("INFO", "sip:h") != "INFO"


def test_printing_a_message_shows_neither_headers_nor_body():
    request = Request("INFO", "sip:h", [("Authorization", "secret"), ("Call-ID", "1")], b"secret")

    assert repr(request) == "<Request 'INFO sip:h SIP/2.0' '1'>"
    with pytest.raises(NotImplementedError):
        _ = Message([], b"").start_line


def test_a_response_copies_what_ties_it_to_its_request(invite):
    response = response_to(invite, 200, to_tag="2", headers=[("Contact", "<sip:me>")], body=b"v", content_type="a/b")

    assert response.headers == {
        "via": invite.get_all("via"),
        "record-route": invite.get_all("record-route"),
        "from": invite.get_all("from"),
        "to": ["<sip:bob@example.com>;tag=2"],
        "call-id": ["x@y"],
        "cseq": ["7 INVITE"],
        "contact": ["<sip:me>"],
        "content-type": ["a/b"],
        "content-length": ["1"],
    }
    assert (response.status, response.reason, response.body) == (200, "OK", b"v")


@pytest.mark.parametrize(
    ("status", "method", "tag", "routes"),
    [
        (100, "INVITE", None, 0),
        (180, "INVITE", "2", 1),
        (486, "INVITE", "2", 0),
        (200, "BYE", "2", 0),
        (202, "REFER", "2", 1),
    ],
)
def test_a_tag_comes_above_100_and_record_route_where_a_dialog_forms(invite, status, method, tag, routes):
    request = Request(method, invite.uri, [(name, each) for name, values in invite.headers.items() for each in values])
    response = response_to(request, status, to_tag="2")

    assert response.to.tag == tag
    assert len(response.get_all("record-route")) == routes


def test_a_100_repeats_the_timestamp(invite):
    stamped = invite.replacing({"Timestamp": "54"})

    assert response_to(stamped, 100).get("timestamp") == "54"
    assert response_to(stamped, 180).get("timestamp") is None


def test_a_tag_that_is_there_stays(invite):
    in_dialog = invite.replacing({"To": "<sip:bob@example.com> ; TAG = 9"})

    assert response_to(in_dialog, 200, to_tag="2").to.tag == "9"


def test_a_request_whose_to_is_malformed_or_missing_can_still_be_answered(invite):
    assert response_to(invite.replacing({"To": '"open'}), 400, to_tag="2").get("to") == '"open'
    assert response_to(invite.replacing({"To": None}), 400, "Why not", to_tag="2").reason == "Why not"
