"""`sipsimple register` in a process of its own, against a registrar here."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from signal import SIGTERM
from typing import TYPE_CHECKING, Any

import pytest
from gevent import subprocess

from tests.interop.endpoint import COMMAND, listening
from tests.network.registrar import Registrar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SECONDS = 30


@pytest.fixture
def registrar() -> Iterator[Registrar]:
    with Registrar() as registrar:
        yield registrar


def settings(directory: Path, registrar: Registrar, more: str = "") -> Path:
    path = directory / "config.toml"
    path.write_text(
        f'[engine]\nlocal_ip = "127.0.0.1"\n[accounts.work]\nuri = "{registrar.uri().uri()}"\nexpires = 60\n{more}'
    )
    path.chmod(0o600)
    return path


@contextmanager
def registering(config: Path, *options: str) -> Iterator[Any]:
    command = [*COMMAND, "register", "--config", str(config), *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIPSIMPLE_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def outcome(config: Path, *options: str) -> tuple[int, str, str]:
    with registering(config, *options) as process:
        out, err = process.communicate(timeout=SECONDS)
        return process.returncode, out.decode(), err.decode()


def test_an_account_is_registered_and_taken_back(tmp_path: Path, registrar: Registrar) -> None:
    status, out, err = outcome(settings(tmp_path, registrar), "--for", "0")

    assert status == 0, err
    assert f"registered sip:alice@127.0.0.1:{registrar.port} for 60 s" in out
    assert out.rstrip().endswith("unregistered")
    assert [request.expires for request in registrar.requests] == [60, 0]
    assert not registrar.all_bindings()


def test_it_stays_registered_until_sigterm(tmp_path: Path, registrar: Registrar) -> None:
    with registering(settings(tmp_path, registrar), "--json") as process:
        events = []
        while not any(event["event"] == "SCRegistrationDidSucceed" for event in events):
            events.append(json.loads(process.stdout.readline()))
        bound = registrar.all_bindings()
        process.send_signal(SIGTERM)
        events += [json.loads(line) for line in process.stdout]
        status = process.wait(SECONDS)

    assert len(bound) == 1
    assert status == 0
    assert not registrar.all_bindings()
    assert "SCRegistrationDidEnd" in [event["event"] for event in events]


def test_a_refusal_is_told_and_is_the_exit_status(tmp_path: Path, registrar: Registrar) -> None:
    registrar.statuses.append((403, ()))

    status, out, err = outcome(settings(tmp_path, registrar))

    assert status == 1
    assert "not registered: 403" in err
    assert "registered sip:" not in out


def test_settings_that_are_wrong_are_one_line_and_status_2(tmp_path: Path, registrar: Registrar) -> None:
    config = settings(tmp_path, registrar, "expiry = 60\n")

    status, _out, err = outcome(config)

    assert status == 2
    assert err.startswith(f"sipsimple: {config}:6: accounts.work.expiry: ")
    assert err.count("\n") == 1


def test_a_call_for_an_account_bears_its_name_and_takes_its_way(tmp_path: Path) -> None:
    with listening(tmp_path, "--accept", "chat") as bob:
        config = tmp_path / "config.toml"
        config.write_text(
            '[engine]\nlocal_ip = "127.0.0.1"\n[accounts.work]\nuri = "sip:alice@example.com"\n'
            f'display_name = "Alice"\noutbound_proxy = "sip:127.0.0.1:{bob.ports["tcp"]};transport=tcp"\n'
            "msrp.local_use_tls = false\n"
        )
        command = [*COMMAND, "chat", "sip:bob@example.net", "--account", "work", "--config", str(config)]
        done = subprocess.run([*command, "--message", "hello"], capture_output=True, timeout=SECONDS, check=False)
        got = bob.wait_for("SCSessionGotMessage")
        bob.wait_for("SCSessionDidEnd")

    assert done.returncode == 0, done.stderr
    assert got["cpim_headers"]["From"] == '"Alice" <sip:alice@example.com>'
    assert not got["message"]["tls"]
