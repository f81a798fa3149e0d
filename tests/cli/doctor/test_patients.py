"""`sipsimple doctor` as a process: installations and settings that lack something."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from gevent import subprocess

from tests.cli.doctor.patient import QUIET, Report, settings
from tests.cli.running import SECONDS, outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.network.registrar import Registrar

pytestmark = pytest.mark.slow


BLOCKED = """
import sys
sys.modules[{module!r}] = None
sys.argv = ["sipsimple", "doctor", "--json"]
from sipsimple.cli.__main__ import main; main()
"""


def without(module: str, directory: Path) -> tuple[int, list[dict[str, Any]]]:
    """Run the doctor where a module cannot be imported."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIPSIMPLE_")}
    environment["XDG_CONFIG_HOME"] = str(directory)
    command = [sys.executable, "-c", BLOCKED.format(module=module)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_without_the_wheel_it_says_how_to_get_audio(tmp_path: Path) -> None:
    status, findings = without("pjsua2", tmp_path)

    advice = [each["advice"] for each in findings if each["check"] == "audio" and each["verdict"] == "warning"]
    assert status == 0
    assert len(advice) == 1
    assert 'pip install "sipsimple-gevent[audio]"' in advice[0]


def test_without_what_reads_settings_it_says_how_to_get_that(tmp_path: Path) -> None:
    status, findings = without("pydantic_settings", tmp_path)

    wrong = [each for each in findings if each["verdict"] == "wrong"]
    assert status == 1
    assert [each["check"] for each in wrong] == ["installation"]
    assert 'pip install "sipsimple-gevent[settings]"' in wrong[0]["advice"]


def test_a_port_that_is_taken_is_a_warning(tmp_path: Path, registrar: Registrar) -> None:
    engine = f"{QUIET}\nlocal_tcp_port = {registrar.port}"
    report = Report(*settings(tmp_path, str(registrar.uri().uri()), engine=engine))

    assert (report.status, report.wrong()) == (0, [])
    assert f"tcp 127.0.0.1:{registrar.port}" in report.one("ports", "warning")["what"]


def test_a_file_for_tls_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    engine = f'{QUIET}\ntls_ca_file = "/nowhere/ca.pem"'
    report = Report(*settings(tmp_path, "sip:alice@127.0.0.1:9", engine=engine))

    assert (report.status, report.wrong()) == (1, ["settings"])
    assert "/nowhere/ca.pem" in report.one("settings", "wrong")["what"]


def test_without_settings_it_says_how_to_make_them(tmp_path: Path) -> None:
    report = Report(XDG_CONFIG_HOME=str(tmp_path))

    assert (report.status, report.wrong()) == (0, [])
    assert str(tmp_path / "sipsimple" / "config.toml") in report.one("settings", "warning")["what"]
    assert "[accounts.work]" in report.one("settings", "warning")["advice"]
    assert {each["check"] for each in report.findings if each["verdict"] == "skipped"} >= {"dns", "registrar", "relay"}
    assert report.of("audio")


def test_a_line_that_is_wrong_is_named_and_no_value_is_told(tmp_path: Path) -> None:
    report = Report(*settings(tmp_path, "sip:alice@example.com", 'expires = 3\npasword = "hunter2"'))

    found = [each["what"] for each in report.of("settings", "wrong")]
    assert report.status == 1
    assert [each.split(": ")[0].rpartition(":")[2] for each in found] == ["7", "8"]
    assert "hunter2" not in json.dumps(report.findings)


def test_an_account_that_is_not_there_is_wrong(tmp_path: Path) -> None:
    report = Report("--account", "home", *settings(tmp_path, "sip:alice@example.com"))

    assert (report.status, report.wrong()) == (1, ["settings"])
    assert "there are: work" in report.one("settings", "wrong")["what"]


def test_a_password_that_cannot_be_had_is_wrong(tmp_path: Path) -> None:
    command = 'password_command = ["false"]'
    report = Report(*settings(tmp_path, "sip:alice@example.com", command, password=""))

    assert (report.status, report.wrong()) == (1, ["settings"])
    assert "'false' ended with status 1" in report.one("settings", "wrong")["what"]


def test_what_is_no_name_server_is_refused() -> None:
    status, out, err = outcome("doctor", "--name-server", "here")

    assert (status, out) == (2, "")
    assert err.startswith("sipsimple: not the address of a name server: 'here'")
