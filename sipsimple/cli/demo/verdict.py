"""Whether the demonstration went as it should, and its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sipsimple.cli.demo.audio_checks import audio_checks, audio_figures
from sipsimple.cli.demo.check import Check
from sipsimple.cli.demo.figures import chat_figures, states
from sipsimple.cli.demo.story import ALICE, BOB, CANCELLED, CUT, REFUSED, RESUMED, SIDES, TALK, Story
from sipsimple.cli.progress import MIB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.cli.demo.file_act import SentFile
    from sipsimple.cli.demo.voices import Voices

REFUSAL = 486
TERMINATED_REQUEST = 487

STATES = {
    (TALK, ALICE): ["CALLING", "ESTABLISHED", "TERMINATING", "TERMINATED"],
    (TALK, BOB): ["INCOMING", "ACCEPTING", "ESTABLISHED", "TERMINATED"],
    (REFUSED, ALICE): ["CALLING", "TERMINATED"],
    (REFUSED, BOB): ["INCOMING", "TERMINATING", "TERMINATED"],
    (CANCELLED, ALICE): ["CALLING", "TERMINATING", "TERMINATED"],
    (CANCELLED, BOB): ["INCOMING", "TERMINATED"],
    (CUT, ALICE): ["CALLING", "ESTABLISHED", "TERMINATED"],
    (CUT, BOB): ["INCOMING", "ACCEPTING", "ESTABLISHED", "TERMINATED"],
    (RESUMED, ALICE): ["CALLING", "ESTABLISHED", "TERMINATING", "TERMINATED"],
    (RESUMED, BOB): ["INCOMING", "ACCEPTING", "ESTABLISHED", "TERMINATED"],
}
"""The states that each call goes through on each side."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All of them, and what was measured."""

    checks: tuple[Check, ...]
    figures: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether everything happened."""
        return all(check.happened for check in self.checks)


def judge(
    story: Story,
    calls: dict[str, str],
    messages: Sequence[str],
    heard: Voices,
    bobs_status: int | None,
    sent: SentFile,
) -> Verdict:
    """Compare the story with what should be in it.

    Args:
        story: What happened.
        calls: The Call-ID of each call that was made, by its name.
        messages: What alice says, and bob repeats.
        heard: What was recorded.
        bobs_status: The exit status of his process.
        sent: The file that alice sent.
    """
    talk = calls.get(TALK, "")
    figures = chat_figures(story, talk) | audio_figures(story, talk, heard) | file_figures(sent)
    figures |= {"states": states(story, calls)}
    checks = (
        *_chat_checks(story, talk, list(messages), figures),
        *audio_checks(story, talk, heard),
        _refusal_check(story, calls.get(REFUSED, "")),
        _cancel_check(story, calls.get(CANCELLED, "")),
        *_file_checks(story, calls, sent),
        *_state_checks(figures["states"]),
        Check("bob's process ended cleanly", bobs_status == 0, f"exit status {bobs_status}"),
    )
    return Verdict(checks, figures)


def _state_checks(went: dict[str, dict[str, list[str]]]) -> tuple[Check, ...]:
    wrong = [f"{name}/{side}" for (name, side), expected in STATES.items() if went[name][side] != expected]
    return (Check("every call went through its states", not wrong, ", ".join(wrong)),)


def _chat_checks(story: Story, call_id: str, messages: list[str], figures: dict[str, Any]) -> tuple[Check, ...]:
    got = {side: story.contents(side, call_id) for side in SIDES}
    wanted = len(messages)
    setup = "" if figures["setup_ms"] is None else f"after {figures['setup_ms']} ms"
    return (
        Check("alice's call was answered", story.count(ALICE, "SCSessionDidStart", call_id=call_id) == 1, setup),
        Check("all messages went over TLS", figures["tls"]),
        Check("all messages were wrapped in CPIM", figures["cpim"]),
        Check("bob got what alice said", got[BOB] == messages, f"{len(got[BOB])} of {wanted} messages"),
        Check("alice got the echo", got[ALICE] == messages, f"{len(got[ALICE])} of {wanted} messages"),
        *(
            Check(
                f"{side} got the delivery reports",
                figures["reports"][side] == wanted,
                f"{figures['reports'][side]} of {wanted}",
            )
            for side in SIDES
        ),
        Check(
            "alice hung up",
            story.count(BOB, "SCSessionDidEnd", call_id=call_id, originator="remote") == 1,
            "bob was told by BYE",
        ),
    )


def file_figures(sent: SentFile) -> dict[str, Any]:
    """Return the figures of the file.

    Returns:
        file_resumed: whether the second attempt began where the first was cut
        file_rate_mib_s: of the second attempt
        file_hash_ok: whether bob's file is alice's
    """
    return {
        "file_resumed": sent.is_resumed,
        "file_rate_mib_s": sent.rate_mib_s,
        "file_hash_ok": sent.hash_ok,
    }


def _file_checks(story: Story, calls: dict[str, str], sent: SentFile) -> tuple[Check, ...]:
    lost = story.count(ALICE, "MSRPFileTransferDidNotDeliverFile", call_id=calls.get(CUT, ""))
    got = story.count(BOB, "MSRPFileTransferGotFile", call_id=calls.get(RESUMED, ""))
    where = f"at {sent.cut_at / MIB:.1f} MiB"
    return (
        Check("the file was cut on its way", lost == 1 and sent.cut_at > 0, where),
        Check("what had come was not sent again", sent.is_resumed, f"from {sent.resumed_from / MIB:.1f} MiB"),
        Check("bob's file is alice's", got == 1 and sent.hash_ok, f"{sent.rate_mib_s} MiB/s, {(sent.hash or '')[:31]}"),
    )


def _refusal_check(story: Story, call_id: str) -> Check:
    failed = story.count(ALICE, "SCSessionDidFail", call_id=call_id, originator="remote", code=REFUSAL)
    silent = story.count(BOB, "SCSessionDidFail", call_id=call_id) == 0
    return Check("bob refused the second call", failed == 1 and silent, f"{REFUSAL} at alice")


def _cancel_check(story: Story, call_id: str) -> Check:
    rang = story.count(ALICE, "SCSessionGotRingIndication", call_id=call_id) > 0
    ended = story.count(ALICE, "SCSessionDidEnd", call_id=call_id, originator="local") == 1
    failed = story.count(BOB, "SCSessionDidFail", call_id=call_id, originator="remote", code=TERMINATED_REQUEST)
    silent = story.count(ALICE, "SCSessionDidFail", call_id=call_id) == 0
    happened = rang and ended and failed == 1 and silent
    return Check("alice cancelled the third call", happened, f"{TERMINATED_REQUEST} at bob")
