"""The program `sipsimple`; it needs what the extra `cli` brings."""

from __future__ import annotations

import sys

from sipsimple.cli.refusal import EXIT_STATUS

EXTRA = frozenset({"pydantic", "pydantic_settings", "rich", "typer"})


def main() -> None:
    """Run a command; without the extra say how to get it, and exit with status 2."""
    try:
        from sipsimple.cli.commands import run

        run()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        sys.stderr.write('the command line needs its extra: pip install "sipsimple-gevent[cli]"\n')
        sys.exit(EXIT_STATUS)


if __name__ == "__main__":
    main()
