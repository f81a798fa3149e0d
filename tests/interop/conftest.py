"""What the audio tests share: the engine, a telephone and a tone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.interop.audio_calls import OTHERS, OURS, THEIRS, talking
from tests.interop.audio_peer import AudioPeer
from tests.media import tones

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.watch import Watch


@pytest.fixture
def watch() -> Iterator[Watch]:
    """The engine with audio, watched."""
    with talking() as watch:
        yield watch


@pytest.fixture
def peer() -> Iterator[AudioPeer]:
    """A telephone that plays a tone."""
    with AudioPeer() as peer:
        peer.rtp.play(THEIRS)
        yield peer


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """Two seconds of our tone."""
    return tones.write_tone(tmp_path / "ours.wav", OURS, 2.0)


@pytest.fixture
def other() -> Iterator[AudioPeer]:
    """A second telephone, which plays another tone."""
    with AudioPeer() as other:
        other.rtp.play(OTHERS)
        yield other
