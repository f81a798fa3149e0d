"""Whether what should have been heard was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.cli.demo.check import Check
from sipsimple.cli.demo.story import ALICE, BOB, SIDES, Story
from sipsimple.cli.demo.tones import HEARD
from sipsimple.cli.demo.voices import DIGITS

if TYPE_CHECKING:
    from sipsimple.cli.demo.voices import Voices


def audio_figures(story: Story, call_id: str, heard: Voices) -> dict[str, Any]:
    """Measure the audio.

    Returns:
        audio: why there is none; None: there is
        loudness: by side, the amplitude of each tone in its recordings, of 32767
        media_recovery_ms: from the end of alice's worker to the audio's going on
    """
    restarts = list(story.events(ALICE, "SCSessionMediaDidRestart", call_id=call_id))
    return {
        "audio": heard.missing,
        "loudness": heard.loudness,
        "media_recovery_ms": restarts[0]["duration_ms"] if restarts else None,
    }


def audio_checks(story: Story, call_id: str, heard: Voices) -> tuple[Check, ...]:
    """Compare what was heard, dialled, held and lost with what should have been."""
    if heard.missing is not None:
        return (Check("they talked", True, f"left out: {heard.missing}"),)
    digits = "".join(event["digit"] for event in story.events(BOB, "SCSessionGotDTMF", call_id=call_id))
    restarts = story.count(ALICE, "SCSessionMediaDidRestart", call_id=call_id)
    figures = audio_figures(story, call_id, heard)
    return (
        *[_heard(side, heard) for side in SIDES],
        Check("bob got what alice dialled", digits == DIGITS, digits),
        Check("alice put bob on hold, and took him off", _was_held(story, call_id)),
        Check(
            "alice's media worker was killed, and the audio went on",
            restarts == 1,
            f"after {figures['media_recovery_ms']} ms",
        ),
    )


def _heard(side: str, heard: Voices) -> Check:
    found = heard.loudness.get(side, {})
    told = ", ".join(f"{tone}'s tone {amplitude:.0f}" for tone, amplitude in found.items())
    both = len(found) == len(SIDES) and all(each > HEARD for each in found.values())
    return Check(f"{side}'s recordings have both voices", both, told)


def _was_held(story: Story, call_id: str) -> bool:
    return all(
        story.count(side, f"SCSessionGot{what}Request", call_id=call_id, originator=originator) == 1
        for what in ("Hold", "Unhold")
        for side, originator in ((ALICE, "local"), (BOB, "remote"))
    )
