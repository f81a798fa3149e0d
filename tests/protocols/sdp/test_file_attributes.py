"""What a line of SDP says of its file, beside the selector."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.file_attributes import FileAttributes, FileDates, FileRange
from sipsimple.protocols.sdp.file_selector import FileSelector
from sipsimple.protocols.sdp.media import Attribute, Media

LINE = Media("message", 9, "TCP/MSRP", ("*",), (Attribute("path", "msrp://a;tcp"), Attribute("sendonly")))
ALL = FileAttributes(
    FileSelector("a b.txt", "text/plain", 17),
    "8d53766b-0ea9-46d1-9cc8-6075899377f9",
    "attachment",
    FileDates(modification="Mon, 23 Nov 2026 00:14:38 GMT", read="never"),
    "cid:icon@example.com",
    FileRange(11, 17),
    offset=True,
)


def test_all_are_written_and_read_back():
    media = ALL.added_to(LINE)

    assert FileAttributes.from_media(media) == ALL
    assert media.lines()[1:] == [
        "a=path:msrp://a;tcp",
        "a=sendonly",
        'a=file-selector:name:"a b.txt" type:text/plain size:17',
        "a=file-transfer-id:8d53766b-0ea9-46d1-9cc8-6075899377f9",
        "a=file-disposition:attachment",
        'a=file-date:modification:"Mon, 23 Nov 2026 00:14:38 GMT" read:"never"',
        "a=file-icon:cid:icon@example.com",
        "a=file-range:11-17",
        "a=x-file-offset",
    ]


def test_what_is_added_replaces_what_there_was():
    again = FileAttributes(FileSelector("b")).added_to(ALL.added_to(LINE))

    assert FileAttributes.from_media(again) == FileAttributes(FileSelector("b"))


def test_a_line_without_a_selector_is_about_no_file():
    assert FileAttributes.from_media(LINE) is None


def test_a_non_ascii_name_goes_through_a_whole_description():
    named = FileAttributes(FileSelector('é "☃" 100%.txt')).added_to(LINE)
    document = SessionDescription.create(1, "192.0.2.1", "test", (named,))

    [media] = SessionDescription.parse(bytes(document)).media

    assert FileAttributes.from_media(media).selector.name == 'é "☃" 100%.txt'


@pytest.mark.parametrize("text", ["", "0-*", "5-4", "1", "*-5", "1-2-3", "x-*", "1-12345678901234567890"])
def test_a_range_that_is_none_is_refused(text):
    media = LINE.with_(attributes=(Attribute("file-selector", ""), Attribute("file-range", text)))

    with pytest.raises(RemoteProtocolError) as caught:
        FileAttributes.from_media(media)
    assert caught.value.status == 488


@pytest.mark.parametrize("field", ["disposition", "icon"])
def test_a_value_that_would_break_its_line_is_not_written(field):
    with pytest.raises(LocalProtocolError):
        FileAttributes(FileSelector(), **{field: "x\r\na=sendonly"}).to_attributes()


def test_a_transfer_id_has_to_be_a_token():
    with pytest.raises(LocalProtocolError):
        FileAttributes(FileSelector(), "two words").to_attributes()


@given(st.text(max_size=60))
def test_any_dates_are_read(text):
    dates = FileDates.parse(text)

    assert FileDates.parse(str(dates)) == dates


@given(st.integers(1, 2**60), st.none() | st.integers(0, 2**60))
def test_ranges_are_read_back(start, more):
    part = FileRange(start, None if more is None else start + more)

    assert FileRange.parse(str(part)) == part
