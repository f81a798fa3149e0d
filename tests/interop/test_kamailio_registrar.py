"""Kamailio is the registrar: it wants a password, gives little time, goes away and comes back."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.core import SIPURI, Credentials, Registration, Route
from tests.endpoints import running
from tests.interop.kamailio import HOST, needs_kamailio
from tests.interop.kamailio_registrar import registrar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.actors.wire.authority import Authority, Issued
    from tests.watch import Watch

pytestmark = [pytest.mark.interop, needs_kamailio]

TRANSPORTS = ["udp", "tcp", "tls"]


@contextlib.contextmanager
def engine(authority: Authority, **options: Any) -> Iterator[Watch]:
    """Run the engine, which trusts the authority."""
    with running(hub="own", tls_ca_file=authority.file, tls_timeout=5000, **options) as watch:
        yield watch


def registering(
    ports: dict[str, int], transport: str = "udp", user: str = "alice", password: str = "secret", **options: Any
) -> Registration:
    """Begin to register."""
    credentials = Credentials(SIPURI("sipp.test", user), password, token=f"{user}-token")
    registration = Registration(credentials, Route(HOST, ports[transport], transport), **options)
    registration.register()
    return registration


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_registration_is_made_and_taken_back(
    transport: str, algorithm: str, authority: Authority, certificate: Issued, ports: dict[str, int], tmp_path: Path
) -> None:
    with registrar(tmp_path, certificate, ports, algorithm), engine(authority) as watch:
        registration = registering(ports, transport)
        told = watch.wait_for("SCRegistrationDidSucceed", registration).data
        assert (told.expires, [uri for uri, _ in told.contact_uri_list]) == (300, [registration.contact_uri])
        assert registration.public_gruu is not None
        assert registration.public_gruu.startswith("sip:alice@sipp.test;gr=urn:uuid:")
        assert registration.temporary_gruu is not None
        registration.refresh()
        watch.wait_for("SCRegistrationDidSucceed", registration, 2)
        registration.unregister()
        assert watch.wait_for("SCRegistrationDidEnd", registration).data.code == 200
        other = registering(ports, transport, instance_id="00000000-0000-1000-8000-000a95a0e128")
        watch.wait_for("SCRegistrationDidSucceed", other)
        assert other.contact_uri_list is not None
        assert [uri for uri, _ in other.contact_uri_list] == [other.contact_uri]
        assert watch.count("SCRegistrationDidFail") == 0


def test_a_time_too_brief_is_asked_for_longer(
    authority: Authority, certificate: Issued, ports: dict[str, int], tmp_path: Path
) -> None:
    with registrar(tmp_path, certificate, ports, min_expires=120), engine(authority) as watch:
        registration = registering(ports, expires=30)
        assert watch.wait_for("SCRegistrationDidSucceed", registration).data.expires == 120


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_what_is_granted_for_a_short_time_is_refreshed_in_time(
    transport: str, authority: Authority, certificate: Issued, ports: dict[str, int], tmp_path: Path
) -> None:
    with registrar(tmp_path, certificate, ports, max_expires=3), engine(authority) as watch:
        registration = registering(ports, transport)
        for number in range(1, 4):
            told = watch.wait_for("SCRegistrationDidSucceed", registration, number).data
            assert len(told.contact_uri_list) == 1
        assert watch.count("SCRegistrationDidEnd") == watch.count("SCRegistrationDidFail") == 0


def test_a_wrong_password_is_told_and_not_tried_again(
    authority: Authority, certificate: Issued, ports: dict[str, int], tmp_path: Path
) -> None:
    with registrar(tmp_path, certificate, ports), engine(authority) as watch:
        registration = registering(ports, password="guessed")
        told = watch.wait_for("SCRegistrationDidFail", registration).data
        assert (told.code, told.retry_after) == (401, None)
        assert "wrong password" in told.reason


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_it_registers_again_when_kamailio_is_back(
    transport: str, authority: Authority, certificate: Issued, ports: dict[str, int], tmp_path: Path
) -> None:
    with engine(authority, sip_t1=0.05) as watch:
        with registrar(tmp_path, certificate, ports):
            registration = registering(ports, transport, retry_interval=0.2, max_retry_interval=1.0)
            watch.wait_for("SCRegistrationDidSucceed", registration)
        registration.refresh()
        watch.wait_for("SCRegistrationDidFail", registration)
        count = watch.count("SCRegistrationDidSucceed")
        with registrar(tmp_path, certificate, ports):
            told = watch.wait_for("SCRegistrationDidSucceed", registration, count + 1).data
            assert [uri for uri, _ in told.contact_uri_list] == [registration.contact_uri]
            registration.unregister()
            watch.wait_for("SCRegistrationDidEnd", registration)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_restart_of_kamailio_is_noticed_by_the_lost_connection(
    transport: str, authority: Authority, certificate: Issued, ports: dict[str, int], tmp_path: Path
) -> None:
    with engine(authority) as watch:
        with registrar(tmp_path, certificate, ports):
            registration = registering(ports, transport, retry_interval=0.2, max_retry_interval=1.0)
            watch.wait_for("SCRegistrationDidSucceed", registration)
        watch.wait_for("SCRegistrationDidFail", registration)
        with registrar(tmp_path, certificate, ports):
            watch.wait_for("SCRegistrationDidSucceed", registration, 2)


def test_several_accounts_register_over_one_connection(
    authority: Authority, certificate: Issued, ports: dict[str, int], tmp_path: Path
) -> None:
    with registrar(tmp_path, certificate, ports), engine(authority) as watch:
        several = [registering(ports, "tcp", user) for user in ("alice", "bob", "carol")]
        for each in several:
            watch.wait_for("SCRegistrationDidSucceed", each)
        assert {str(each.state) for each in several} == {"registered"}
