"""A zygote for all, and a worker for each test; nothing here runs where there is no pjsua2."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.media.worker.process import Worker, Zygote

HAS_LIBRARY = importlib.util.find_spec("pjsua2") is not None


@pytest.fixture(scope="session")
def zygote(hub: None) -> Iterator[Zygote]:
    """The process that forks workers."""
    if not HAS_LIBRARY:
        pytest.skip("needs pjsua2")
    from tests.media.worker.process import Zygote

    with Zygote() as process:
        yield process


@pytest.fixture
def worker(zygote: Zygote) -> Iterator[Worker]:
    """A worker that must still be alive at the end."""
    with zygote.fork() as process:
        yield process
        process.ping()
        said = [event for event in process.events if type(event).__name__ == "Said"]
        assert not said, said


@pytest.fixture
def wave(tmp_path: Path) -> Path:
    """A file of half a second of 600 Hz."""
    from tests.media.tones import write_tone

    return write_tone(tmp_path / "600.wav", 600, 0.5)
