"""The demonstration's verdict: nothing passes that did not happen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sipsimple.cli.demo.file_act import SIZE, SentFile
from sipsimple.cli.demo.story import ALICE, BOB, TALK, Story
from sipsimple.cli.demo.summary import print_table
from sipsimple.cli.demo.verdict import REFUSAL, judge
from sipsimple.cli.demo.voices import Voices

if TYPE_CHECKING:
    from sipsimple.cli.events import Event

SILENT = Voices(Path("nowhere"))
NOTHING = SentFile(Path("nowhere"), Path("nowhere"))


def story(*told: tuple[str, Event]) -> Story:
    """Make a story of one call that happened within a second."""
    result = Story(lambda _side, _event: None)
    for number, (side, event) in enumerate(told):
        when = f"2026-01-02T12:00:00.{number:03}000+00:00"
        result.add(side, {"call_id": "c", "timestamp": when, **event})
    return result


def message(tls: bool) -> Event:
    return {
        "event": "SCSessionGotMessage",
        "content": "hello",
        "cpim_headers": {"DateTime": "2026-01-02T12:00:00+00:00"},
        "message": {"message_id": "m", "tls": tls},
    }


REPORT = {"event": "SCSessionDidDeliverMessage", "message_id": "m", "code": 200}


def test_of_nothing_nothing_has_happened() -> None:
    verdict = judge(story(), {}, ["hello"], SILENT, None, NOTHING)
    assert not any(check.happened for check in verdict.checks)


def test_figures_are_taken_from_the_events() -> None:
    told = story(
        (ALICE, {"event": "SCSessionNewOutgoing"}),
        (ALICE, {"event": "SCSessionDidStart"}),
        (BOB, message(tls=True)),
        (ALICE, REPORT),
        (ALICE, message(tls=False)),
    )
    figures = judge(told, {TALK: "c"}, ["hello"], SILENT, 0, NOTHING).figures
    assert (figures["setup_ms"], figures["delivery_ms"]) == (1.0, 3.0)
    assert figures["messages"] == {"alice": 1, "bob": 1}
    assert figures["reports"] == {"alice": 1, "bob": 0}
    assert (figures["tls"], figures["cpim"]) == (False, True)


def test_a_refusal_with_another_code_is_none() -> None:
    for code, happened in ((REFUSAL, True), (603, False)):
        told = story((ALICE, {"event": "SCSessionDidFail", "originator": "remote", "code": code}))
        checks = {check.what: check.happened for check in judge(told, {"refused": "c"}, [], SILENT, 0, NOTHING).checks}
        assert checks["bob refused the second call"] is happened


def heard(alice: float, bob: float) -> Voices:
    """Give recordings in which the tones are so loud, on both sides."""
    loudness = {side: {"alice": alice, "bob": bob} for side in ("alice", "bob")}
    return Voices(Path("nowhere"), loudness=loudness)


def happened(told: Story, voices: Voices) -> dict[str, bool]:
    return {check.what: check.happened for check in judge(told, {TALK: "c"}, [], voices, 0, NOTHING).checks}


def test_a_voice_that_is_missing_from_a_recording_is_seen() -> None:
    what = "alice's recordings have both voices"
    assert happened(story(), heard(8000, 8000))[what]
    assert not happened(story(), heard(8000, 40))[what]
    assert not happened(story(), SILENT)[what]


def test_a_worker_that_was_lost_must_be_told_once() -> None:
    what = "alice's media worker was killed, and the audio went on"
    restart = {"event": "SCSessionMediaDidRestart", "duration_ms": 21}
    assert happened(story((ALICE, restart)), SILENT)[what]
    assert not happened(story(), SILENT)[what]
    assert not happened(story((ALICE, restart), (ALICE, restart)), SILENT)[what]
    assert judge(story((ALICE, restart)), {TALK: "c"}, [], SILENT, 0, NOTHING).figures["media_recovery_ms"] == 21


def test_a_digit_told_twice_is_not_what_was_dialled() -> None:
    what = "bob got what alice dialled"
    digits = [(BOB, {"event": "SCSessionGotDTMF", "digit": each}) for each in "42#"]
    assert happened(story(*digits), SILENT)[what]
    assert not happened(story(*digits, digits[-1]), SILENT)[what]


def test_where_there_is_no_audio_the_talk_is_left_out_and_says_why() -> None:
    checks = judge(story(), {TALK: "c"}, [], Voices(Path("nowhere"), missing="no wheel"), 0, NOTHING).checks
    assert [check.detail for check in checks if check.what == "they talked"] == ["left out: no wheel"]


def test_a_file_that_was_sent_from_its_beginning_again_was_not_resumed() -> None:
    for begun, resumed in ((SIZE // 3, True), (0, False)):
        sent = SentFile(Path("nowhere"), Path("nowhere"), cut_at=SIZE // 3, resumed_from=begun, hash_ok=True)
        verdict = judge(story((BOB, {"event": "MSRPFileTransferGotFile"})), {"resumed": "c"}, [], SILENT, 0, sent)
        assert verdict.figures["file_resumed"] is resumed
        checks = {check.what: check.happened for check in verdict.checks}
        assert checks["what had come was not sent again"] is resumed
        assert checks["bob's file is alice's"]
        assert not checks["the file was cut on its way"]


def test_a_figure_that_there_is_not_is_not_told(capsys) -> None:
    verdict = judge(story(), {}, ["hello"], SILENT, None, NOTHING)
    print_table(verdict, 4500.0, 28)
    figures = capsys.readouterr().out.splitlines()[-2]
    assert figures == "the file at 0.0 MiB/s, 28 SIP messages, 4.5 s in all"
