"""Making the name of a peer's file harmless: the last part of it only, and nothing that a file system trips over."""

from __future__ import annotations

import re

NAME_BYTES = 200
"""Most bytes of a name; file systems take 255, and ours grow by a number or a suffix."""

UNNAMED = "file"

_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_LONGEST_EXTENSION = 16


def safe_name(name: str | None) -> str:
    """Return a name that stays in its directory, is not hidden, and is valid UTF-8 of at most `NAME_BYTES`.

    What is taken from the peer is the last part of a path of either kind of slash; control characters, and those that
    turn the direction of text, become underscores.
    """
    plain = (name or "").encode("utf-8", "replace").decode("utf-8").replace("\\", "/")
    last = plain.rstrip("/ .").rpartition("/")[2]
    clean = _UNSAFE.sub("_", last).strip(" .")
    return _shortened(clean) if clean else UNNAMED


def numbered(name: str, number: int) -> str:
    """The name for the copy of this number: `name`, `name.1`, `name.2`."""
    return f"{name}.{number}" if number else name


def _shortened(name: str) -> str:
    """Cut a long name in its middle, so that its extension stays."""
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = dot + extension if stem and len(extension) <= _LONGEST_EXTENSION else ""
    room = NAME_BYTES - len(tail.encode())
    return (stem if tail else name).encode()[:room].decode("utf-8", "ignore") + tail
