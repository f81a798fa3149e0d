"""What the program says of itself."""

from __future__ import annotations

import pytest

from sipsimple.cli.commands import ORDER, app
from sipsimple.version import __version__
from tests.cli.running import outcome

pytestmark = pytest.mark.slow


def test_every_command_has_its_place_in_the_help() -> None:
    assert [command.name for command in app.registered_commands] == list(ORDER)
    status, told, errors = outcome("--help")
    listed = [word for line in told.splitlines() if (word := line.strip("│| ").partition(" ")[0]) in ORDER]
    assert (status, errors, listed) == (0, "", list(ORDER))


def test_the_version_is_one_line() -> None:
    assert outcome("--version") == (0, f"sipsimple {__version__}\n", "")


def test_without_a_command_the_help_is_shown() -> None:
    status, told, _ = outcome()
    assert (status, "listen" in told) == (2, True)
