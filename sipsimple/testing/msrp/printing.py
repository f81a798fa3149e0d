"""What the suite tells: a table for people, JSON for programs, an exit status for scripts."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from sipsimple.testing.msrp.case import Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.WARN: "yellow",
    Verdict.SKIP: "dim",
    Verdict.ERROR: "magenta",
}


def exit_status(results: Sequence[Result]) -> int:
    """0 when nothing that is a MUST was broken and every case had its verdict; 1 for failures, 2 for errors."""
    verdicts = {each.verdict for each in results}
    if Verdict.FAIL in verdicts:
        return 1
    return 2 if Verdict.ERROR in verdicts or not verdicts - {Verdict.SKIP} else 0


def summary(results: Sequence[Result]) -> str:
    """One line."""
    counts = Counter(each.verdict for each in results)
    return ", ".join(f"{counts[verdict]} {verdict.lower()}" for verdict in Verdict if counts[verdict])


def as_json(results: Sequence[Result]) -> str:
    """A document with every case."""
    cases: list[dict[str, Any]] = [
        {
            "id": each.case.id,
            "rule": each.case.rule,
            "level": str(each.case.level),
            "role": str(each.case.role),
            "verdict": str(each.verdict),
            "reason": each.reason,
            "seconds": round(each.seconds, 3),
        }
        for each in results
    ]
    return json.dumps({"summary": Counter(str(each.verdict) for each in results), "cases": cases}, indent=1)


def write_table(results: Sequence[Result]) -> None:
    """Print a table, a fine one where rich is installed."""
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        sys.stdout.write(plain_table(results))
        return
    table = Table("case", "level", "verdict", "rule", title=None, expand=False)
    for each in results:
        verdict = f"[{STYLES[each.verdict]}]{each.verdict}[/]"
        rule = each.case.rule + (f"\n[red]{_escaped(each.reason)}[/]" if each.reason else "")
        table.add_row(each.case.id, str(each.case.level), verdict, rule)
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(summary(results))


def plain_table(results: Sequence[Result]) -> str:
    """The table as text."""
    width = max((len(each.case.id) for each in results), default=0)
    lines = [f"{each.verdict:5}  {each.case.id:{width}}  {each.case.rule}" for each in results]
    for at in range(len(results) - 1, -1, -1):
        if results[at].reason:
            lines.insert(at + 1, f"{'':7}{results[at].reason}")
    return "\n".join([*lines, summary(results), ""])


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
