"""`sipsimple send` and `sipsimple listen --save-dir` as two processes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.endpoint import COMMAND, listening

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SIZE = 3_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "to send.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


def command(file: Path, port: int, *options: str) -> list[str]:
    return [*COMMAND, "send", str(file), f"sip:bob@127.0.0.1:{port}", *options]


def send(file: Path, port: int, *options: str) -> tuple[int, list[Any], str]:
    """Send, and return the exit status, the lines of JSON and what else was said."""
    done = subprocess.run(command(file, port, "--json", *options), capture_output=True, timeout=60, check=False)
    return done.returncode, [json.loads(each) for each in done.stdout.splitlines()], done.stderr.decode()


@pytest.mark.parametrize("options", [("--transport", "tcp"), ("--transport", "udp", "--no-msrp-tls")])
def test_a_file_arrives_and_both_sides_tell_its_hash(file: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    inbox = tmp_path / "inbox"
    with listening(tmp_path, "--save-dir", str(inbox)) as bob:
        status, told, error = send(file, bob.ports["tcp"], *options)
        got = bob.wait_for("MSRPFileTransferGotFile")
        bob.wait_for("SCSessionDidEnd")
        offered = bob.wait_for("SCSessionNewIncoming")["files"]
    assert (status, error) == (0, "")
    digest = "sha-256:" + hashlib.sha256(file.read_bytes()).digest().hex(":").upper()
    assert (told[-1]["event"], told[-1]["hash"], told[-1]["size"]) == ("sent", digest, SIZE)
    assert told[-1]["rate_mib_s"] > 0
    assert (got["hash"], got["file_name"]) == (digest, str(inbox / file.name))
    assert (inbox / file.name).read_bytes() == file.read_bytes()
    assert [(each["name"], each["size"], each["sends"]) for each in offered] == [(file.name, SIZE, False)]
    assert {each["session"] for each in told if each["event"].startswith("MSRPFileTransfer")} == {told[1]["session"]}


def test_a_bar_the_rate_and_the_hash_are_shown(file: Path, tmp_path: Path) -> None:
    with listening(tmp_path, "--save-dir", str(tmp_path / "inbox")) as bob:
        done = subprocess.run(command(file, bob.ports["tcp"]), capture_output=True, timeout=60, check=False)
        bob.wait_for("SCSessionDidEnd")
    shown = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert f"sent {file.name}: {SIZE} bytes at " in shown
    assert "MiB/s, sha-256:" in shown
    assert "2.9/2.9 MiB" in shown


def test_who_takes_no_files_refuses(file: Path, tmp_path: Path) -> None:
    with listening(tmp_path, "--accept", "chat") as bob:
        status, told, _ = send(file, bob.ports["udp"])
    assert (status, told[-1]["event"]) == (1, "not sent")
    assert next(each for each in told if each["event"] == "SCSessionDidFail")["code"] == 488
    assert [each["event"] for each in told if each["event"] == "MSRPFileTransferDidEnd"]


def test_a_refusal_is_not_tried_again(file: Path, tmp_path: Path) -> None:
    with listening(tmp_path, "--reject", "486") as bob:
        status, told, _ = send(file, bob.ports["udp"], "--resume")
    assert (status, [each["event"] for each in told].count("SCSessionNewOutgoing")) == (1, 1)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path / "none", 9), capture_output=True, timeout=30, check=False)
    assert done.returncode == 2


def test_a_receiver_that_is_killed_and_comes_back_gets_the_rest(tmp_path: Path) -> None:
    inbox, large = tmp_path / "inbox", tmp_path / "large.bin"
    with large.open("wb") as stream:
        stream.truncate(192 * 1024 * 1024)
        stream.seek(1024 * 1024)
        stream.write(os.urandom(1024 * 1024))
    listen = [*COMMAND, "listen", "--port", "0", "--save-dir", str(inbox)]
    with subprocess.Popen(listen, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        port = json.loads(first.stdout.readline())["udp"]
        sending = command(large, port, "--resume", "--json", "--transport", "udp")
        with subprocess.Popen(sending, stdout=subprocess.PIPE) as alice:
            while not any(part.stat().st_size > 16 * 1024 * 1024 for part in inbox.glob("*.part")):
                assert alice.poll() is None
                time.sleep(0.002)
            first.send_signal(signal.SIGKILL)
            first.wait()
            held = next(inbox.glob("*.part")).stat().st_size
            with subprocess.Popen([*listen[:-3], str(port), *listen[-2:]], stdout=subprocess.DEVNULL) as second:
                said, _ = alice.communicate(timeout=60)
                second.terminate()
                assert second.wait(15) == 0
    told = json.loads(said.splitlines()[-1])
    assert (alice.returncode, told["event"]) == (0, "sent")
    assert told["resumed_from"] == held
    assert (inbox / "large.bin").read_bytes() == large.read_bytes()
