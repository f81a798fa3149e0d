"""The other process: `sipsimple listen`, its events, and its end."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import gevent
import msgspec
from gevent import subprocess

from sipsimple.cli.demo.story import BOB, Story

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

COMMAND = (sys.executable, "-m", "sipsimple.cli", "listen", "--host", "127.0.0.1", "--port", "0")
ENDING_SECONDS = 5.0


class Bob:
    """A running listener whose events go into a story.

    Args:
        story: Gets them.
        answers: What he does with each call in turn, as `--answers` says it.
        arguments: More of the command line.

    Attributes:
        status: With which his process ended; None while it runs.
    """

    def __init__(self, story: Story, answers: str, arguments: tuple[str, ...] = ()) -> None:
        self._story = story
        self._arguments = ("--answers", answers, *arguments)
        self.status: int | None = None

    def __enter__(self) -> Self:
        """Start the process."""
        self._process = subprocess.Popen([*COMMAND, *self._arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._reader = gevent.spawn(self._read)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End the process, cleanly if that is possible."""
        self.end()

    def end(self) -> None:
        """Send SIGTERM, and wait until everything is read."""
        if self.status is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self.status = self._process.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self.status = self._process.wait()
        self._reader.join(ENDING_SECONDS)
        self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._story.add(BOB, msgspec.json.decode(line, type=dict))
