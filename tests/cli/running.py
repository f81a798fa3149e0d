"""A command of the program as a process of its own, while servers run on the hub of the test."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from gevent import subprocess

from tests.interop.endpoint import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 60


@contextmanager
def started(*arguments: str, **variables: str) -> Iterator[Any]:
    """Run a command for the length of the block; nothing of our environment changes its settings but `variables`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIPSIMPLE_")}
    environment |= {"COLUMNS": "1000", **variables}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*COMMAND, *arguments], env=environment, **pipes) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def outcome(*arguments: str, typed: bytes = b"", **variables: str) -> tuple[int, str, str]:
    """Run a command to its end; give its exit status and what it has written."""
    with started(*arguments, **variables) as process:
        out, err = process.communicate(typed, timeout=SECONDS)
        return process.returncode, out.decode(), err.decode()


def lines_until(process: Any, name: str) -> list[dict[str, Any]]:
    """Read lines of JSON until the event `name` was told."""
    events = []
    for line in iter(process.stdout.readline, b""):
        events.append(json.loads(line))
        if events[-1]["event"] == name:
            return events
    raise AssertionError(f"no {name}, but {[each['event'] for each in events]}\n{process.stderr.read().decode()}")
