"""Two accounts that our own registrations keep at Kamailio call each other through it, with audio and a chat."""

from __future__ import annotations

import json
from signal import SIGTERM
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.running import lines_until, outcome, started
from tests.interop.kamailio import HOST, needs_kamailio, proxy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.actors.wire.authority import Authority

pytestmark = [pytest.mark.interop, needs_kamailio]


@pytest.fixture(params=["udp", "tcp", "tls"])
def settings(request: Any, tmp_path: Path, authority: Authority) -> Any:
    """Alice and bob, whose proxy and registrar Kamailio is."""
    with proxy(tmp_path, authority.issue(ip=[HOST])) as ports:
        lines = [f'[engine]\nlocal_ip = "{HOST}"\ntls_ca_file = "{authority.file}"']
        way = f"sip:{HOST}:{ports[request.param]};transport={request.param}"
        lines += [
            f'[accounts.{user}]\nuri = "sip:{user}@sipp.test"\npassword = "secret"\noutbound_proxy = "{way}"'
            for user in ("alice", "bob")
        ]
        path = tmp_path / "config.toml"
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o600)
        yield ["--config", str(path)]


@pytest.mark.parametrize(("caller", "callee"), [("alice", "bob"), ("bob", "alice")])
def test_an_account_that_is_registered_is_called_with_audio_and_chat(
    settings: list[str], caller: str, callee: str
) -> None:
    arguments = ["--host", HOST, "--port", "0", "--accept", "audio,chat", "--echo-audio", "--account", callee]
    with started("listen", *arguments, *settings) as listener:
        lines_until(listener, "SCRegistrationDidSucceed")
        status, out, err = outcome(
            "call", f"sip:{callee}@sipp.test", "--account", caller, *settings,
            "--chat", "--message", "hello", "--duration", "3", "--json",
        )  # fmt: skip
        listener.send_signal(SIGTERM)
        heard = [json.loads(line) for line in listener.stdout]

    assert status == 0, f"{out}\n{err}"
    told = [json.loads(line) for line in out.splitlines()]
    (statistics,) = [each for each in told if each["event"] == "statistics"]
    assert min(statistics["packets_sent"], statistics["packets_received"]) > 5
    names = [each["event"] for each in heard]
    assert "SCSessionGotMessage" in names
    assert names.index("SCSessionDidEnd") < names.index("SCRegistrationDidEnd")
