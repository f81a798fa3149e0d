import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols import cpim, imdn
from sipsimple.protocols.imdn import Kind, Notification, Wish, build, notification_for, parse, request_of

MOMENT = "2026-01-02T03:04:05+00:00"
ALL = tuple(Wish)


def wrapper(*headers, content_type="text/plain", sender="Alice <sip:alice@a>", moment=MOMENT):
    return cpim.parse(cpim.build(sender, "<sip:bob@b>", moment, b"hi", content_type, headers))


def asked(*wishes, message_id="m123", **options):
    return wrapper(*imdn.request_headers(message_id, wishes), **options)


def test_what_is_asked_for_is_understood():
    """RFC 5438 section 6."""
    request = request_of(asked(Wish.POSITIVE_DELIVERY, Wish.DISPLAY))
    assert request.message_id == "m123"
    assert set(request.wishes) == {Wish.POSITIVE_DELIVERY, Wish.DISPLAY}
    assert (request.sender, request.recipient, request.datetime_text) == ("Alice <sip:alice@a>", "<sip:bob@b>", MOMENT)


def test_the_prefix_is_the_senders_choice():
    """RFC 3862 section 3.4."""
    request = request_of(
        wrapper(
            ("NS", "xyz <urn:ietf:params:imdn>"), ("xyz.Message-ID", "m1"), ("xyz.Disposition-Notification", "display")
        )
    )
    assert request.wishes == (Wish.DISPLAY,)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        imdn.request_headers("m123", ()),
        (("imdn.Message-ID", "m1"), ("imdn.Disposition-Notification", "display")),
        (("NS", "imdn <urn:other>"), ("imdn.Message-ID", "m1"), ("imdn.Disposition-Notification", "display")),
        (("NS", "imdn <urn:ietf:params:imdn>"), ("imdn.Disposition-Notification", "display")),
        (
            ("NS", "imdn <urn:ietf:params:imdn>"),
            ("imdn.Message-ID", "m1"),
            ("imdn.Disposition-Notification", "applause"),
        ),
        (
            ("NS", "imdn <urn:ietf:params:imdn>"),
            ("imdn.Message-ID", "m" * 300),
            ("imdn.Disposition-Notification", "display"),
        ),
    ],
)
def test_what_does_not_ask_asks_for_nothing(headers):
    assert request_of(wrapper(*headers)) is None


def test_a_notification_never_asks_for_one():
    """RFC 5438 section 5: or two ends would go on for ever."""
    assert request_of(asked(*ALL, content_type="message/imdn+xml")) is None
    assert request_of(asked(*ALL, content_type="Message/IMDN+XML; charset=utf-8")) is None


def test_who_cannot_be_told_is_not_told():
    assert request_of(asked(*ALL, sender="<sip:anonymous@anonymous.invalid>")) is None


@pytest.mark.parametrize("kind", list(Kind))
def test_each_status_is_written_and_read_again(kind):
    for status in imdn.STATUSES[kind]:
        told = Notification(kind, status, "m123", MOMENT, "sip:bob@b", "sip:bob@c")
        assert parse(build(told)) == told
        assert told.is_positive is (status not in ("failed", "forbidden", "error"))


@pytest.mark.parametrize(
    ("wish", "kind", "status"),
    [
        (Wish.POSITIVE_DELIVERY, Kind.DELIVERY, "delivered"),
        (Wish.NEGATIVE_DELIVERY, Kind.DELIVERY, "failed"),
        (Wish.NEGATIVE_DELIVERY, Kind.DELIVERY, "error"),
        (Wish.PROCESSING, Kind.PROCESSING, "stored"),
        (Wish.DISPLAY, Kind.DISPLAY, "displayed"),
    ],
)
def test_only_what_was_asked_for_is_told(wish, kind, status):
    told = notification_for(request_of(asked(wish)), kind, status, "<sip:bob@b>")
    assert (told.message_id, told.status, told.recipient, told.original_recipient) == (
        "m123",
        status,
        "sip:bob@b",
        "sip:bob@b",
    )
    others = [each for each in Wish if each is not wish]
    with pytest.raises(LocalProtocolError, match="asked for no"):
        notification_for(request_of(asked(*others)), kind, status, "<sip:bob@b>")


def test_the_message_told_of_is_named_with_its_time_and_its_first_recipient():
    request = request_of(wrapper(*imdn.request_headers("m1", ALL), ("imdn.Original-To", "<sip:list@b>")))
    told = notification_for(request, Kind.DELIVERY, "delivered", "<sip:bob@b>")
    assert (told.datetime_text, told.original_recipient) == (MOMENT, "sip:list@b")


def test_a_status_of_another_kind_is_refused():
    with pytest.raises(LocalProtocolError, match="no status of a display"):
        notification_for(request_of(asked(*ALL)), Kind.DISPLAY, "delivered", "<sip:bob@b>")


def test_the_way_back_is_the_one_that_was_asked_for():
    """RFC 5438 section 7.1.1: IMDN-Record-Route becomes IMDN-Route."""
    routes = (("imdn.IMDN-Record-Route", "<sip:one@x>"), ("imdn.IMDN-Record-Route", "<sip:two@x>"))
    request = request_of(wrapper(*imdn.request_headers("m1", ALL), *routes))
    headers = imdn.notification_headers(request, "m2")
    assert [value for name, value in headers if name == "imdn.IMDN-Route"] == ["<sip:one@x>", "<sip:two@x>"]
    assert ("imdn.Message-ID", "m2") in headers


HEAD = b'<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>m1</message-id>'
DELIVERED = b"<delivery-notification><status><delivered/></status></delivery-notification>"


def test_extensions_are_passed_over():
    data = HEAD + DELIVERED.replace(b"<delivered/>", b'<delivered/><y xmlns="urn:y"/>') + b'<x xmlns="urn:x"/></imdn>'
    assert parse(data) == Notification(Kind.DELIVERY, "delivered", "m1")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<imdn/>",
        HEAD + b"</imdn>",
        HEAD + DELIVERED + DELIVERED + b"</imdn>",
        HEAD.replace(b"m1", b"") + DELIVERED + b"</imdn>",
        HEAD.replace(b"<message-id>m1</message-id>", b"") + DELIVERED + b"</imdn>",
        HEAD + b"<message-id>m2</message-id>" + DELIVERED + b"</imdn>",
        HEAD + DELIVERED.replace(b"<delivered/>", b"") + b"</imdn>",
        HEAD + DELIVERED.replace(b"<delivered/>", b"<delivered/><failed/>") + b"</imdn>",
        HEAD + DELIVERED.replace(b"</status>", b"</status><status/>") + b"</imdn>",
        HEAD + DELIVERED.replace(b"<delivered/>", b"<displayed/>") + b"</imdn>",
        HEAD + DELIVERED.replace(b"<delivered/>", b'<delivered xmlns="urn:x"/>') + b"</imdn>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + HEAD + DELIVERED + b"</imdn>",
    ],
)
def test_what_is_no_notification_is_refused(data):
    with pytest.raises(RemoteProtocolError) as refused:
        parse(data)
    assert refused.value.code == 400


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    try:
        parse(HEAD + data)
    except RemoteProtocolError:
        return


def test_what_an_application_asks_for_is_checked():
    assert imdn.wishes(["display", "positive-delivery", "display"]) == (Wish.DISPLAY, Wish.POSITIVE_DELIVERY)
    with pytest.raises(LocalProtocolError, match="applause"):
        imdn.wishes(["applause"])
