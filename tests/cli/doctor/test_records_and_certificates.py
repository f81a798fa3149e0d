"""`sipsimple doctor` as a process: what it makes of the DNS and of certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from gevent import ssl

from tests.actors.wire.authority import DAY, Authority
from tests.cli.doctor.patient import QUIET, Report, dns_option, settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.actors.wire.dns_server import DNSServer
    from tests.network.registrar import Registrar

pytestmark = pytest.mark.slow

# TLS


def secured(
    registrar: Registrar, directory: Path, dns_server: DNSServer, **certificate: Any
) -> tuple[list[str], Authority]:
    """Have a registrar speak TLS, with such a certificate, as the proxy sip.example.com."""
    authority = Authority(directory)
    registrar.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    registrar.tls.load_cert_chain(authority.issue(**certificate).both)
    dns_server.add("A", "sip.example.com", "127.0.0.1")
    proxy = f'outbound_proxy = "sip:sip.example.com:{registrar.port};transport=tls"'
    engine = f'{QUIET}\ntls_ca_file = "{authority.file}"'
    return [*dns_option(dns_server), *settings(directory, "sip:alice@example.com", proxy, engine)], authority


def test_a_certificate_of_the_domain_is_well(tmp_path: Path, registrar: Registrar, dns_server: DNSServer) -> None:
    options, _ = secured(registrar, tmp_path, dns_server, dns=["sip.example.com"], ends=90 * DAY)
    report = Report(*options)

    assert (report.status, report.wrong(), report.of("tls", "warning")) == (0, [], [])
    version, certificate = [each["what"] for each in report.of("tls")]
    assert "TLSv1." in version
    assert "is for sip.example.com, and holds until" in certificate
    assert report.of("registrar")[0]["what"].startswith("registered for 60 s")


def test_a_certificate_that_ends_soon_is_a_warning(tmp_path: Path, registrar: Registrar, dns_server: DNSServer) -> None:
    options, _ = secured(registrar, tmp_path, dns_server, dns=["sip.example.com"], ends=3 * DAY)
    report = Report(*options)

    assert report.status == 0
    assert "renew" in report.one("tls", "warning")["advice"]


def test_a_certificate_of_another_domain_is_wrong(tmp_path: Path, registrar: Registrar, dns_server: DNSServer) -> None:
    options, _ = secured(registrar, tmp_path, dns_server, dns=["pbx.example.org"], ends=90 * DAY)
    report = Report(*options)

    assert report.status == 1
    assert "is for pbx.example.org, and not for sip.example.com" in report.one("tls", "wrong")["what"]
    assert report.wrong() == ["transports", "tls", "registrar"]


def test_a_certificate_of_an_authority_that_nobody_knows_is_wrong(
    tmp_path: Path, registrar: Registrar, dns_server: DNSServer
) -> None:
    options, _ = secured(registrar, tmp_path, dns_server, dns=["sip.example.com"], ends=90 * DAY)
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace(str(tmp_path / "ca.pem"), Authority(stranger).file))
    report = Report(*options)

    assert report.status == 1
    assert "tls_ca_file" in report.one("tls", "wrong")["advice"]


# DNS


def test_the_records_of_a_domain_are_told_and_what_follows_from_them(
    tmp_path: Path, registrar: Registrar, dns_server: DNSServer
) -> None:
    dns_server.add("NAPTR", "example.com", '10 50 "s" "SIP+D2T" "" _sip._tcp.example.com.')
    dns_server.add(
        "SRV", "_sip._tcp.example.com", f"10 0 {registrar.port} sip.example.com.", "20 0 5060 old.example.com."
    )
    dns_server.add("A", "sip.example.com", "127.0.0.1")
    report = Report(*dns_option(dns_server), *settings(tmp_path, "sip:alice@example.com"))
    told = "\n".join(each["what"] for each in report.findings if each["check"] == "dns")

    assert (report.status, report.wrong()) == (0, [])
    assert "NAPTR of example.com: 10 50 SIP+D2T _sip._tcp.example.com" in told
    assert f"SRV of _sip._tcp.example.com: 10 0 sip.example.com:{registrar.port}" in told
    assert told.endswith(f"requests go to tcp 127.0.0.1:{registrar.port}")
    assert "old.example.com, which has no address" in report.one("dns", "warning")["what"]
    assert report.of("registrar")[0]["what"].startswith("registered for 60 s")


def test_a_domain_that_does_not_exist_is_wrong(tmp_path: Path, dns_server: DNSServer) -> None:
    report = Report(*dns_option(dns_server), *settings(tmp_path, "sip:alice@exmaple.com"))

    assert (report.status, report.wrong()) == (1, ["dns"])
    assert "spelt" in report.one("dns", "wrong")["advice"]


def test_a_name_server_that_fails_is_told_with_its_address(tmp_path: Path, dns_server: DNSServer) -> None:
    dns_server.rcode = 2
    report = Report(*dns_option(dns_server), *settings(tmp_path, "sip:alice@example.com"))

    assert (report.status, report.wrong()) == (1, ["dns"])
    assert f"{dns_server.address[0]}:{dns_server.address[1]}" in report.of("dns", "warning")[0]["advice"]
    assert "connected" in report.one("dns", "wrong")["advice"]


def test_a_name_server_that_is_silent_ends_the_check_in_its_time(tmp_path: Path, dns_server: DNSServer) -> None:
    dns_server.silent = 1000
    report = Report("--timeout", "1", *dns_option(dns_server), *settings(tmp_path, "sip:alice@example.com"))

    assert (report.status, report.wrong()) == (1, ["dns"])
    assert "took more than 1 s" in report.one("dns", "wrong")["what"]
    assert report.one("transports", "skipped")


def test_a_server_of_the_other_ip_version_is_told(tmp_path: Path, dns_server: DNSServer) -> None:
    dns_server.add("AAAA", "example.com", "2001:db8::1")
    report = Report(*dns_option(dns_server), *settings(tmp_path, "sip:alice@example.com"))

    assert (report.status, report.wrong()) == (1, ["dns"])
    assert "local_ip" in report.one("dns", "wrong")["advice"]
