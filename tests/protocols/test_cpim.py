"""message/cpim: what peers send is understood, what we build is understood by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols import cpim

# python3-sipsimple 5.5: CRLF outside, bare LF in the MIME headers of the content
SDK = (
    b"From: <sip:uac@127.0.0.1>\r\nTo: <sip:bob@127.0.0.1>\r\nDateTime: 2026-11-22T19:12:55.894007+00:00\r\n\r\n"
    b'MIME-Version: 1.0\nContent-Type: text/plain; charset="utf8"\n\nhello 1 from the SDK'
)
# the published API of 2009: addresses without sip:, a time without zone
OLD = (
    b"To: bob@example.com\r\nFrom: Alice <alice@example.com:5060>\r\nDateTime: 2009-03-20T10:00:00\r\n\r\n"
    b"Content-Type: text/plain\r\n\r\nhi"
)
EXTENDED = (
    b"From: MR SANDERS <im:piglet@100akerwood.com>\r\nTo: Depressed Donkey <im:eeyore@100akerwood.com>\r\n"
    b"cc: <im:owl@100akerwood.com>\r\ncc: <im:rabbit@100akerwood.com>\r\n"
    b'Subject: the weather will be fine today\r\nSubject:;lang=fr;x="a b" beau temps\r\n'
    b"NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: 34jk324j\r\nRequire: imdn.Message-ID\r\n\r\n"
    b"Content-type: text/xml; charset=utf-8\r\nContent-ID: <1@x>\r\n\r\n<body/>\r\n\r\nrest"
)

AT = "2026-11-22T19:12:55Z"


def error_of(data: bytes) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        cpim.parse(data)
    return caught.value


def test_the_message_of_the_sdk_is_understood():
    message = cpim.parse(SDK)

    assert message.body == b"hello 1 from the SDK"
    assert message.content_type == 'text/plain; charset="utf8"'
    assert cpim.cpim_headers(message) == {
        "From": (None, "sip:uac@127.0.0.1"),
        "To": (None, "sip:bob@127.0.0.1"),
        "DateTime": datetime(2026, 11, 22, 19, 12, 55, 894007, UTC),
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf8"',
    }


def test_the_form_of_2009_is_understood():
    headers = cpim.cpim_headers(cpim.parse(OLD))

    assert headers["From"] == ("Alice", "sip:alice@example.com:5060")
    assert headers["To"] == (None, "sip:bob@example.com")
    assert headers["DateTime"] == datetime(2009, 3, 20, 10, tzinfo=UTC)


def test_headers_keep_their_order_and_repeats():
    message = cpim.parse(EXTENDED)

    assert message.get_all("CC") == ("<im:owl@100akerwood.com>", "<im:rabbit@100akerwood.com>")
    assert message.get_all("subject") == ("the weather will be fine today", "beau temps")
    assert message.get("Subject") == "the weather will be fine today"
    assert message.get("absent") is None
    assert cpim.cpim_headers(message)["From"] == ("MR SANDERS", "im:piglet@100akerwood.com")
    assert cpim.cpim_headers(message)["Require"] == "imdn.Message-ID"


def test_an_extension_is_found_by_its_namespace_not_by_its_prefix():
    message = cpim.parse(EXTENDED.replace(b"imdn <", b"receipt <").replace(b"imdn.M", b"receipt.M"))

    assert message.namespaces == {"receipt": "urn:ietf:params:imdn"}
    assert message.namespaced("urn:ietf:params:imdn", "Message-ID") == "34jk324j"
    assert message.namespaced("urn:other", "Message-ID") is None


def test_a_namespace_without_prefix_holds_for_bare_names():
    message = cpim.parse(b"NS: <urn:x>\r\nPriority: high\r\n\r\nContent-Type: text/plain\r\n\r\n")

    assert message.namespaced("urn:x", "Priority") == "high"


def test_the_content_is_taken_as_it_is():
    message = cpim.parse(EXTENDED)

    assert message.body == b"<body/>\r\n\r\nrest"
    assert message.content_headers == (("Content-type", "text/xml; charset=utf-8"), ("Content-ID", "<1@x>"))


@pytest.mark.parametrize("sample", [SDK, OLD, EXTENDED], ids=["sdk", "old", "extended"])
def test_line_ends_do_not_matter(sample):
    lenient, strict = cpim.parse(sample.replace(b"\r\n", b"\n")), cpim.parse(sample)

    assert (lenient.headers, lenient.content_type) == (strict.headers, strict.content_type)


def test_content_without_headers_is_plain_text():
    message = cpim.parse(b"From: <sip:a@b>\r\n\r\n\r\nhi")

    assert (message.content_type, message.body) == ("text/plain; charset=us-ascii", b"hi")


def test_folded_mime_headers_are_joined():
    message = cpim.parse(b"From: <sip:a@b>\r\n\r\nContent-Type: text/plain;\r\n\tcharset=utf-8\r\n\r\nhi")

    assert message.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("encoding", "body"), [(b"Base64", b"aGVs\r\nbG8="), (b"quoted-printable", b"h=65llo"), (b"8bit", b"hello")]
)
def test_a_transfer_encoding_is_undone(encoding, body):
    data = b"From: <sip:a@b>\r\n\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: " + encoding

    assert cpim.parse(data + b"\r\n\r\n" + body).body == b"hello"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"From: <sip:a@b>\r\n",
        b"From: <sip:a@b>\r\n\r\nno blank line after this",
        b"From <sip:a@b>\r\n\r\n\r\n",
        b"Subject\r\n\r\n\r\n",
        b"Fr om: <sip:a@b>\r\n\r\n\r\n",
        b" From: <sip:a@b>\r\n\r\n\r\n",
        b": x\r\n\r\n\r\n",
        b"Subject: \xff\r\n\r\n\r\n",
        b"From: <sip:a@b\r\n\r\n\r\n",
        b"To: <>\r\n\r\n\r\n",
        b"cc:\r\n\r\n\r\n",
        b"DateTime: yesterday\r\n\r\n\r\n",
        b"DateTime: 2026-13-01T00:00:00Z\r\n\r\n\r\n",
        b"From: <sip:a@b>\r\n\r\nContent-Transfer-Encoding: base64\r\n\r\nabcde",
        b"Subject: x\r\n" * 300 + b"\r\n\r\n",
        b"Subject: " + b"x" * 70000 + b"\r\n\r\n\r\n",
    ],
)
def test_what_is_not_cpim_is_answered_400(broken):
    assert error_of(broken).status == 400


def test_ours_is_exactly_this():
    built = cpim.build("sip:alice@example.com", "sip:bob@example.com", AT, b"hi", "text/plain; charset=utf-8")

    assert built == (
        b"From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\nDateTime: 2026-11-22T19:12:55Z\r\n\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nhi"
    )


def test_the_frame_of_one_message_is_not_that_of_another():
    """What is remembered of a message is all that it shares with the next."""
    for to, content_type in (("sip:b@b", "text/plain"), ("sip:c@c", "text/plain"), ("sip:c@c", "text/html")):
        message = cpim.parse(cpim.build("sip:a@b", to, AT, b"", content_type, (("Subject", to),)))

        assert message.headers == (("From", "<sip:a@b>"), ("To", f"<{to}>"), ("DateTime", AT), ("Subject", to))
        assert message.content_type == content_type


def test_a_header_needs_no_space_after_its_colon():
    message = cpim.parse(b"From:<sip:a@b>\r\nX-Own:y\r\n\r\nContent-Type:a/b\r\n\r\n")

    assert cpim.cpim_headers(message) == {"From": (None, "sip:a@b"), "X-Own": "y", "Content-Type": "a/b"}
    assert message.content_type == "a/b"


def test_the_first_of_a_repeated_header_counts():
    message = cpim.parse(EXTENDED.replace(b"Content-ID", b"content-type: x/y\r\nContent-ID"))

    assert message.content_type == "text/xml; charset=utf-8"
    assert cpim.cpim_headers(message)["cc"] == (None, "im:owl@100akerwood.com")


def test_a_display_name_is_quoted_and_comes_back():
    address = cpim.format_address("sip:a@b", 'Al "Ace" \\ Ö <x>')
    message = cpim.parse(cpim.build(address, "sip:c@d", AT, b"", "text/plain", (("cc", address),)))

    assert cpim.parse_address(message.headers[0][1]) == ('Al "Ace" \\ Ö <x>', "sip:a@b")
    assert cpim.cpim_headers(message)["cc"] == ('Al "Ace" \\ Ö <x>', "sip:a@b")


def test_no_header_can_be_smuggled_in():
    evil = "x\r\nFrom: <sip:mallory@example.com>"
    built = cpim.build(cpim.format_address("sip:a@b", evil), "sip:c@d", "", b"", "text/plain", (("Subject", evil),))
    message = cpim.parse(built)

    assert message.get_all("From") == (f'"{evil}" <sip:a@b>',)
    assert message.get("Subject") == evil


@pytest.mark.parametrize(
    ("name", "content_type"), [("a b", "x/y"), ("", "x/y"), ("a:", "x/y"), ("a", "x\r\n"), ("a", "")]
)
def test_what_cannot_be_written_is_our_mistake(name, content_type):
    with pytest.raises(LocalProtocolError):
        cpim.build("sip:a@b", "sip:c@d", AT, b"", content_type, ((name, "x"),))


def test_values_are_escaped_on_the_wire():
    assert b"Subject: a\\\\b\\u000ac\r\n" in cpim.build("sip:a@b", "sip:c@d", AT, b"", "x/y", (("Subject", "a\\b\nc"),))


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"a\\b", "a\\b"),
        (r"\"\'", "\"'"),
        (r"\r\n\t\b", "\r\n\t\b"),
        (r"\u00f6", "ö"),
        (r"\ud83d\ude00", "\N{GRINNING FACE}"),
        (r"\ud83d", "\N{REPLACEMENT CHARACTER}"),
        ("end\\", "end\\"),
        (r"\q", "q"),
    ],
)
def test_escapes_are_undone(escaped, text):
    assert cpim.parse(f"Subject: {escaped}\r\n\r\n\r\n".encode()).get("Subject") == text


def test_a_time_keeps_its_zone():
    headers = cpim.cpim_headers(cpim.parse(b"DateTime: 2026-11-22T19:12:55+02:00\r\n\r\n\r\n"))

    assert headers["DateTime"] == datetime(2026, 11, 22, 19, 12, 55, tzinfo=timezone(timedelta(hours=2)))


@example("; no parameter", b"")
@given(st.text(st.characters(exclude_categories=["Cs"])).map(str.strip), st.binary())
def test_any_text_and_content_come_back(text, content):
    message = cpim.parse(cpim.build("sip:a@b", "sip:c@d", AT, content, "text/plain", (("Subject", text),)))

    assert message.get("Subject") == text
    assert message.body == content
