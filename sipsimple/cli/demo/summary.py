"""The verdict as a table for people, and as one JSON object for programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sipsimple.cli.demo.check import Check
    from sipsimple.cli.demo.verdict import Verdict


MEASURED = {
    "setup_ms": "call setup {} ms",
    "delivery_ms": "message and report {} ms",
    "media_recovery_ms": "audio back {} ms after its worker was killed",
    "file_rate_mib_s": "the file at {} MiB/s",
}
"""In words, those that there are: without audio none is lost."""


def print_table(verdict: Verdict, duration_ms: float, sip_messages: int) -> None:
    """Show what happened and the figures in colour."""
    table = Table("what", "happened", "detail", title="summary", title_justify="left", title_style="bold")
    for check in verdict.checks:
        table.add_row(check.what, _mark(check), Text(check.detail))
    figures = verdict.figures
    console = Console(highlight=False)
    console.print()
    console.print(table)
    measured = [text.format(figures[name]) for name, text in MEASURED.items() if figures[name] is not None]
    console.print(", ".join([*measured, f"{sip_messages} SIP messages", f"{duration_ms / 1000:.1f} s in all"]))
    console.print(
        Text("all of it happened", "bold green") if verdict.ok else Text("not all of it happened", "bold red")
    )


def print_json(verdict: Verdict, duration_ms: float, sip_messages: int) -> None:
    """Print one object."""
    told = {
        "ok": verdict.ok,
        **verdict.figures,
        "sip_messages": sip_messages,
        "duration_ms": duration_ms,
        "checks": [
            {"what": check.what, "happened": check.happened, "detail": check.detail} for check in verdict.checks
        ],
    }
    sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    sys.stdout.buffer.flush()


def _mark(check: Check) -> Text:
    return Text("yes", "green") if check.happened else Text("no", "bold red")
