"""Names of files that come from strangers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sdp.file_name import NAME_BYTES, UNNAMED, numbered, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("photo.jpg", "photo.jpg"),
        ('a "quoted" name.txt', 'a "quoted" name.txt'),
        ("déjà ☃.txt", "déjà ☃.txt"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("C:\\windows\\system.ini", "system.ini"),
        ("..", UNNAMED),
        (".", UNNAMED),
        ("", UNNAMED),
        (None, UNNAMED),
        ("dir/", "dir"),
        (".bashrc", "bashrc"),
        ("...hidden", "hidden"),
        ("a\0b\nc\x7f", "a_b_c_"),
        ("evil\u202egpj.exe", "evil_gpj.exe"),
        ("bad\udcffbytes", "bad?bytes"),
        ("trailing. ", "trailing"),
    ],
)
def test_a_name_stays_in_its_directory(name, safe):
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_extension():
    assert safe_name("x" * 300 + ".jpeg") == "x" * (NAME_BYTES - 5) + ".jpeg"
    assert len(safe_name("☃" * 300).encode()) <= NAME_BYTES
    assert len(safe_name("a." + "b" * 300).encode()) == NAME_BYTES


@given(st.text(max_size=400) | st.text("./\\ \0a☃", max_size=400))
def test_any_name_is_harmless(name):
    safe = safe_name(name)

    assert safe
    assert safe not in (".", "..")
    assert not set(safe) & set("/\\\0\r\n")
    assert not safe.startswith(".")
    assert len(safe.encode()) <= NAME_BYTES


def test_copies_are_numbered():
    assert [numbered("a.txt", n) for n in range(3)] == ["a.txt", "a.txt.1", "a.txt.2"]
