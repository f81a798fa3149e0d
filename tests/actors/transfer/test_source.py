"""Reading a file that is sent: what the system has in memory is read at once."""

from __future__ import annotations

import os

import pytest

from sipsimple.actors.transfer import source as transfer_source
from sipsimple.actors.transfer.source import SourceFile
from sipsimple.protocols.msrp.state import CHUNK_BYTES

SIZE = 3 * CHUNK_BYTES + 5


@pytest.fixture
def source(tmp_path):
    """A file that is open, and its content."""
    path = tmp_path / "file.bin"
    path.write_bytes(os.urandom(SIZE))
    file = SourceFile(path)
    while not file.prepare():
        pass
    yield file, path.read_bytes()
    file.close()


def test_it_is_read_in_chunks(source):
    file, content = source
    blocks = file.read(CHUNK_BYTES, SIZE - CHUNK_BYTES)
    assert [len(each) for each in blocks] == [CHUNK_BYTES, CHUNK_BYTES, 5]
    assert b"".join(blocks) == content[CHUNK_BYTES:]


def test_what_is_read_at_once_is_the_same(source):
    file, _ = source
    now = file.read_now(CHUNK_BYTES, SIZE - CHUNK_BYTES)
    assert now is None or now == file.read(CHUNK_BYTES, SIZE - CHUNK_BYTES)


def test_what_cannot_be_read_at_once_is_left_to_a_thread(source, monkeypatch):
    file, _ = source
    assert file.read_now(SIZE - 2, 4) is None, "it is shorter than that"
    monkeypatch.setattr(transfer_source, "_NO_WAIT", None)
    assert file.read_now(0, 4) is None
    file.close()
    assert file.read_now(0, 4) is None


def test_a_file_that_has_become_shorter_is_an_error(source):
    file, _ = source
    with pytest.raises(OSError, match="shorter"):
        file.read(SIZE - 2, 4)
