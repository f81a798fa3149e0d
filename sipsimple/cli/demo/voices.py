"""What the demonstration lets be heard: a tone of each side, recordings of both, and the death of a worker."""

from __future__ import annotations

import os
import signal
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sipsimple.cli.demo.tones import ALICE_HZ, BOB_HZ, loudness, write_tone
from sipsimple.media.availability import is_available

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.cli.conversation import Conversation
    from sipsimple.cli.demo.story import Story

STEP_SECONDS = 10.0
"""So long a single step may take."""

SPOKEN_SECONDS = 1.2
"""So long each part of the talk lasts: more than two of the half seconds that `loudness` looks at."""

DIGITS = "42#"


@dataclass(slots=True)
class Voices:
    """The files of one demonstration.

    Attributes:
        directory: Where they are, while it lasts.
        missing: Why there is no audio; None: there is.
        loudness: Of each tone in each side's recordings, the greatest; filled in by `listen_to_recordings`.
    """

    directory: Path
    missing: str | None = None
    loudness: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def arguments_of_bob(self) -> tuple[str, ...]:
        """What his `sipsimple listen` plays and where it records."""
        if self.missing is not None:
            return ()
        return "--play", str(self.directory / "bob.wav"), "--record", str(self.directory / "bob")

    def listen_to_recordings(self) -> None:
        """Look for both tones in all that was recorded."""
        tones = {"alice": ALICE_HZ, "bob": BOB_HZ}
        for side in tones:
            files = list((self.directory / side).glob("*.wav"))
            self.loudness[side] = {
                tone: round(max((loudness(each, frequency) for each in files), default=0.0))
                for tone, frequency in tones.items()
            }


@contextmanager
def voices() -> Iterator[Voices]:
    """Give a directory with the tones, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="sipsimple-demo-") as name:
        found = Voices(Path(name), is_available())
        for side, frequency in (("alice", ALICE_HZ), ("bob", BOB_HZ)):
            (found.directory / side).mkdir()
            write_tone(found.directory / f"{side}.wav", frequency)
        yield found


def talk(conversation: Conversation, story: Story, heard: Voices) -> None:
    """Play and record, dial, hold and unhold, lose the worker, and go on."""
    session = conversation.session
    session.start_recording_audio(str(heard.directory / "alice"))
    session.start_playing(str(heard.directory / "alice.wav"), loop_count=0)
    _pause(conversation)
    for digit in DIGITS:
        session.send_dtmf(digit)
        story.wait_for(STEP_SECONDS, "bob", "SCSessionGotDTMF", digit=digit)
    session.hold()
    story.wait_for(STEP_SECONDS, "bob", "SCSessionGotHoldRequest", originator="remote")
    session.unhold()
    story.wait_for(STEP_SECONDS, "bob", "SCSessionGotUnholdRequest", originator="remote")
    _lose_worker(conversation)
    _pause(conversation)
    session.stop_recording_audio()
    conversation.wait(lambda: bool(conversation.recorded), STEP_SECONDS)


def _lose_worker(conversation: Conversation) -> None:
    """Kill the process that has alice's audio, which only the operating system tells the engine."""
    transport = conversation.session.audio_transport
    if transport is not None and transport.worker_pid is not None:
        os.kill(transport.worker_pid, signal.SIGKILL)
        conversation.wait(lambda: bool(conversation.restarts), STEP_SECONDS)


def _pause(conversation: Conversation) -> None:
    conversation.wait(lambda: False, SPOKEN_SECONDS)
