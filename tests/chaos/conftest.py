"""No process stays behind: whatever became of it, each one that the test's engines started ends with them."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 5.0
MARK = "SIPSIMPLE_TEST_MARK"


@pytest.fixture(autouse=True)
def no_process_stays_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Mark the environment of what the test starts, and find nothing that has the mark when it is over.

    A process that a killed zygote has left is nobody's child, but it has the mark.
    """
    mark = uuid.uuid4().hex
    monkeypatch.setenv(MARK, mark)
    yield
    deadline = time.monotonic() + SECONDS
    while (left := _marked(f"{MARK}={mark}".encode())) and time.monotonic() < deadline:
        gevent.sleep(0.01)
    if left:
        pytest.fail(f"processes left behind: {left}", pytrace=False)


def _marked(mark: bytes) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if int(process.name) != os.getpid() and mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(f"{process.name} {(process / 'cmdline').read_text().split(chr(0))}")
        except OSError:  # it ended, or is somebody else's
            continue
    return found
