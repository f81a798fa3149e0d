"""`sipsimple demo`, which `make demo` runs."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.interop.endpoint import COMMAND

pytestmark = pytest.mark.slow


def run(*options: str) -> subprocess.CompletedProcess[bytes]:
    """Run the demonstration to its end."""
    return subprocess.run([*COMMAND, "demo", *options], capture_output=True, timeout=60, check=False)


def test_everything_happens_and_is_told_as_one_object() -> None:
    done = run("--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["ok"]
    assert all(check["happened"] for check in told["checks"])
    assert told["messages"] == told["reports"] == {"alice": 3, "bob": 3}
    assert told["states"]["talk"]["alice"] == ["CALLING", "ESTABLISHED", "TERMINATING", "TERMINATED"]
    assert told["states"]["cancelled"]["bob"] == ["INCOMING", "TERMINATED"]
    assert told["file_resumed"]
    assert told["file_hash_ok"]
    assert told["file_rate_mib_s"] > 0
    assert told["tls"]
    assert told["cpim"]
    assert 0 < told["delivery_ms"] < told["duration_ms"]
    assert 0 < told["setup_ms"] < told["duration_ms"]
    if told["audio"] is None:
        assert 0 < told["media_recovery_ms"] < told["duration_ms"]
        assert all(each > 2000 for side in told["loudness"].values() for each in side.values())


def test_the_trace_shows_both_sides_and_the_sip_messages() -> None:
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    shown = done.stdout.decode()
    for wanted in (" INVITE ", " 180 Ringing ", " 486 Busy Here ", " CANCEL ", " 487 Request Terminated ", " BYE "):
        assert wanted in shown
    lines = [line.split() for line in shown.splitlines()]
    sides = {line[2] for line in lines if "SCSessionDidEnd" in line}
    assert sides == {"alice", "bob"}


def test_a_demonstration_that_is_cut_short_fails() -> None:
    done = run("--json", "--timeout", "0.01")
    assert done.returncode == 1
    assert not json.loads(done.stdout)["ok"]
