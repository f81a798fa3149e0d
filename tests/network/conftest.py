"""What the network tests share: the log."""

from __future__ import annotations

import pytest
import structlog
from structlog.testing import capture_logs


@pytest.fixture
def logs():
    """What is logged while structlog is configured."""
    structlog.configure()
    try:
        with capture_logs() as captured:
            yield captured
    finally:
        structlog.reset_defaults()
