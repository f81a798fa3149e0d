"""What every message between engine and worker is: a frozen value, written as an array after its name."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A message; the tag is its name."""
