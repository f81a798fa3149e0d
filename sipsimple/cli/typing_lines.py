"""What a user types, line by line, while everything else goes on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gevent.socket import wait_read

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK_BYTES = 65536


def typed_lines(descriptor: int) -> Iterator[str]:
    """Give the lines of a terminal, a pipe or a file; waits on the hub, and leaves the descriptor blocking."""
    unread = b""
    while True:
        wait_read(descriptor)
        data = os.read(descriptor, CHUNK_BYTES)
        *lines, unread = (unread + data).split(b"\n")
        if not data and unread:
            lines.append(unread)
        yield from (line.decode("utf-8", "replace") for line in lines)
        if not data:
            return
