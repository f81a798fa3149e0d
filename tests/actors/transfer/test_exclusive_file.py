"""Whoever has a file open is alone with it."""

from __future__ import annotations

import errno
import fcntl
import os

import pytest

from sipsimple.actors.transfer import exclusive_file
from sipsimple.actors.transfer.exclusive_file import close_alone, open_alone


def test_a_file_is_had_by_one_until_it_is_closed(tmp_path):
    path = tmp_path / "part"
    descriptor = open_alone(path)
    assert open_alone(path) is None
    close_alone(descriptor)
    again = open_alone(path)
    assert again is not None
    close_alone(again)


def test_where_there_are_no_locks_a_file_is_had_by_one_in_this_process(tmp_path, monkeypatch):
    """Two that write to one part cut it short for each other, even when it has its own name already."""
    monkeypatch.setattr(exclusive_file, "fcntl", type("Lockless", (), {**vars(fcntl), "flock": staticmethod(refuse)}))
    path = tmp_path / "part"
    descriptor = open_alone(path)
    assert open_alone(path) is None
    close_alone(descriptor)
    again = open_alone(path)
    assert again is not None
    close_alone(again)


def refuse(_descriptor, _how):
    raise OSError(errno.ENOLCK, "no locks available")


@pytest.mark.parametrize("taken", ["renamed", "deleted", "made anew"])
def test_what_its_owner_was_done_with_before_it_was_locked_is_not_touched(tmp_path, monkeypatch, taken):
    """The descriptor leads to a file that has its own name by then, or none."""
    path = tmp_path / "part"
    path.write_bytes(b"complete")

    def lock(descriptor, how):
        if taken == "renamed":
            path.rename(tmp_path / "file")
        else:
            path.unlink()
        if taken == "made anew":
            path.write_bytes(b"")
        fcntl.flock(descriptor, how)

    monkeypatch.setattr(exclusive_file, "fcntl", type("Late", (), {**vars(fcntl), "flock": staticmethod(lock)}))
    before = len(os.listdir("/dev/fd"))
    assert open_alone(path) is None
    assert len(os.listdir("/dev/fd")) == before


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic link"):
        open_alone(tmp_path / "link")
