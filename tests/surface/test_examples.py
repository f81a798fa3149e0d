"""The examples run: against each other, and the published one against SIPp."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interop.audio_calls import needs_audio
from tests.interop.scenario import Scenario, needs_sipp

EXAMPLES = Path(__file__).parents[2] / "examples"
SECONDS = 30


@contextlib.contextmanager
def example(name, *arguments):
    """Run an example for the length of the block; it must end cleanly when its input ends."""
    command = [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
            output, errors = process.communicate("\n", timeout=SECONDS)
            process.rest = output
            assert process.returncode == 0, errors
            assert errors == ""
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("options", [(), ("--tls",)])
def test_the_threaded_script_talks_with_the_gevent_server(options):
    with example("gevent_server.py", "127.0.0.1", "0", *options) as server:
        port = server.stdout.readline().strip()
        with example("threaded_script.py", f"sip:bob@127.0.0.1:{port}", "how do you do?", *options) as script:
            assert script.stdout.readline() == "you said: how do you do?\n"


def test_the_threaded_script_tells_why_a_call_fails():
    command = [sys.executable, str(EXAMPLES / "threaded_script.py"), "sip:bob@127.0.0.1:9;transport=tcp", "hello"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 1
    assert done.stdout.strip()


@needs_sipp
@needs_audio
@pytest.mark.interop
@pytest.mark.parametrize("program", ["published_example.py", "published_example_gevent.py"])
def test_the_published_example_calls_waits_for_enter_and_hangs_up(program, tmp_path):
    """In a plain script with threads, and in a program that gevent has patched."""
    with Scenario("s_audio", "udp", tmp_path) as sipp:
        peer = f"127.0.0.1:{sipp.port}"
        with example(program, "sip:alice@example.com", "p4ssw0rd", f"sip:bob@{peer}", peer) as call:
            assert call.stdout.readline() == "Placing call, press enter to quit program\n"
            sipp.wait_for("ACK")
        assert call.rest == "Session ended\n"
        sipp.passes()
