"""baresip as a peer: a real telephone in a process of its own, driven over its control connection.

It sends a tone from a file, or what it hears, and writes what it hears into a
file that is measured while it grows. (Of baresip 1.0, with this player, the
file ends at the first re-INVITE, and the echo at the first hold.)
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from array import array
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import gevent
import pytest
from gevent import socket as green
from gevent.event import Event

from tests.interop.scenario import LOOPBACK, free_port
from tests.media import tones

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 5.0
USER = "phone"
TONE = 440
MODULES = "/usr/lib/baresip/modules"
ENCRYPTION = {"off": "", "optional": ";mediaenc=srtp", "forced": ";mediaenc=srtp-mand"}

needs_baresip = pytest.mark.skipif(
    shutil.which("baresip") is None,
    reason="baresip is not installed, so there is no real telephone (`make peers` installs it as root on Debian)",
)

_TRIES = 5
_POLL_SECONDS = 0.02
_TONE_SECONDS = 30  # at its end baresip hangs up
_WAVE_HEADER = 44
_CONFIG = """\
poll_method epoll
sip_listen {host}:{sip_port}
call_local_timeout 120
call_max_calls 8
audio_player aubridge,{player}
audio_source {source}
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
audio_level no
rtp_ports {rtp_first}-{rtp_last}
rtcp_mux no
jitter_buffer_delay 5-10
net_interface {host}
module_path {modules}
module g711.so
module aubridge.so
module sndfile.so
module aufile.so
{srtp_module}
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control_port}
statmode_default off
snd_path {directory}/heard
"""


class Baresip:
    """A running baresip; use as a context.

    Args:
        directory: Of this test; configuration, log and sound files go there.
        srtp: "off", "optional" or "forced".
        answers: "auto" or "manual".
        codecs: Of its account.
        tone: Hz of what it plays; None: it says what it hears.

    Attributes:
        port: Of SIP over UDP.
        events: What it told, in order.
    """

    def __init__(
        self,
        directory: Path,
        *,
        srtp: str = "off",
        answers: str = "auto",
        codecs: str = "pcmu/8000/1,pcma/8000/1",
        tone: int | None = TONE,
    ) -> None:
        self.events: list[dict[str, Any]] = []
        self._place = directory
        self._account = f"<sip:{USER}@{LOOPBACK}>;regint=0;answermode={answers};audio_codecs={codecs}{ENCRYPTION[srtp]}"
        self._srtp_module = "" if srtp == "off" else "module srtp.so"
        self._tone = tone
        self._came = Event()
        self._responses: list[dict[str, Any]] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._choose_ports()

    def _choose_ports(self) -> None:
        self.port = free_port("udp")
        self._control_port = free_port("tcp")
        self._directory = self._place / f"baresip{self.port}"

    def __enter__(self) -> Self:
        """Start it; as it binds its port over TCP too, that may be taken: then another one will do."""
        for _ in range(_TRIES):
            try:
                return self._start()
            except AssertionError:
                if "Address already in use" not in str(self):
                    raise
            self._choose_ports()
        raise AssertionError(f"no port for baresip\n{self}")

    def _start(self) -> Self:
        self._write_files()
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["baresip", "-f", str(self._directory)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._control = self._connect()
        except BaseException:
            self._end_process()
            raise
        self._reader = gevent.spawn(self._read)
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.kill()
        self._control.close()
        self._end_process()

    def __str__(self) -> str:
        told = "\n".join(json.dumps(event) for event in self.events)
        return f"{told}\n{(self._directory / 'log').read_text(errors='replace')[-4000:]}"

    # What it does

    def command(self, name: str, parameters: str = "") -> str:
        """Give a command of its menu; return what it says."""
        text = json.dumps({"command": name, "params": parameters})
        answered = len(self._responses)
        self._control.sendall(f"{len(text)}:{text},".encode())
        self._until(lambda: len(self._responses) > answered, f"an answer to {name}")
        response = self._responses[answered]
        assert response["ok"], response
        return str(response["data"])

    def dial(self, port: int, user: str = "bob") -> None:
        """Call a port of the loopback address."""
        self.command("dial", f"sip:{user}@{LOOPBACK}:{port}")

    def send_digit(self, digit: str) -> None:
        """Send a DTMF digit."""
        self.command("sndcode", digit)

    # What it tells

    def wait_for(self, kind: str, parameter: str | None = None) -> dict[str, Any]:
        """Wait for an event, such as CALL_ESTABLISHED; give the first such."""

        def found() -> list[dict[str, Any]]:
            return [event for event in self.events if event["type"] == kind and parameter in (None, event.get("param"))]

        self._until(lambda: bool(found()), f"{kind} {parameter or ''}")
        return found()[0]

    @property
    def digits(self) -> str:
        """The DTMF digits that it heard, in order."""
        return "".join(event["param"] for event in self.events if event["type"] == "CALL_DTMF_START")

    def wait_for_digits(self, digits: str) -> None:
        """Wait until it heard these digits and no others."""
        self._until(lambda: self.digits == digits, f"the digits {digits!r}")

    def wait_to_hear(self, frequency: float, at_least: float = 0.8 * tones.LOUD) -> None:
        """Wait until a tone was heard for the last 200 ms of what it wrote."""
        self._until(lambda: self.amplitude(frequency) >= at_least, f"a tone of {frequency} Hz")

    def amplitude(self, frequency: float, seconds: float = 0.2) -> float:
        """Measure a tone in the last `seconds` of what it wrote."""
        newest = max(self._directory.glob("heard/*-dec.wav"), key=lambda path: path.stat().st_mtime_ns, default=None)
        data = newest.read_bytes()[_WAVE_HEADER:] if newest else b""
        samples = array("h", data[: len(data) & ~1])[-round(seconds * tones.RATE) :]
        return tones.amplitude(samples, frequency) * len(samples) / (seconds * tones.RATE)

    # The process

    def _write_files(self) -> None:
        (self._directory / "heard").mkdir(parents=True)
        second = tones.Tone(self._tone or 0).samples(tones.RATE)
        tones.write_wave(self._directory / "tone.wav", second * _TONE_SECONDS)
        first = 20000 + self.port % 200 * 200  # so that two of them seldom look for ports in one place
        config = _CONFIG.format(
            host=LOOPBACK,
            sip_port=self.port,
            control_port=self._control_port,
            directory=self._directory,
            player="loop" if self._tone is None else "nullsink",
            source="aubridge,loop" if self._tone is None else f"aufile,{self._directory}/tone.wav",
            modules=MODULES,
            srtp_module=self._srtp_module,
            rtp_first=first,
            rtp_last=first + 198,
        )
        for name, text in {"config": config, "accounts": self._account + "\n", "contacts": ""}.items():
            (self._directory / name).write_text(text)

    def _connect(self) -> Any:
        deadline = monotonic() + SECONDS
        while True:
            assert self._process is not None
            assert self._process.poll() is None, f"baresip ended\n{self}"
            with contextlib.suppress(ConnectionRefusedError):
                return green.create_connection((LOOPBACK, self._control_port))
            assert monotonic() < deadline, f"baresip does not listen\n{self}"
            gevent.sleep(_POLL_SECONDS)

    def _end_process(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _read(self) -> None:
        unread = b""
        while data := self._control.recv(65536):
            unread += data
            while b":" in unread:
                length, _, rest = unread.partition(b":")
                if len(rest) <= int(length):
                    break
                self._take(json.loads(rest[: int(length)]))
                unread = rest[int(length) + 1 :]

    def _take(self, message: dict[str, Any]) -> None:
        (self.events if message.get("event") else self._responses).append(message)
        self._came.set()

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = monotonic() + SECONDS
        while not holds():
            assert monotonic() < deadline, f"waited {SECONDS} s in vain for {what}\n{self}"
            self._came.clear()
            self._came.wait(_POLL_SECONDS)
