"""`sipsimple listen --account`: registers while it listens, so that calls and messages for the account come here."""

from __future__ import annotations

import json
from signal import SIGTERM
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import SECONDS, lines_until, outcome, started
from tests.network.registrar import Registrar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def registrar() -> Iterator[Registrar]:
    with Registrar() as registrar:
        yield registrar


def options(directory: Path, registrar: Registrar) -> list[str]:
    path = directory / "config.toml"
    path.write_text(f'[engine]\nlocal_ip = "127.0.0.1"\n[accounts.work]\nuri = "{registrar.uri().uri()}"\n')
    return ["--port", "0", "--account", "work", "--config", str(path)]


def test_what_comes_for_the_account_comes_here_until_sigterm(tmp_path: Path, registrar: Registrar) -> None:
    with started("listen", "--reject", "486", *options(tmp_path, registrar)) as process:
        lines_until(process, "SCRegistrationDidSucceed")
        (contact,) = registrar.all_bindings()
        status_of_message, _, err = outcome("message", contact, "are you there?")
        message = lines_until(process, "SCEngineGotMessage")[-1]
        status_of_call, _, _ = outcome("chat", contact, "--message", "hello")
        lines_until(process, "SCSessionDidEnd")
        process.send_signal(SIGTERM)
        rest = [json.loads(line)["event"] for line in process.stdout]
        status = process.wait(SECONDS)

    assert (status_of_message, message["body"]) == (0, "are you there?"), err
    assert (status_of_call, status) == (1, 0)
    assert "SCRegistrationDidEnd" in rest
    assert not registrar.all_bindings()


def test_a_registrar_that_refuses_ends_it_with_status_1(tmp_path: Path, registrar: Registrar) -> None:
    registrar.statuses.append((403, ()))

    status, out, _err = outcome("listen", *options(tmp_path, registrar))

    assert status == 1
    assert json.loads(out.splitlines()[0])["event"] == "listening"
    assert '"code":403' in out
