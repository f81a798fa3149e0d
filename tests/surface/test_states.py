"""The page about the states of a call says what the table says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "docs" / "states.py"


def test_the_page_of_the_states_is_that_of_the_table():
    spec = importlib.util.spec_from_file_location("docs_states", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    states = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(states)
    assert states.PAGE.read_text(encoding="utf-8") == states.page(), "run: python docs/states.py"
