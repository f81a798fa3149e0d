"""Our endpoint as a process of its own, driven by its command line as any script would drive it.

`listen` prints the ports that it holds as its first line, then one JSON line per
notification: `{"event": "SCSessionDidStart", ...}`. Without `--accept` and
`--reject` it lets calls ring. `chat` with `--json` prints lines of the same form
and exits with 0 only if the message was delivered.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = [sys.executable, "-m", "sipsimple.cli"]
Event = dict[str, Any]


class EndpointFailed(AssertionError):
    """Our endpoint did not say what it should; the text ends with what it did say."""


class Listener:
    """A running `sipsimple listen`, ended by SIGTERM."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        """Wrap a process whose stdout is a pipe and whose stderr goes to `log`."""
        self._process = process
        self._log = log
        self._unread = b""
        self.events: list[Event] = []
        self.ports: Event = self.wait_for("listening")

    def wait_for(self, name: str, seconds: float = 15.0) -> Event:
        """Wait until the notification `name` was printed, and give the first such."""
        deadline = time.monotonic() + seconds
        while True:
            for event in self.events:
                if event["event"] == name:
                    return event
            if not self._read(deadline):
                raise EndpointFailed(f"no {name} from the listener\n{self._told()}")

    def names(self) -> list[str]:
        """List the names of what was printed so far."""
        return [event["event"] for event in self.events]

    def terminate(self) -> None:
        """Ask the process to end; it hangs up first."""
        self._process.send_signal(signal.SIGTERM)

    def finish(self, seconds: float = 15.0) -> None:
        """Read what is still printed and raise unless the process ends cleanly."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        status = self._process.wait(max(0.1, deadline - time.monotonic()))
        if status != 0:
            raise EndpointFailed(f"the listener exits with {status}\n{self._told()}")

    def _read(self, deadline: float) -> bool:
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
        data = os.read(self._process.stdout.fileno(), 65536) if readable else b""
        *lines, self._unread = (self._unread + data).split(b"\n")
        self.events.extend(_events(lines))
        return bool(data)

    def _told(self) -> str:
        printed = "\n".join(json.dumps(event) for event in self.events)
        return f"{printed}\n{self._log.read_text(encoding='utf-8', errors='replace')[-6000:]}"


@contextlib.contextmanager
def listening(directory: Path, *options: str) -> Iterator[Listener]:
    """Run a listener on the loopback address, over UDP and TCP, for the length of the block.

    A block that ends without an error ends the listener with SIGTERM, and proves that it exits with 0.
    """
    command = [*COMMAND, "listen", "--host", "127.0.0.1", "--port", "0", "--transport", "udp,tcp", *options]
    log = directory / "listener.stderr"
    with (
        log.open("wb") as stderr,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr) as process,
    ):
        try:
            listener = Listener(process, log)
            yield listener
            listener.terminate()
            listener.finish()
        finally:
            if process.poll() is None:
                process.kill()


@dataclass(frozen=True, slots=True)
class Call:
    """What a finished `sipsimple chat` left behind."""

    delivered: bool
    events: list[Event]
    output: str

    def first(self, name: str) -> Event:
        """Give the first notification called `name`."""
        for event in self.events:
            if event["event"] == name:
                return event
        raise EndpointFailed(f"no {name} from the caller\n{self.output[-6000:]}")

    def count(self, name: str) -> int:
        """Count the notifications called `name`."""
        return sum(event["event"] == name for event in self.events)


def chat(port: int, transport: str, *options: str, message: str = "hello", seconds: float = 30.0) -> Call:
    """Call a port of the loopback address, say one thing and hang up."""
    target = f"sip:bob@127.0.0.1:{port}"
    command = [*COMMAND, "chat", target, "--transport", transport, "--message", message, "--json", *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False)
    output = (done.stdout + b"\n" + done.stderr).decode(errors="replace")
    events = list(_events(done.stdout.splitlines()))
    if not events:
        raise EndpointFailed(f"the caller exits with {done.returncode} and told nothing\n{output[-6000:]}")
    return Call(done.returncode == 0, events, output)


def _events(lines: list[bytes]) -> Iterator[Event]:
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and "event" in value:
            yield value
