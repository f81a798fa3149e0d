"""Run the benchmarks, each in a process of its own, and pass on their figures.

A figure is one JSON line on stdout: name, value, unit, bound, ratio, goal, holds.
Figures are reported, not asserted: the exit status is 0 even when a goal is
missed, and 1 only when a benchmark could not be run to its end.

Usage: python bench/run.py [NAME ...]
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FIRST = ("actors", "parse", "notify", "calls", "msrp", "memory")


def benches() -> list[str]:
    """Name what can be run: the known ones in reading order, then the others."""
    present = {path.stem for path in HERE.glob("*.py") if "__main__" in path.read_text(encoding="utf-8")} - {"run"}
    return [name for name in FIRST if name in present] + sorted(present.difference(FIRST))


def run(name: str) -> bool:
    """Run one benchmark; whatever it prints that is no figure goes to stderr."""
    print(f"bench {name}", file=sys.stderr, flush=True)
    command = [sys.executable, str(HERE / f"{name}.py")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True, file=sys.stdout if is_figure(line) else sys.stderr)
    if process.returncode:
        print(f"bench {name}: exits with {process.returncode}", file=sys.stderr)
    return process.returncode == 0


def is_figure(line: str) -> bool:
    """Tell a JSON object from chatter."""
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all."""
    known = benches()
    if unknown := [name for name in names if name not in known]:
        print(f"no such bench: {' '.join(unknown)}; there are: {' '.join(known)}", file=sys.stderr)
        return 2
    failed = [name for name in names or known if not run(name)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
