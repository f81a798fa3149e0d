"""The catalogue has everything once, and names only tests that there are."""

from __future__ import annotations

import ast
import functools
import importlib.util
from pathlib import Path

import pytest

from tests.corner_cases.catalogue import CHAPTERS

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docs" / "corner_cases.py"


@functools.cache
def names_in(path):
    """Return the names of the tests of a file, by its syntax alone; None without it."""
    file = ROOT / path
    if not file.is_file():
        return None
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.title)
def test_each_number_is_there_once(chapter):
    assert tuple(each.number for each in chapter.entries) == chapter.numbers


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.title)
def test_each_test_that_is_named_exists(chapter):
    missing = []
    for entry in chapter.entries:
        for test in entry.tests:
            path, _, name = test.partition("::")
            if name not in (names_in(path) or ()):
                missing.append(f"{entry.number}: {test}")
    assert missing == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.title)
def test_what_no_test_proves_says_why(chapter):
    assert [each.number for each in chapter.entries if not each.rule or not (each.tests or each.remark)] == []
    for each in chapter.entries:
        assert len(set(each.tests)) == len(each.tests), each.number


def test_every_test_of_a_corner_case_is_in_the_catalogue():
    named = {test for chapter in CHAPTERS for entry in chapter.entries for test in entry.tests}
    for file in Path(__file__).parent.glob("test_*.py"):
        path = str(file.relative_to(ROOT))
        if file != Path(__file__):
            assert {f"{path}::{name}" for name in names_in(path)} - named <= OF_THE_TESTS


OF_THE_TESTS = {"tests/corner_cases/test_what_is_told.py::test_the_page_names_attributes"}
"""What shows that another test can fail."""


def test_the_page_is_that_of_the_catalogue():
    spec = importlib.util.spec_from_file_location("docs_corner_cases", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text(encoding="utf-8") == script.page(), "run: python docs/corner_cases.py"
