"""The figures of the demonstration, taken from the events of both sides."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from sipsimple.cli.demo.story import ALICE, BOB, CALLS, SIDES, Story, moment

if TYPE_CHECKING:
    from sipsimple.cli.events import Event


def states(story: Story, calls: dict[str, str]) -> dict[str, dict[str, list[str]]]:
    """List the states of each call on each side."""
    return {name: {side: story.states(side, calls[name]) if name in calls else [] for side in SIDES} for name in CALLS}


def chat_figures(story: Story, call_id: str) -> dict[str, Any]:
    """Measure the chat call.

    Returns:
        setup_ms: from connect() to SCSessionDidStart at alice
        delivery_ms: from send_message() to SCSessionDidDeliverMessage at alice, the median
        messages, reports: how many each side got
        tls, cpim: whether all of the messages used it
    """
    got = {side: list(story.events(side, "SCSessionGotMessage", call_id=call_id)) for side in SIDES}
    everything = got[ALICE] + got[BOB]
    return {
        "setup_ms": _setup_ms(story, call_id),
        "delivery_ms": _delivery_ms(story, call_id, got[BOB]),
        "messages": {side: len(got[side]) for side in SIDES},
        "reports": {side: story.count(side, "SCSessionDidDeliverMessage", call_id=call_id, code=200) for side in SIDES},
        "tls": bool(everything) and all(event["message"]["tls"] for event in everything),
        "cpim": bool(everything) and all(event["cpim_headers"] for event in everything),
    }


def _setup_ms(story: Story, call_id: str) -> float | None:
    begun = [moment(event) for event in story.events(ALICE, "SCSessionNewOutgoing", call_id=call_id)]
    started = [moment(event) for event in story.events(ALICE, "SCSessionDidStart", call_id=call_id)]
    return _milliseconds(started[0] - begun[0]) if begun and started else None


def _delivery_ms(story: Story, call_id: str, got: list[Event]) -> float | None:
    """Take the time of sending from the DateTime that alice put into the CPIM wrapper."""
    sent = {each["message"]["message_id"]: each["cpim_headers"].get("DateTime") for each in got}
    spans = [
        _milliseconds(moment(event) - datetime.fromisoformat(when))
        for event in story.events(ALICE, "SCSessionDidDeliverMessage", call_id=call_id)
        if (when := sent.get(event["message_id"])) is not None
    ]
    return round(median(spans), 2) if spans else None


def _milliseconds(span: timedelta) -> float:
    return round(span / timedelta(milliseconds=1), 2)
