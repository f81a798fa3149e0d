"""Without what the extra `cli` brings, the program says how to get it."""

from __future__ import annotations

import subprocess
import sys

import pytest

BLOCKED = """
import runpy, sys
sys.modules[{package!r}] = None
sys.argv = ["sipsimple", {argument!r}]
{run}
"""

WAYS = {
    "the script": "from sipsimple.cli.__main__ import main; main()",
    "the module": "runpy.run_module('sipsimple.cli', run_name='__main__', alter_sys=True)",
}


def without(package: str, way: str, argument: str) -> subprocess.CompletedProcess[str]:
    """Run the program where `package` cannot be imported."""
    program = BLOCKED.format(package=package, argument=argument, run=WAYS[way])
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("package", "argument"), [("typer", "--help"), ("rich", "demo")])
def test_a_missing_extra_is_one_line_on_stderr_and_status_2(package: str, argument: str, way: str) -> None:
    done = without(package, way, argument)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert 'pip install "sipsimple-gevent[cli]"' in done.stderr


def test_another_missing_module_is_a_fault_and_shown_as_one() -> None:
    done = without("immutables", "the script", "demo")
    assert done.returncode == 1
    assert "immutables" in done.stderr
