"""Text in whatever charset a content type names."""

from __future__ import annotations

import codecs
from encodings.aliases import aliases

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipsimple.api.body import body_bytes, readable
from sipsimple.api.charsets import codec_of


@pytest.mark.parametrize(
    ("content_type", "codec"),
    [
        ("text/plain", "utf-8"),
        ("text/plain; charset=", "utf-8"),
        ('Text/Plain; Charset="ISO-8859-1"; format=flowed', "iso8859-1"),
        ("text/plain;charset=utf-16", "utf-16"),
        ("text/plain;charset=KOI8-U", "koi8-u"),
        ("text/plain;charset=windows-1252", "cp1252"),
    ],
)
def test_the_type_names_the_charset_and_utf_8_needs_no_name(content_type, codec):
    assert codec_of(content_type) == codec


@pytest.mark.parametrize("name", ["IDNA", "undefined", "punycode", "unicode_escape", "raw_unicode_escape", "u7"])
def test_codecs_that_harm_who_reads_are_not_used(name):
    """They fail over what they cannot read, or take the square of its time, or give what is no text."""
    with pytest.raises(LookupError, match="not used"):
        codec_of(f"text/plain;charset={name}")


@pytest.mark.parametrize("name", ["nosuch", "base64", "utf-8\0", "\udcff", "é", "x" * 100_000, "../idna"])
def test_text_in_a_charset_that_nobody_knows_stays_bytes(name):
    assert readable(b"hello", f"text/plain;charset={name}") == b"hello"
    with pytest.raises(ValueError, match=r"unknown charset|must be a media type"):
        body_bytes("hello", f"text/plain;charset={name}")


def test_python_is_asked_for_no_name_that_a_peer_has_made_up():
    """It would remember each of them for ever, and look for it on the disk."""
    asked: list[str] = []
    codecs.register(asked.append)
    try:
        for name in ("made-up", "x.y", "os", "mbcs.1", "koi8-u", "windows-1252"):
            readable(b"hello", f"text/plain;charset={name}")
    finally:
        codecs.unregister(asked.append)
    assert asked == []


def test_text_over_which_its_codec_breaks_stays_bytes():
    """It says "internal codec error" when a character set is chosen that it has no place for."""
    assert readable(b"\x1b.J\x1bNd", "text/plain;charset=iso-2022-jp-2") == b"\x1b.J\x1bNd"


@given(content=st.binary(max_size=40), name=st.text(max_size=12) | st.sampled_from(sorted(aliases)))
@example(content=b"+2AA-", name="utf-7")
def test_whatever_a_peer_says_is_text_that_can_be_written_or_bytes(content, name):
    text = readable(content, f"text/plain;charset={name}")
    assert isinstance(text, bytes) or text.encode().decode() == text
