"""What `tests/lanes.py` says of the tests names tests that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import lanes

TESTS = Path(__file__).parents[1]
PATHS = [path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")]


@pytest.mark.parametrize(("kind", "word"), [(kind, word) for kind, words in lanes.SOUND.items() for word in words])
def test_every_word_of_a_kind_of_sound_is_in_the_path_of_some_test_of_it(kind, word):
    assert any(word in path and lanes.lane(f"tests/{path}::test_it") == kind for path in PATHS)


@pytest.mark.parametrize("folder", lanes.WAITING)
def test_every_folder_that_waits_has_tests(folder):
    assert any(path.startswith(f"{folder}/") for path in PATHS)


def test_what_listens_begins_first_and_what_computes_last():
    ids = [f"tests/{path}::test_it" for path in ("sip/test_uri.py", "cli/test_send.py", "media/test_wav.py")]
    assert [lanes.rank(each) for each in ids] == [2, 1, 0]
    assert lanes.lane(ids[0]) == "sip/test_uri.py"
