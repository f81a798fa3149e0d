"""`sipsimple call` against `sipsimple listen`, as two programs."""

from __future__ import annotations

import json
import subprocess
import wave
from typing import TYPE_CHECKING

import pytest

from sipsimple.cli.demo.tones import ALICE_HZ, BOB_HZ, HEARD, loudness, write_tone
from tests.interop.audio_calls import needs_audio
from tests.interop.endpoint import COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [needs_audio, pytest.mark.slow]


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Run a listener that plays a tone and records; give its port and its directory."""
    write_tone(tmp_path / "bob.wav", BOB_HZ)
    theirs = tmp_path / "bob"
    theirs.mkdir()
    options = ["listen", "--port", "0", "--accept", "audio,chat", "--no-msrp-tls"]
    sounds = ["--play", str(tmp_path / "bob.wav"), "--record", str(theirs)]
    with subprocess.Popen([*COMMAND, *options, *sounds], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["udp"], theirs
        process.terminate()
        process.stdout.read()
        assert process.wait(20) == 0


def call(*options: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, "call", *options], capture_output=True, timeout=60, check=False)


def test_a_call_plays_records_dials_chats_and_ends_with_its_file(listening: tuple[int, Path], tmp_path: Path) -> None:
    port, theirs = listening
    write_tone(tmp_path / "alice.wav", ALICE_HZ, seconds=1.5)
    ours = tmp_path / "alice"
    ours.mkdir()
    files = ["--play", str(tmp_path / "alice.wav"), "--record", str(ours)]
    done = call(f"sip:bob@127.0.0.1:{port}", *files, "--dtmf", "1#", "--message", "hello", "--no-msrp-tls", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    names = [event["event"] for event in told]
    assert names.index("SCSessionDidStopRecordingAudio") < names.index("SCSessionDidEnd")
    assert "SCSessionDidEndPlaying" in names
    statistics = next(event for event in told if event["event"] == "statistics")
    assert statistics["packets_received"] > 0 < statistics["packets_sent"]
    for directory in (ours, theirs):
        (recording,) = directory.glob("*.wav")
        with wave.open(str(recording)) as file:
            assert file.getnframes() > 0
        assert loudness(recording, ALICE_HZ) > HEARD < loudness(recording, BOB_HZ)


def test_people_read_what_the_stream_was_like(listening: tuple[int, Path]) -> None:
    done = call(f"sip:bob@127.0.0.1:{listening[0]}", "--duration", "0.5")
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode()
    assert "connected" in shown
    assert "plain RTP" in shown


def test_nobody_there_is_a_failure() -> None:
    done = call("sip:bob@127.0.0.1:9;transport=tcp", "--timeout", "5")
    assert done.returncode == 1
