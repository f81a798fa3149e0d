"""Write docs/corner-cases.md from the catalogue of the tests: run `python docs/corner_cases.py` when it has changed."""
# ruff: noqa: INP001

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the tests are no package that is installed

from tests.corner_cases.catalogue import CHAPTERS  # noqa: E402

if TYPE_CHECKING:
    from tests.corner_cases.entry import Entry

PAGE = Path(__file__).with_name("corner-cases.md")

HEAD = """\
# Corner cases, and where they are proven

Written by `python docs/corner_cases.py` from `tests/corner_cases/catalogue.py`; change the catalogue, not this page.

The library that had this API first was in daily use, and its bugs were found one by one. Each of them is a rule here,
with the tests that fail when it does not hold. Paths are below `tests/`.
"""


def page() -> str:
    """Return the whole page."""
    lines = [HEAD]
    for chapter in CHAPTERS:
        lines += [f"## {chapter.title}\n", f"{len(chapter.entries)}: {chapter.source}.\n"]
        lines += ["| | rule | proven by |", "|---|---|---|"]
        lines += [f"| {each.number} | {_rule(each)} | {_tests(each)} |" for each in chapter.entries]
        lines.append("")
    return "\n".join(lines)


def _rule(entry: Entry) -> str:
    is_name = "(" in entry.rule.partition(" ")[0]
    rule = (entry.rule if is_name else entry.rule[0].upper() + entry.rule[1:]) + "."
    return f"{rule} {entry.remark}" if entry.remark else rule


def _tests(entry: Entry) -> str:
    """Return the names, the file once for those that follow one another in it."""
    files: dict[str, list[str]] = {}
    for test in entry.tests:
        path, _, name = test.partition("::")
        files.setdefault(path.removeprefix("tests/"), []).append(f"`{name}`")
    return "<br>".join(f"`{path}`: {', '.join(names)}" for path, names in files.items()) or "no test"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
