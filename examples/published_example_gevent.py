"""The published example, unchanged, inside a gevent server: everything is patched and one hub serves all.

    python published_example_gevent.py sip:alice@example.com p4ssw0rd sip:bob@192.0.2.1 192.0.2.1:5060

`input()` would hold up the hub, so here it waits in a thread of the hub's pool while greenlets go on.
"""

from gevent import monkey

monkey.patch_all()

import builtins  # noqa: E402
import runpy  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402

blocking_input = input


def cooperative_input(prompt=""):
    return gevent.get_hub().threadpool.apply(blocking_input, (prompt,))


if __name__ == "__main__":
    builtins.input = cooperative_input
    runpy.run_path(str(Path(__file__).with_name("published_example.py")), run_name="__main__")
