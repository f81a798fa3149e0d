"""Whether there can be audio at all, told without loading any of it into the engine."""

from __future__ import annotations

import socket
from importlib.util import find_spec

NEEDED = {"pjsua2": "pjsua2-python", "msgspec": "msgspec"}


def is_available() -> str | None:
    """Return None when there can be audio, else the reason why there is none."""
    for module, distribution in NEEDED.items():
        if find_spec(module) is None:
            return (
                f"audio needs {distribution}: pip install 'sipsimple-gevent[audio]' "
                "(pjsua2-python has wheels for Python 3.8 to 3.12)"
            )
    if not hasattr(socket, "AF_UNIX"):
        return "audio needs Unix sockets, which this system does not have"
    return None
