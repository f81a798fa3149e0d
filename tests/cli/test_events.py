"""Notifications as JSON objects."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.cli.events import EventPrinter, plain
from sipsimple.core import SIPURI
from sipsimple.notification import Notification, NotificationData
from sipsimple.protocols.msrp.message import MSRPData

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.binary() | st.datetimes() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)


@given(st.binary())
def test_text_from_the_wire_can_be_printed(data: bytes) -> None:
    msgspec.json.encode(plain(data.decode("utf-8", "surrogateescape")))


@given(values)
def test_whatever_a_notification_bears_can_be_printed(value: object) -> None:
    msgspec.json.encode(plain(value))


def test_addresses_are_text_and_times_utc() -> None:
    local = NOON.astimezone().replace(tzinfo=None)
    assert plain({"To": SIPURI("example.com", user="bob"), "at": local}) == {
        "To": "sip:bob@example.com",
        "at": "2026-01-02T12:00:00+00:00",
    }


def test_a_raw_message_is_shown_without_body_and_paths() -> None:
    fields = {"To-Path": "msrps://a.example:1/secret;tcp", "From-Path": "msrps://b.example:1/other;tcp"}
    message = MSRPData("t1", "SEND", fields=fields | {"Message-ID": "m1", "Content-Type": "text/plain"}, data=b"psst")
    assert plain(message) == {
        "method": "SEND",
        "message_id": "m1",
        "content_type": "text/plain",
        "size_bytes": 4,
        "tls": True,
    }


def test_an_event_without_a_session_names_none_and_whole_messages_are_not_printed() -> None:
    printed: list[dict[str, object]] = []
    printer = EventPrinter(printed.append)
    for name in ("SCEngineSIPTrace", "SCEngineDidStart"):
        printer.handle_notification(Notification(name, object(), NotificationData(timestamp=NOON)))
    assert printed == [{"event": "SCEngineDidStart", "timestamp": "2026-01-02T12:00:00+00:00"}]
