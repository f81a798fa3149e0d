"""The file-selector of RFC 5547, as it is written and as peers write it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sdp.file_selector import FileSelector, colon_hex, hashes_of

SDK = 'name:"small.txt" type:text/plain size:17 hash:sha-1:82:CF:B6:58:27:E4:02:7E:FD:60:93:C8:66:53:F5:79:89:65:A8:6A'
DIGEST = bytes.fromhex("82CFB65827E4027EFD6093C86653F5798965A86A")


def test_the_form_of_the_sdk_is_read_and_written_back():
    selector = FileSelector.parse(SDK)

    assert (selector.name, selector.type, selector.size) == ("small.txt", "text/plain", 17)
    assert selector.digest("sha-1") == DIGEST
    assert str(selector) == SDK


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("my photo.jpg", 'name:"my photo.jpg"'),
        ('5" disk', 'name:"5%22 disk"'),
        ("100%.txt", 'name:"100%25.txt"'),
        ("a\r\nb\0", 'name:"a%0D%0Ab%00"'),
        ("déjà vu ☃", 'name:"déjà vu ☃"'),
        ("size:3 hash:x", 'name:"size:3 hash:x"'),
    ],
)
def test_names_are_escaped_where_they_must_be(name, written):
    assert str(FileSelector(name)) == written
    assert FileSelector.parse(written) == FileSelector(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", FileSelector()),
        (" size:12", FileSelector(size=12)),
        ("size:12", FileSelector(size=12)),
        ('name:"caf%C3%A9"', FileSelector("café")),
        ('name:"50%zz%2"', FileSelector("50%zz%2")),
        ("name:plain.txt size:1", FileSelector("plain.txt", size=1)),
        ('name:"unclosed size:1', FileSelector("unclosed size:1")),
        ('NAME:"x" Size:2', FileSelector("x", size=2)),
        ('name:"first" name:"second" size:1 size:2', FileSelector("first", size=1)),
        ('type:text/plain;charset="u t f";x=1 size:5', FileSelector(type='text/plain;charset="u t f";x=1', size=5)),
        ("type:nonsense size:x size:-1 hash:sha-1:ABC hash:md5", FileSelector()),
        ("hash:SHA-1:0a0b", FileSelector(hashes=(("sha-1", "0A:0B"),))),
        ("unknown:1 garbage  :: size:7", FileSelector(size=7)),
        ("size:12345678901234567890", FileSelector()),
    ],
)
def test_what_is_unreadable_is_skipped(text, expected):
    assert FileSelector.parse(text) == expected


def test_several_hashes_are_kept_in_order_and_the_best_is_known():
    digests = {"sha-256": bytes(32), "sha-1": DIGEST}
    selector = FileSelector(hashes=hashes_of(digests))

    assert [name for name, _ in selector.hashes] == ["sha-1", "sha-256"]
    assert FileSelector.parse(str(selector)) == selector
    assert selector.strongest == ("sha-256", bytes(32))
    assert FileSelector.parse(SDK).strongest == ("sha-1", DIGEST)
    assert FileSelector.parse("hash:sha-1:00 hash:md5:00").strongest is None


def test_only_what_is_surely_another_file_contradicts():
    mine = FileSelector("a", size=5, hashes=hashes_of({"sha-1": DIGEST}))

    assert mine.contradiction(FileSelector("b")) is None
    assert mine.contradiction(FileSelector(size=5)) is None
    assert mine.contradiction(FileSelector(hashes=hashes_of({"sha-256": bytes(32)}))) is None
    assert mine.contradiction(FileSelector(size=6)) == "size is 6, not 5"
    assert mine.contradiction(FileSelector(hashes=hashes_of({"sha-1": bytes(20)}))) == "sha-1 is another"


def test_a_type_that_would_break_the_line_is_refused():
    with pytest.raises(LocalProtocolError):
        str(FileSelector(type="text/plain\r\na=sendonly"))


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
hashes = st.fixed_dictionaries(
    {}, optional={"sha-1": st.binary(min_size=20, max_size=20), "sha-256": st.binary(min_size=32, max_size=32)}
)


@given(st.none() | names, st.sampled_from([None, "a/b", 'a/b;c="d e"']), st.none() | st.integers(0, 2**60), hashes)
def test_what_is_written_is_read_back(name, media_type, size, digests):
    selector = FileSelector(name, media_type, size, hashes_of(digests))
    text = str(selector)

    assert FileSelector.parse(text) == selector
    assert "\r" not in text
    assert "\n" not in text
    assert "\0" not in text


@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(["name:", '"', "%", "%2", "type:", "a/b", ";x=", "size:", "hash:sha-1:", "0", "A:", " "]),
        max_size=25,
    ).map("".join)
)
@example('name:"' + "%" * 50)
def test_any_text_is_a_selector_that_can_be_written(text):
    selector = FileSelector.parse(text.replace("\n", " ").replace("\r", " "))

    assert FileSelector.parse(str(selector)) == selector
    assert colon_hex(selector.strongest[1]) if selector.strongest else True
