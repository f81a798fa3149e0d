"""What the media types of bodies may be."""

from __future__ import annotations

import pytest

from sipsimple.api.body import body_bytes, checked_types


def test_ranges_are_types():
    assert checked_types("x", ["text/*", "*", "*/*"]) == ("text/*", "*", "*/*")


@pytest.mark.parametrize(
    "content_type",
    ["", "text", "text/", "text/plain\r\nX: y", "téxt/plain", "text/plain;x=\ud800", None],
)
def test_what_is_no_media_type_is_refused(content_type):
    with pytest.raises(ValueError, match="must be a media type"):
        body_bytes("hello", content_type)
