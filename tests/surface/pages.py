"""The pages that people read: their prose, their snippets and their commands."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
GUIDES = [page for page in PAGES if page.name not in ("states.md", "corner-cases.md")]
"""Those that nobody generates."""

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_TAG = re.compile(r"[^\w\- ]")


def name(page: Path) -> str:
    """Return what a page is called in the report of a test."""
    return page.name


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return _BLOCK.sub("", page.read_text(encoding="utf-8"))


def snippets(page: Path) -> list[ast.Module]:
    """Return what a page shows of Python."""
    return [ast.parse(text) for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")) if kind == "python"]


def commands(page: Path) -> Iterator[str]:
    """Name the lines that a page has people type, without what is said about them."""
    for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in text.splitlines() if not kind else ():
            yield re.split(r"\s+# |;", line)[0]


def code(page: Path) -> list[str]:
    """Return what stands between backticks in the prose."""
    return [" ".join(text.split()) for text in _CODE.findall(prose(page))]


def anchors(page: Path) -> set[str]:
    """Return the names of the headings, as links to them spell them."""
    heads = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {_TAG.sub("", head.lower()).replace(" ", "-") for head in heads}
