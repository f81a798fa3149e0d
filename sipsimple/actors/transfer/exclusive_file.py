"""Opening a file that others may want too: who has it open is alone with it, in this process and among all others.

There are file systems without locks. On those it is alone in this process only.
"""

from __future__ import annotations

import fcntl
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW

_held: set[tuple[int, int]] = set()
_changing = threading.Lock()


def open_alone(path: Path) -> int | None:
    """Open a file, make it if there is none, and lock it until `close_alone`.

    Returns:
        Its descriptor; None when somebody else has it, or has deleted or renamed it just now.

    Raises:
        OSError: It cannot be written, or is a symbolic link.
    """
    descriptor = os.open(path, _FLAGS, 0o666)
    if not _hold(descriptor):
        os.close(descriptor)
        return None
    if _is_at(path, descriptor):
        return descriptor
    close_alone(descriptor)
    return None


def close_alone(descriptor: int) -> None:
    """Close a file, and let others have it."""
    with _changing:
        _held.discard(_identity(descriptor))
    os.close(descriptor)


def _hold(descriptor: int) -> bool:
    identity = _identity(descriptor)
    with _changing:
        if identity in _held:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            pass  # a file system without locks
        _held.add(identity)
        return True


def _identity(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the path still leads to the file: between opening and locking its owner may have been done with it."""
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False
