"""A file on the disk that is sent.

Every method waits for the disk and runs off the hub, but the properties and `read_now`.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import stat
import threading
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sipsimple.protocols.msrp.state import CHUNK_BYTES
from sipsimple.protocols.sdp.file_selector import SHA1, SHA256, FileSelector, hashes_of

if TYPE_CHECKING:
    from sipsimple.protocols.msrp.transfer.outputs import Read

SLICE_BYTES = 4 * 1024 * 1024
"""So much is hashed in one go, before others get the thread and the actor its messages."""

_NO_WAIT: int | None = getattr(os, "RWF_NOWAIT", None)


class SourceFile:
    """One file to send: opened once, read and hashed by whichever incarnation of the actor there is.

    Attributes:
        path: As given.
        size: Bytes when it was opened; None before.
        modified: When it was changed last, in seconds since the epoch; None before it was opened.
        pending: What the core asked for and was not given yet.
    """

    def __init__(self, path: str | os.PathLike[str], content_type: str | None = None) -> None:
        self.path = Path(path)
        self.size: int | None = None
        self.modified: float | None = None
        self.pending: deque[Read] = deque()
        self._type = content_type
        self._descriptor: int | None = None
        self._hashed = 0
        self._hashes = {SHA1: hashlib.sha1(usedforsecurity=False), SHA256: hashlib.sha256()}
        self._lock = threading.Lock()  # a job may outlive the incarnation that waited for it

    @property
    def is_hashed(self) -> bool:
        """Whether all of it was hashed, so that `selector` is complete."""
        return self.size is not None and self._hashed == self.size

    @property
    def content_type(self) -> str:
        """Its media type, guessed from the name."""
        if self._type is None:
            self._type = mimetypes.guess_type(self.path.name)[0] or "application/octet-stream"
        return self._type

    @property
    def selector(self) -> FileSelector:
        """What tells it from other files."""
        digests = {name: each.digest() for name, each in self._hashes.items()} if self.is_hashed else {}
        return FileSelector(self.path.name, self.content_type, self.size, hashes_of(digests))

    def prepare(self) -> bool:
        """Open it, or hash some more of it; tell whether it is ready.

        Raises:
            OSError: It cannot be read, or is no file.
        """
        with self._lock:
            if self._descriptor is None:
                self._open()
            elif not self.is_hashed:
                self._hash()
            return self.is_hashed

    def _open(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for a writer
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            raise OSError(f"not a file: {self.path}")
        self._descriptor, self.size, self.modified = descriptor, found.st_size, found.st_mtime
        _ = self.content_type  # the first guess reads the tables of the system

    def _hash(self) -> None:
        data = os.pread(self._opened(), min(SLICE_BYTES, (self.size or 0) - self._hashed), self._hashed)
        if not data:
            raise OSError(f"the file has become shorter: {self.path}")
        for each in self._hashes.values():
            each.update(data)
        self._hashed += len(data)

    def read(self, offset: int, size: int) -> tuple[bytes, ...]:
        """Read from `offset` on, cut into chunks.

        In one go: each return from the system costs a turn of the interpreter, which may be busy with the hub.

        Raises:
            OSError: It cannot be read, or has become shorter.
        """
        data = os.pread(self._opened(), size, offset)
        if len(data) != size:
            raise OSError(f"the file has become shorter: {self.path}")
        return tuple(data[at : at + CHUNK_BYTES] for at in range(0, size, CHUNK_BYTES))

    def read_now(self, offset: int, size: int) -> tuple[bytes, ...] | None:
        """As `read`, of what the system has in memory: a thread that reads that costs more than the reading.

        Returns:
            None when it has to be waited for, or the file system cannot say.
        """
        if _NO_WAIT is None:
            return None
        blocks: Any = tuple([bytearray(min(CHUNK_BYTES, size - at)) for at in range(0, size, CHUNK_BYTES)])
        try:
            found = os.preadv(self._opened(), blocks, offset, _NO_WAIT)
        except OSError:  # what it cannot do now it will try again, off the hub
            return None
        return blocks if found == size else None

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
            if descriptor is not None:
                os.close(descriptor)

    def _opened(self) -> int:
        if self._descriptor is None:
            raise OSError(f"the file is closed: {self.path}")
        return self._descriptor
