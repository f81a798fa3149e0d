"""The doctor as a process of its own, what it is given, and what it has said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.cli.running import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.actors.wire.dns_server import DNSServer

QUIET = "max_audio_calls = 0"
"""Most of these tests are not about audio."""


def settings(directory: Path, uri: str, account: str = "", engine: str = QUIET, password: str = "secret") -> list[str]:
    path = directory / "config.toml"
    secret = f'password = "{password}"\n' if password else ""
    path.write_text(f'[engine]\nlocal_ip = "127.0.0.1"\n{engine}\n[accounts.work]\nuri = "{uri}"\n{secret}{account}\n')
    path.chmod(0o600)
    return ["--config", str(path)]


class Report:
    """What the doctor has said."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        self.status, out, self.errors = outcome("doctor", "--json", *arguments, **variables)
        self.findings: list[dict[str, Any]] = [json.loads(line) for line in out.splitlines()]
        assert self.errors == ""

    def of(self, check: str, *verdicts: str) -> list[dict[str, Any]]:
        return [each for each in self.findings if each["check"] == check and each["verdict"] in (verdicts or "ok")]

    def one(self, check: str, verdict: str) -> dict[str, Any]:
        found = self.of(check, verdict)
        assert len(found) == 1, self.findings
        return found[0]

    def wrong(self) -> list[str]:
        return [each["check"] for each in self.findings if each["verdict"] == "wrong"]


def dns_option(server: DNSServer) -> list[str]:
    return ["--name-server", f"{server.address[0]}:{server.address[1]}"]
