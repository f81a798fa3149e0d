"""SIPp as a peer: one process that plays one scenario of `sipp/` for one call.

The names of the scenarios say who calls: `c_*` call us, `s_*` are called. SIPp
decides by itself whether the other side kept to the scenario; its exit status
is the verdict, its message log what a failed test shows.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SCENARIOS = Path(__file__).parent / "sipp"
TRANSPORTS = {"udp": "u1", "tcp": "t1"}
LOOPBACK = "127.0.0.1"

needs_sipp = pytest.mark.skipif(
    shutil.which("sipp") is None,
    reason="SIPp is not installed, so nobody plays the other side (`make peers` installs it as root on Debian)",
)

_SEPARATOR = re.compile(r"^-{40,} .*$", re.MULTILINE)
_TAIL = 6000
_POLL_SECONDS = 0.02


def free_port(transport: str) -> int:
    """Name a port of the loopback address that nobody holds now."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class ScenarioFailed(AssertionError):
    """The peer did not keep to the scenario; the text ends with what went over the wire."""


class Scenario:
    """A running SIPp; leaving the `with` block ends it, whatever happened.

    Args:
        name: File name in `sipp/` without its suffix.
        transport: "udp" or "tcp".
        directory: Where the logs go, a directory of this test.
        calls: Port of the loopback address to call; None waits to be called.
        msrp_port: Port that stands in the session description.
        options: More words of SIPp's command line.
        seconds: After this time SIPp gives up and fails.
    """

    def __init__(
        self,
        name: str,
        transport: str,
        directory: Path,
        *,
        calls: int | None = None,
        msrp_port: int = 27855,
        options: tuple[str, ...] = (),
        seconds: int = 20,
    ) -> None:
        self.name = name
        self.transport = transport
        self.port = free_port(transport)
        self._seconds = seconds
        self._errors = directory / f"{name}.errors.log"
        self._messages = directory / f"{name}.messages.log"
        target = [] if calls is None else ["-s", "bob", f"{LOOPBACK}:{calls}"]
        self._command = [
            *["sipp", "-sf", str(SCENARIOS / f"{name}.xml"), "-t", TRANSPORTS[transport], "-m", "1", "-nostdin"],
            *["-i", LOOPBACK, "-p", str(self.port), "-key", "msrp_port", str(msrp_port)],
            *["-timeout", f"{seconds}s", "-timeout_error"],
            *["-trace_err", "-error_file", str(self._errors), "-trace_msg", "-message_file", str(self._messages)],
            *options,
            *target,
        ]
        self._waits = calls is None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start SIPp; one that waits to be called holds its port when this returns."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if self._waits:
            self._until(lambda: _is_bound(self.transport, self.port), "its port to be bound")
        return self

    def __exit__(self, *_: object) -> None:
        """End SIPp when it still runs."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def passes(self, seconds: float | None = None) -> None:
        """Wait for the verdict and raise `ScenarioFailed` unless the whole scenario was played.

        Args:
            seconds: How long it may still take, when the test knows that the other side is done.
        """
        assert self._process is not None
        try:
            status = self._process.wait(self._seconds + 5 if seconds is None else seconds)
        except subprocess.TimeoutExpired:
            raise ScenarioFailed(f"{self.name} over {self.transport}: SIPp still waits\n{self._log()}") from None
        if status != 0:
            raise ScenarioFailed(f"{self.name} over {self.transport}: SIPp exits with {status}\n{self._log()}")

    def received(self) -> list[str]:
        """Give the SIP messages that came in so far, in order."""
        return self._logged("received")

    def sent(self) -> list[str]:
        """Give the SIP messages that went out so far, in order."""
        return self._logged("sent")

    def wait_for(self, start: str) -> str:
        """Wait until a message came in that begins with `start`, and give the first such."""
        self._until(lambda: any(text.startswith(start) for text in self.received()), f"a message {start!r}")
        return next(text for text in self.received() if text.startswith(start))

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        assert self._process is not None
        deadline = time.monotonic() + self._seconds
        while not holds():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise ScenarioFailed(f"{self.name} over {self.transport}: waited in vain for {what}\n{self._log()}")
            time.sleep(_POLL_SECONDS)

    def _logged(self, direction: str) -> list[str]:
        texts = []
        for entry in _SEPARATOR.split(_read(self._messages)):
            heading, _, text = entry.strip().partition("\n")
            if f"message {direction}" in heading:
                texts.append(text.strip())
        return texts

    def _log(self) -> str:
        return f"{_read(self._errors)[-_TAIL:]}\n{_read(self._messages)[-_TAIL:]}"


def _read(path: Path) -> str:
    return path.read_text(encoding="latin-1") if path.exists() else ""


def _is_bound(transport: str, port: int) -> bool:
    # Asking the kernel's table does not disturb SIPp, as a probing bind or connect would.
    table = Path("/proc/net", transport).read_text(encoding="ascii")
    listens = "07" if transport == "udp" else "0A"
    rows = (line.split() for line in table.splitlines()[1:])
    return any(row[1].endswith(f":{port:04X}") and row[3] == listens for row in rows)
