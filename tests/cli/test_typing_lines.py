"""Lines from a descriptor."""

from __future__ import annotations

import os

import gevent
import pytest

from sipsimple.cli.typing_lines import typed_lines


@pytest.mark.parametrize(
    "pieces", [(b"one\ntwo\nthree",), (b"on", b"e\nt", b"wo\n", b"three"), (b"one\n", b"two\n", b"three\n")]
)
def test_lines_come_whole_however_they_are_written(pieces: tuple[bytes, ...]) -> None:
    reader, writer = os.pipe()
    lines: list[str] = []
    typist = gevent.spawn(lambda: lines.extend(typed_lines(reader)))
    for piece in pieces:
        os.write(writer, piece)
        gevent.idle()
    os.close(writer)
    typist.get(timeout=5)
    os.close(reader)
    assert lines == ["one", "two", "three"]
