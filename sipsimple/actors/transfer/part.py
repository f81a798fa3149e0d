"""A file on the disk that is received. Every method but the properties waits for the disk: they run off the hub.

What has come is kept in `NAME.TAG.part`, where the tag is the beginning of the file's hash: so an attempt that was cut,
by whatever it was, even the end of the process, is found by the next one, and its size says where to go on. The file
gets its own name only when size and hash are right.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sipsimple.actors.transfer.exclusive_file import close_alone, open_alone
from sipsimple.actors.transfer.source import SLICE_BYTES
from sipsimple.actors.transfer.unwritten import RUN_BYTES, Unwritten
from sipsimple.protocols.msrp.ranges import Ranges, beginning, merged
from sipsimple.protocols.sdp.file_name import numbered, safe_name
from sipsimple.protocols.sdp.file_selector import SHA256, FileSelector
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable

JOB_BYTES = 2 * RUN_BYTES
"""So much is worth a job: to wake a thread takes longer than to write 64 KiB."""

RUNS_OF_A_JOB = 16
"""Then other files get the thread, as there are more files than threads."""

MOST_NAMES = 10_000
MOST_ATTEMPTS = 100  # of the same file at once
_CLAIM = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_HASHLIB = {"sha-1": "sha1", "sha-256": "sha256"}


class WrongFileError(Exception):
    """What came is not the file that was announced."""


class PartFile:
    """One file to receive: written and hashed by whichever incarnation of the actor there is.

    Attributes:
        directory: Where it goes.
        selector: What is known of it.
        path: Where it is: the part, in the end the file.
        held: Bytes that an earlier attempt left.
        pending: What the core asked to be written and is not written yet.
        is_whole: Everything has come: it is to be checked.
    """

    def __init__(self, directory: str | os.PathLike[str], selector: FileSelector) -> None:
        self.directory = Path(directory)
        self.selector = selector
        self.path: Path | None = None
        self.held = 0
        self.pending = Unwritten()
        self.is_whole = False
        self.is_placed = False
        self._descriptor: int | None = None
        self._ranges: Ranges = ()
        self._hashed = 0
        self._algorithm = (selector.strongest or (SHA256, b""))[0]
        self._hash = hashlib.new(_HASHLIB[self._algorithm], usedforsecurity=False)
        self._is_tagged = selector.strongest is not None
        self._lock = threading.Lock()  # a job may outlive the incarnation that waited for it

    @property
    def has_to_catch_up(self) -> bool:
        """Whether bytes are there, without a gap before them, that were not hashed."""
        return self._hashed < beginning(self._ranges)

    @property
    def is_resumable(self) -> bool:
        """Whether another attempt would find the part by its name."""
        return self._is_tagged

    def learn(self, selector: FileSelector) -> None:
        """Take what the peer's answer says and was not known.

        Raises:
            WrongFileError: It is about another file.
        """
        contradiction = self.selector.contradiction(selector)
        if contradiction is not None:
            raise WrongFileError(contradiction)
        mine = self.selector
        self.selector = replace(
            mine,
            name=mine.name or selector.name,
            type=mine.type or selector.type,
            size=selector.size if mine.size is None else mine.size,
            hashes=mine.hashes or selector.hashes,
        )
        if not mine.hashes and self.selector.strongest is not None:
            self._algorithm = self.selector.strongest[0]
            self._hash = hashlib.new(_HASHLIB[self._algorithm], usedforsecurity=False)
            self._hashed = 0
            self._tag()

    def _tag(self) -> None:
        """Give the part the name by which another attempt, which knows the hash then, will find it."""
        path = self.directory / f"{safe_name(self.selector.name)}.{_tag_of(self.selector)}.part"
        with self._lock:
            if self.path is not None and self._descriptor is not None and not path.exists():
                self.path.rename(path)
                self.path, self._is_tagged = path, True

    def prepare(self) -> bool:
        """Open the largest part that an earlier attempt left, or a new one; it is locked for as long as it is open.

        Raises:
            OSError: It cannot be written.
        """
        with self._lock:
            if self._descriptor is None:
                self._open()
        return True

    def _open(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        tag = _tag_of(self.selector) or secrets.token_hex(4)
        name = safe_name(self.selector.name)
        numbers = ("", *(f"-{number}" for number in range(1, MOST_ATTEMPTS)))
        paths = [self.directory / f"{name}.{tag}{number}.part" for number in numbers]
        for path in sorted(paths, key=_held_by, reverse=True):  # of equals the first one stays the first
            descriptor = open_alone(path)
            if descriptor is not None:
                self._take(path, descriptor)
                return
        raise OSError(f"the same file is received {MOST_ATTEMPTS} times at once: {name}")

    def _take(self, path: Path, descriptor: int) -> None:
        self.path, self._descriptor = path, descriptor
        held = os.fstat(descriptor).st_size
        if self.selector.size is not None and held > self.selector.size:
            os.ftruncate(descriptor, 0)
            held = 0
        self.held = held
        self._ranges = ((1, held),) if held else ()

    def write_runs(self, tell: Callable[[int], object]) -> None:
        """Write a run, and then one after the other as long as whole ones wait; `tell` how much each was.

        Raises:
            OSError: It cannot be written: the disk is full.
        """
        for _ in range(RUNS_OF_A_JOB):
            tell(self.write_pending(RUN_BYTES))
            if self.pending.size < RUN_BYTES:
                return

    def write_pending(self, most: int | None = None) -> int:
        """Write what waits, in order, and return how much; what comes in order is hashed on its way.

        Args:
            most: Bytes after which the rest may wait; None for all.

        Raises:
            OSError: It cannot be written: the disk is full.
        """
        written = 0
        with self._lock:
            while self.pending and (most is None or written < most):
                offset, run = self.pending.next_run()
                self._write(offset, run)
                written += self.pending.drop(run)
        return written

    def _write(self, offset: int, run: list[bytes]) -> None:
        descriptor = self._opened()
        data = memoryview(b"".join(run) if len(run) > 1 else run[0])
        written = 0
        while written < len(data):
            written += os.pwrite(descriptor, data[written:], offset + written)
        if offset == self._hashed:
            self._hash.update(data)
            self._hashed += len(data)
        self._ranges = merged(self._ranges, offset + 1, offset + len(data))

    def hash_some(self) -> bool:
        """Hash some more of what is there already; tell whether there is still more."""
        with self._lock:
            left = beginning(self._ranges) - self._hashed
            if left > 0:
                data = os.pread(self._opened(), min(SLICE_BYTES, left), self._hashed)
                if not data:
                    raise OSError(f"the file has become shorter: {self.path}")
                self._hash.update(data)
                self._hashed += len(data)
            return self.has_to_catch_up

    def place(self, size: int) -> Path:
        """Check the file and give it its own name, or one with a number where that is taken.

        Raises:
            WrongFileError: Size or hash is not what was announced; what there is of it is deleted.
            OSError: It cannot be renamed.
        """
        with self._lock:
            if not self.is_placed:
                self._check(size)
                self._rename()
            self._close()
            assert self.path is not None
            return self.path

    def _check(self, size: int) -> None:
        strongest = self.selector.strongest
        if beginning(self._ranges) != size or self.selector.size not in (None, size):
            raise WrongFileError(f"the file has {beginning(self._ranges)} of {size} bytes")
        os.ftruncate(self._opened(), size)
        if strongest is not None and self._hash.digest() != strongest[1]:
            assert self.path is not None
            self.path.unlink(missing_ok=True)
            self._close()
            raise WrongFileError(f"the {self._algorithm} hash is not the one that was announced")

    def _rename(self) -> None:
        assert self.path is not None
        name = safe_name(self.selector.name)
        for number in range(MOST_NAMES):
            path = self.directory / numbered(name, number)
            try:
                os.close(os.open(path, _CLAIM, 0o666))
            except FileExistsError:
                continue
            try:
                self.path.replace(path)
            except OSError:
                path.unlink(missing_ok=True)  # nobody is to take the claim for the file
                raise
            self.path, self.is_placed = path, True
            return
        raise OSError(f"{MOST_NAMES} files have this name: {name}")

    def digests(self) -> dict[str, bytes]:
        """The hash that was made, by its algorithm, once all was hashed."""
        return {self._algorithm: self._hash.digest()}

    def close(self) -> None:
        """Let go of it; what another attempt can go on from stays, up to the first gap."""
        with self._lock:
            if self._descriptor is None or self.path is None:
                return
            held = beginning(self._ranges)
            is_too_long = self.selector.size is not None and held > self.selector.size  # so it is of another file
            if held and self.is_resumable and not is_too_long:
                os.ftruncate(self._descriptor, held)
            else:
                self.path.unlink(missing_ok=True)
            self._close()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            close_alone(descriptor)

    def _opened(self) -> int:
        if self._descriptor is None:
            raise OSError(f"the file is closed: {self.path}")
        return self._descriptor


def _held_by(path: Path) -> int:
    """How many bytes an earlier attempt left there."""
    try:
        return path.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return 0


def _tag_of(selector: FileSelector) -> str | None:
    """What of the hash stands in the name of a part; None when no hash is known."""
    strongest = selector.strongest
    return None if strongest is None else strongest[1].hex()[:8]
