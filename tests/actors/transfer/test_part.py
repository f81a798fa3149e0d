"""The file that is received: what is left of it when something goes wrong with its name or its size."""

from __future__ import annotations

from hashlib import sha1

import pytest

from sipsimple.actors.transfer.part import PartFile
from sipsimple.protocols.msrp.transfer.outputs import Write
from sipsimple.protocols.sdp.file_selector import FileSelector, hashes_of

CONTENT = b"hello"
SIZE = 5


def selector(size=SIZE):
    return FileSelector("file", "a/x", size, hashes_of({"sha-1": sha1(CONTENT).digest()}))


def opened(directory, size=SIZE):
    part = PartFile(directory, selector(size))
    part.prepare()
    return part


def written(part, content, offset=0):
    part.pending.put(Write(offset, content))
    part.write_pending()
    return part


def names(directory):
    return sorted(each.name for each in directory.iterdir())


def test_a_part_that_was_deleted_leaves_no_empty_file_of_its_name(tmp_path):
    part = written(opened(tmp_path), CONTENT)
    part.path.unlink()
    with pytest.raises(FileNotFoundError):
        part.place(SIZE)
    part.close()
    assert names(tmp_path) == []


def test_a_part_is_found_by_the_next_attempt(tmp_path):
    written(opened(tmp_path), CONTENT[:3]).close()
    part = opened(tmp_path)
    assert part.held == 3
    part.close()


def test_of_the_parts_that_attempts_at_once_have_left_the_largest_is_found(tmp_path):
    """The second of them has another name, whatever has become of the first."""
    first, second = opened(tmp_path), opened(tmp_path)
    written(first, CONTENT[:1]).close()
    written(second, CONTENT[:3]).close()
    third = opened(tmp_path)
    assert third.held == 3
    assert written(third, CONTENT[3:], 3).has_to_catch_up
    while third.hash_some():
        pass
    assert third.place(SIZE).read_bytes() == CONTENT


def test_a_part_that_is_larger_than_its_file_hinders_no_further_attempt(tmp_path):
    """It is of another file: a peer that did not say the size may have sent what it liked."""
    written(opened(tmp_path, None), CONTENT * 2).close()
    part = opened(tmp_path, None)
    assert part.held == 10
    part.learn(selector())
    part.close()
    assert names(tmp_path) == []
