"""Servers that the doctor may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.actors.wire.dns_server import DNSServer
from tests.network.registrar import Registrar

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def registrar() -> Iterator[Registrar]:
    with Registrar() as registrar:
        yield registrar


@pytest.fixture
def dns_server() -> Iterator[DNSServer]:
    server = DNSServer()
    yield server
    server.close()
