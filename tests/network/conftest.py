"""What the network tests share: the log, and a raw peer."""

from __future__ import annotations

import pytest
import structlog
from structlog.testing import capture_logs

from sipsimple.api.engine import running as lives
from tests.endpoints import running
from tests.interop.sip_peer import SIPPeer


@pytest.fixture
def logs():
    """What is logged while structlog is configured."""
    structlog.configure()
    try:
        with capture_logs() as captured:
            yield captured
    finally:
        structlog.reset_defaults()


@pytest.fixture
def ring(monkeypatch):
    """The engine, which does not wait long for peers at its end, and a raw SIP peer."""
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with SIPPeer() as peer, running(hub="own") as watch:
        yield watch, peer
