"""Opening a file that others may want too: who has it open is alone with it, in this process and among all others."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


def open_alone(path: Path) -> int | None:
    """Open a file, make it if there is none, and lock it for as long as it is open.

    Returns:
        Its descriptor; None when somebody else has it, or has deleted or renamed it just now.

    Raises:
        OSError: It cannot be written, or is a symbolic link.
    """
    descriptor = os.open(path, _FLAGS, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        pass  # a file system without locks
    if _is_at(path, descriptor):
        return descriptor
    os.close(descriptor)
    return None


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the path still leads to the file: between opening and locking its owner may have been done with it."""
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False
