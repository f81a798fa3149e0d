"""Every document is read as it was written, and never costs what it did not understand."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.payloads.dialog_info import DialogInfo
from sipsimple.protocols.payloads.message_summary import MessageSummary
from sipsimple.protocols.payloads.pidf import Presence
from sipsimple.protocols.payloads.watchers import WatcherInfo
from tests.protocols.payloads.values import DIALOGS, PRESENCE, SUMMARIES, WATCHERS

TYPES = (Presence, WatcherInfo, DialogInfo, MessageSummary)


@given(PRESENCE | WATCHERS | DIALOGS | SUMMARIES)
def test_what_is_written_is_read_as_it_was(document):
    assert type(document).parse(bytes(document)) == document


@given(st.sampled_from(TYPES), st.binary(max_size=300) | (PRESENCE | WATCHERS | DIALOGS | SUMMARIES).map(bytes))
def test_any_bytes_are_read_or_refused(kind, data):
    with contextlib.suppress(RemoteProtocolError):
        once = kind.parse(data)
        assert kind.parse(bytes(once)) == once


@given(PRESENCE | WATCHERS | DIALOGS, st.data())
def test_a_damaged_document_is_read_or_refused(document, data):
    whole = bytes(document)
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:place] + data.draw(st.binary(max_size=3)) + whole[place + data.draw(st.integers(0, 9)) :]
    with contextlib.suppress(RemoteProtocolError):
        type(document).parse(damaged)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("data", [b"", b"<a/>", b'<!DOCTYPE a><a xmlns="urn:ietf:params:xml:ns:pidf"/>', b"\xff\xfe"])
def test_what_is_no_such_document_is_refused(kind, data):
    with pytest.raises(RemoteProtocolError):
        kind.parse(data)
