"""The demonstration's verdict: nothing passes that did not happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.cli.demo.story import ALICE, BOB, CHAT, Story
from sipsimple.cli.demo.verdict import REFUSAL, judge

if TYPE_CHECKING:
    from sipsimple.cli.events import Event


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
    verdict = judge(story(), {}, ["hello"], None)
    assert not any(check.happened for check in verdict.checks)


def test_figures_are_taken_from_the_events() -> None:
    told = story(
        (ALICE, {"event": "SCSessionNewOutgoing"}),
        (ALICE, {"event": "SCSessionDidStart"}),
        (BOB, message(tls=True)),
        (ALICE, REPORT),
        (ALICE, message(tls=False)),
    )
    figures = judge(told, {CHAT: "c"}, ["hello"], 0).figures
    assert (figures["setup_ms"], figures["delivery_ms"]) == (1.0, 3.0)
    assert figures["messages"] == {"alice": 1, "bob": 1}
    assert figures["reports"] == {"alice": 1, "bob": 0}
    assert (figures["tls"], figures["cpim"]) == (False, True)


def test_a_refusal_with_another_code_is_none() -> None:
    for code, happened in ((REFUSAL, True), (603, False)):
        told = story((ALICE, {"event": "SCSessionDidFail", "originator": "remote", "code": code}))
        checks = {check.what: check.happened for check in judge(told, {"refused": "c"}, [], 0).checks}
        assert checks["bob refused the second call"] is happened
