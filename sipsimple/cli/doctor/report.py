"""Findings for people, as a table, and for programs, as lines of JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sipsimple.cli.doctor.finding import Finding, Verdict
from sipsimple.cli.events import JSONLines, plain
from sipsimple.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

STYLES = {
    Verdict.OK: "green",
    Verdict.WARNING: "yellow",
    Verdict.WRONG: "bold red",
    Verdict.SKIPPED: "dim",
}


def is_sound(findings: Iterable[Finding]) -> bool:
    """Tell whether nothing is wrong; warnings may be."""
    return all(each.verdict is not Verdict.WRONG for each in findings)


class Screen:
    """Shows each finding as a row, as soon as it is there."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._check = ""
        self._count: Counter[Verdict] = Counter()

    def tell(self, finding: Finding) -> None:
        """Show one."""
        self._count[finding.verdict] += 1
        self._console.print(self._row(finding))

    def _row(self, finding: Finding) -> Table:
        """Return a table of one row: the next one, of the same widths, goes on where it ends."""
        name = finding.check if finding.check != self._check else ""
        self._check = finding.check
        row = Table.grid(padding=(0, 1))
        row.add_column(width=13)
        row.add_column(width=7)
        row.add_column()
        text = Text(printable(finding.what))
        if finding.advice:
            text.append(f"\n{printable(finding.advice)}", "italic")
        row.add_row(Text(name, "bold"), Text(finding.verdict.value, STYLES[finding.verdict]), text)
        return row

    def close(self) -> None:
        """Sum up."""
        wrong = self._count[Verdict.WRONG]
        summary = f"wrong: {wrong}" if wrong else "nothing is wrong"
        self._console.print(Text(f"{summary}; warnings: {self._count[Verdict.WARNING]}", "bold"))


class Lines:
    """Prints each finding as one line of JSON.

    Args:
        closed: Called when nobody reads them any more.
    """

    def __init__(self, closed: Callable[[], object]) -> None:
        self._lines = JSONLines(closed)

    def tell(self, finding: Finding) -> None:
        """Print one."""
        self._lines.write({name: plain(value) for name, value in asdict(finding).items()})

    def close(self) -> None:
        """Nothing is left to say."""
