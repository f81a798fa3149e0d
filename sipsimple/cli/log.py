"""The structured log, written to a file as JSON lines.

The library never configures structlog; a program does. What is logged has no
bodies and no credentials: that is the business of whoever logs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from pathlib import Path


def write_log(path: Path) -> None:
    """Have everything logged to a new file, each event when it happens.

    Raises:
        OSError: The file cannot be written.
    """
    file = path.open("w", encoding="utf-8", buffering=1)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            # ASCII on purpose: what a peer sent need not be valid UTF-8
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.WriteLoggerFactory(file=file),
        cache_logger_on_first_use=True,
    )
