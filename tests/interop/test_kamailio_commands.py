"""Our commands against Kamailio: the doctor at its registrar, publishing and subscribing at its presence server."""

from __future__ import annotations

import json
from signal import SIGTERM
from typing import TYPE_CHECKING

import pytest

from tests.cli.doctor.patient import Report
from tests.cli.running import SECONDS, lines_until, outcome, started
from tests.interop.kamailio import HOST, needs_kamailio
from tests.interop.kamailio_presence import needs_presence, presence
from tests.interop.kamailio_registrar import registrar

if TYPE_CHECKING:
    from pathlib import Path

    from tests.actors.wire.authority import Authority, Issued

pytestmark = [pytest.mark.interop, needs_kamailio]

TRANSPORTS = ["udp", "tcp", "tls"]


def settings(
    folder: Path, authority: Authority, ports: dict[str, int], transport: str = "udp", password: str = "secret"
) -> list[str]:
    """Alice, whose proxy Kamailio is."""
    path = folder / "config.toml"
    path.write_text(
        f'[engine]\nlocal_ip = "{HOST}"\nmax_audio_calls = 0\ntls_ca_file = "{authority.file}"\n'
        f'[accounts.work]\nuri = "sip:alice@sipp.test"\npassword = "{password}"\n'
        f'outbound_proxy = "sip:{HOST}:{ports[transport]};transport={transport}"\n'
    )
    path.chmod(0o600)
    return ["--config", str(path)]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_doctor_finds_nothing_wrong(
    tmp_path: Path, authority: Authority, certificate: Issued, ports: dict[str, int], transport: str
) -> None:
    with registrar(tmp_path, certificate, ports):
        report = Report(*settings(tmp_path, authority, ports, transport))

    assert (report.status, report.wrong(), report.of("nat", "warning")) == (0, [], [])
    assert report.of("transports")[0]["what"].startswith(f"{transport} {HOST}:{ports[transport]} answers 405")
    assert report.of("registrar")[0]["what"].startswith("registered for 60 s")
    assert report.of("registrar")[-1]["what"] == "unregistered"
    assert bool(report.of("tls")) is (transport == "tls")


def test_the_doctor_finds_a_wrong_password(
    tmp_path: Path, authority: Authority, certificate: Issued, ports: dict[str, int]
) -> None:
    with registrar(tmp_path, certificate, ports):
        report = Report(*settings(tmp_path, authority, ports, password="sesame"))

    assert (report.status, report.wrong()) == (1, ["registrar"])
    assert "password" in report.one("registrar", "wrong")["advice"]


def test_the_doctor_follows_a_registrar_that_wants_more_time(
    tmp_path: Path, authority: Authority, certificate: Issued, ports: dict[str, int]
) -> None:
    with registrar(tmp_path, certificate, ports, min_expires=120):
        report = Report(*settings(tmp_path, authority, ports))

    assert (report.status, report.wrong()) == (0, [])
    assert "the registrar grants no less than 120 s" in [each["what"] for each in report.of("registrar")]


@needs_presence
def test_what_is_published_is_told_to_who_subscribes(
    tmp_path: Path, authority: Authority, certificate: Issued, ports: dict[str, int]
) -> None:
    with presence(tmp_path, certificate, ports):
        alice = settings(tmp_path, authority, ports)
        with started("publish", "--status", "open", "--note", "in the garden", "--json", *alice) as publishing:
            lines_until(publishing, "SCPublicationDidSucceed")
            status, out, err = outcome("subscribe", "sip:alice@sipp.test", "--fetch", *alice)
            publishing.send_signal(SIGTERM)
            rest = [json.loads(line)["event"] for line in publishing.stdout]
            ended = publishing.wait(SECONDS)

    assert (status, ended) == (0, 0), err
    assert "SCPublicationDidEnd" in rest
    assert 'sip:alice@sipp.test: open, "in the garden"' in out
