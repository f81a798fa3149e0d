"""What the audio tests share: the engine, a telephone and a tone; and Kamailio's certificate and ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.actors.wire.authority import DAY
from tests.interop.audio_calls import OTHERS, OURS, THEIRS, talking
from tests.interop.audio_peer import AudioPeer
from tests.interop.kamailio import HOST, free_ports
from tests.media import tones

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.actors.wire.authority import Authority, Issued
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


@pytest.fixture
def certificate(authority: Authority) -> Issued:
    """That of Kamailio."""
    return authority.issue(ip=[HOST], ends=90 * DAY)


@pytest.fixture
def ports() -> dict[str, int]:
    """Where Kamailio listens, also after a restart."""
    return free_ports()
