"""`sipsimple doctor` as a process, against servers here that are well, or ill in one way."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from pathlib import Path
from signal import SIGINT
from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.account import Account
from tests.cli.doctor.patient import QUIET, Report, dns_option, settings
from tests.cli.running import SECONDS, outcome, started
from tests.interop.msrp_relay import Relay, Rules
from tests.network.presence_server import PresenceServer

if TYPE_CHECKING:
    from tests.actors.wire.dns_server import DNSServer
    from tests.network.registrar import Registrar

pytestmark = pytest.mark.slow

DIGEST = ("WWW-Authenticate", 'Digest realm="example.com", nonce="n", algorithm=SHA-256, qop="auth"')
CHECKS = [
    *["installation", "settings", "ports", "dns", "transports", "tls", "registrar", "nat"],
    *["audio", "relay", "fragmentation"],
]


def test_where_everything_is_well_every_check_says_so(tmp_path: Path, registrar: Registrar) -> None:
    report = Report(*settings(tmp_path, str(registrar.uri().uri()), engine=""))

    assert (report.status, report.wrong()) == (0, [])
    assert list(dict.fromkeys(each["check"] for each in report.findings)) == CHECKS
    assert all(set(each) == {"check", "verdict", "what", "advice"} for each in report.findings)
    assert {each["verdict"] for each in report.findings} <= {"ok", "skipped"}
    assert f"udp 127.0.0.1:{registrar.port}" in report.of("dns")[-1]["what"]
    assert [each["what"].split()[0] for each in report.of("transports")] == ["udp", "tcp"]
    assert "registered for 60 s" in report.of("registrar")[0]["what"]
    assert "PCMU" in report.of("audio")[0]["what"]
    assert not registrar.all_bindings()


def test_people_get_a_table_and_the_sum(tmp_path: Path, registrar: Registrar) -> None:
    status, out, _err = outcome("doctor", *settings(tmp_path, str(registrar.uri().uri())))

    assert status == 0
    assert [line.split()[0] for line in out.splitlines() if not line.startswith(" ")] == [*CHECKS, "nothing"]
    assert out.endswith("nothing is wrong; warnings: 0\n")


def test_the_binding_of_a_phone_that_runs_is_left_alone(tmp_path: Path, registrar: Registrar) -> None:
    registrar.bindings["sip:alice@127.0.0.1"] = {"sip:phone@127.0.0.1:9": 600}

    options = settings(tmp_path, str(registrar.uri().uri()))
    phone = Account.load(path=Path(options[-1])).registration.instance_id
    report = Report(*options)

    assert report.status == 0
    assert registrar.all_bindings() == ["sip:phone@127.0.0.1:9"]
    assert not any(phone in (each.get("contact") or "") for each in registrar.requests)
    assert any("sip:phone@127.0.0.1:9" in each["what"] for each in report.of("registrar"))


def test_a_password_that_is_not_taken_is_wrong(tmp_path: Path, registrar: Registrar) -> None:
    def challenge(request: Any) -> None:
        if request.method == "REGISTER":
            registrar.statuses.append((401, (DIGEST,)))

    registrar.on_request = challenge
    report = Report(*settings(tmp_path, str(registrar.uri().uri())))

    assert (report.status, report.wrong()) == (1, ["registrar"])
    assert "401" in report.one("registrar", "wrong")["what"]
    assert "password" in report.one("registrar", "wrong")["advice"]
    assert "secret" not in json.dumps(report.findings)


def test_a_server_that_is_not_there_is_wrong(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen: whoever connects is refused
        uri = f"sip:alice@127.0.0.1:{taken.getsockname()[1]};transport=tcp"
        report = Report(*settings(tmp_path, uri))

    assert (report.status, report.wrong()) == (1, ["transports", "registrar"])
    assert "connection refused" in report.one("transports", "wrong")["what"]
    assert "Nothing listens there" in report.one("transports", "wrong")["advice"]


def test_a_server_that_is_silent_ends_every_check_in_its_time(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        uri = f"sip:alice@127.0.0.1:{silent.getsockname()[1]}"
        report = Report("--timeout", "2", *settings(tmp_path, uri))

    assert report.status == 1
    assert report.one("transports", "wrong")["advice"].startswith("Is the address right? A firewall may drop UDP")
    assert report.wrong() == ["transports", "registrar"]


def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        uri = f"sip:alice@127.0.0.1:{silent.getsockname()[1]}"
        with started("doctor", "--json", "--timeout", "600", *settings(tmp_path, uri)) as process:
            for line in iter(process.stdout.readline, b""):
                if json.loads(line)["check"] == "dns":
                    break
            process.send_signal(SIGINT)
            _out, err = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert err == b""


# NAT, relay, large requests


def test_nat_is_a_warning(tmp_path: Path, registrar: Registrar) -> None:
    registrar.seen_at = ("203.0.113.9", 4711)
    report = Report(*settings(tmp_path, str(registrar.uri().uri())))

    assert (report.status, report.wrong()) == (0, [])
    assert "203.0.113.9:4711" in report.one("nat", "warning")["what"]


def test_an_engine_at_all_addresses_is_where_the_server_sees_it(tmp_path: Path, registrar: Registrar) -> None:
    registrar.on_request = lambda request: setattr(registrar, "seen_at", ("127.0.0.1", request.via.port))
    options = settings(tmp_path, str(registrar.uri().uri()))
    config = Path(options[-1])
    config.write_text(config.read_text().replace('local_ip = "127.0.0.1"', 'local_ip = "0.0.0.0"'))
    report = Report(*options)

    assert "at 127.0.0.1:" in report.one("nat", "ok")["what"]


def test_nat_that_the_settings_know_of_is_none(tmp_path: Path, registrar: Registrar, dns_server: DNSServer) -> None:
    registrar.seen_at = ("203.0.113.9", 4711)
    dns_server.add("A", "me.example.com", "203.0.113.9")
    engine = f'{QUIET}\nadvertised_host = "me.example.com"'
    report = Report(*dns_option(dns_server), *settings(tmp_path, str(registrar.uri().uri()), engine=engine))

    assert "advertised_host" in report.one("nat", "ok")["what"]


@pytest.mark.parametrize(("refuse", "status"), [("", 0), ("403 Forbidden", 1)])
def test_the_msrp_relay_is_asked_for_a_path(tmp_path: Path, registrar: Registrar, refuse: str, status: int) -> None:
    with Relay(Rules(refuse=refuse)) as relay:
        account = f'msrp = {{relay_host = "127.0.0.1", relay_port = {relay.port}, relay_use_tls = false}}'
        report = Report(*settings(tmp_path, str(registrar.uri().uri()), account))

    assert (report.status, report.wrong()) == (status, ["relay"] if status else [])
    if status:
        assert "403" in report.one("relay", "wrong")["what"]


def test_the_msrp_relay_of_the_domain_is_found_by_its_records(
    tmp_path: Path, registrar: Registrar, dns_server: DNSServer
) -> None:
    with Relay() as relay:
        dns_server.add("SRV", "_msrp._tcp.example.com", f"0 0 {relay.port} relay.example.com.")
        dns_server.add("A", "relay.example.com", "127.0.0.1")
        account = f'outbound_proxy = "sip:127.0.0.1:{registrar.port}"\nmsrp = {{relay_use_tls = false}}'
        report = Report(*dns_option(dns_server), *settings(tmp_path, "sip:alice@example.com", account))

    assert report.wrong() == []
    assert "granted a path" in report.one("relay", "ok")["what"]


def test_a_server_without_tcp_is_asked_by_a_large_datagram(tmp_path: Path) -> None:
    with PresenceServer() as server:
        uri = f"sip:alice@127.0.0.1:{server.port}"
        report = Report(*settings(tmp_path, uri, "register = false"))

    assert report.wrong() == []
    assert "answers requests of 2000 bytes by UDP" in report.one("fragmentation", "ok")["what"]
    assert max(each.size for each in server.requests) == 2000
    assert report.one("registrar", "skipped")
