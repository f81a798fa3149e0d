"""MSRP as bytes: reading chunks from a stream, and what is wrong with each by the grammar. RFC 4975 section 9."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_HEAD = 64 * 1024

_START = re.compile(rb"MSRP ([^ \r\n]{1,64}) ([^\r\n]*)\r\n")
_HEAD_END = re.compile(rb"\r\n(?:\r\n|-------)")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-+%=]{3,31}")
_FIRST = re.compile(r"(?:[A-Z]+|[0-9]{3}(?: .*)?)")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~\-]*: .*")
_PATH = re.compile(r"msrps?://[^ ;]+;[A-Za-z0-9]+[^ ]*(?: msrps?://[^ ;]+;[A-Za-z0-9]+[^ ]*)*", re.IGNORECASE)
_RANGE = re.compile(r"([0-9]+)-([0-9]+|\*)/([0-9]+|\*)")


class NotMSRP(Exception):
    """The peer's bytes cannot be cut into chunks."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One request or response.

    Attributes:
        start: What follows the transaction id in the first line: a method, or a code and a comment.
        lines: The header lines as they came.
    """

    transaction_id: str
    start: str
    lines: tuple[str, ...]
    body: bytes | None = field(repr=False)
    flag: str

    @property
    def code(self) -> int:
        """Of a response, else 0."""
        return int(self.start[:3]) if self.start[:3].isdigit() else 0

    @property
    def method(self) -> str:
        """Of a request, else empty."""
        return "" if self.code else self.start

    def get(self, name: str) -> str:
        """The value of a header, empty without it."""
        prefix = f"{name.lower()}:"
        return next((line[len(prefix) :].strip() for line in self.lines if line.lower().startswith(prefix)), "")

    @property
    def byte_range(self) -> tuple[int, int | None]:
        """First and last byte; (1, None) without a header that can be read."""
        found = _RANGE.fullmatch(self.get("Byte-Range"))
        return (int(found[1]), None if found[2] == "*" else int(found[2])) if found else (1, None)

    @property
    def status(self) -> int:
        """The code in the Status of a REPORT, 0 without one."""
        found = re.match(r"000 ([0-9]{3})", self.get("Status"))
        return int(found[1]) if found else 0

    def __str__(self) -> str:
        return f"MSRP {self.transaction_id} {self.start}" + (f" Status: {self.get('Status')}" if self.status else "")


class Reader:
    """Cuts a stream into chunks."""

    def __init__(self) -> None:
        self._held = b""
        self._scanned = 0

    def feed(self, data: bytes) -> list[Chunk]:
        """Take bytes; return the chunks that they completed.

        Raises:
            NotMSRP: They cannot be cut.
        """
        self._held += data
        chunks = []
        while chunk := self._next():
            chunks.append(chunk)
        return chunks

    def _next(self) -> Chunk | None:
        head_end = _HEAD_END.search(self._held)
        if head_end is None:
            if len(self._held) > MAX_HEAD or not b"MSRP ".startswith(self._held[:5]):
                raise NotMSRP(f"not the beginning of a chunk: {self._held[:60]!r}")
            return None
        start = _START.match(self._held)
        if start is None:
            raise NotMSRP(f"not a start line: {self._held[:60]!r}")
        end_line = re.compile(rb"\r\n-------" + re.escape(start[1]) + rb"([$+#])\r\n")
        end = end_line.search(self._held, max(head_end.start(), self._scanned - 64))
        if end is None:
            self._scanned = len(self._held)
            return None
        has_body = head_end.group().endswith(b"\r\n\r\n")
        body = self._held[head_end.end() : end.start()] if has_body else None
        head = self._held[start.end() : head_end.start()].decode("utf-8", "replace")
        self._held, self._scanned = self._held[end.end() :], 0
        lines = tuple(head.split("\r\n"))
        return Chunk(
            start[1].decode("ascii", "replace"), start[2].decode("utf-8", "replace"), lines, body, end[1].decode()
        )


def faults(chunk: Chunk) -> list[str]:
    """What in a chunk is against the grammar."""
    found = []
    if not _IDENTIFIER.fullmatch(chunk.transaction_id):
        found.append(f"transaction id {chunk.transaction_id!r}")
    if not _FIRST.fullmatch(chunk.start):
        found.append(f"start line {chunk.start!r}")
    found += [f"header line {line!r}" for line in chunk.lines if not _HEADER.fullmatch(line)]
    names = [line.partition(":")[0] for line in chunk.lines]
    if names[:2] != ["To-Path", "From-Path"]:
        found.append(f"headers do not begin with To-Path and From-Path: {names}")
    found += [f"{name} twice" for name in sorted(set(names)) if names.count(name) > 1]
    found += [
        f"{name} {chunk.get(name)!r}" for name in ("To-Path", "From-Path") if not _PATH.fullmatch(chunk.get(name))
    ]
    return found + (_request_faults(chunk, names) if chunk.method else [])


def _request_faults(chunk: Chunk, names: list[str]) -> list[str]:
    found = []
    if chunk.method in ("SEND", "REPORT") and not _IDENTIFIER.fullmatch(chunk.get("Message-ID")):
        found.append(f"Message-ID {chunk.get('Message-ID')!r}")
    if "Byte-Range" in names and not _RANGE.fullmatch(chunk.get("Byte-Range")):
        found.append(f"Byte-Range {chunk.get('Byte-Range')!r}")
    if chunk.method == "REPORT" and not chunk.status:
        found.append(f"Status {chunk.get('Status')!r}")
    if chunk.get("Success-Report") not in ("", "yes", "no"):
        found.append(f"Success-Report {chunk.get('Success-Report')!r}")
    if chunk.get("Failure-Report") not in ("", "yes", "no", "partial"):
        found.append(f"Failure-Report {chunk.get('Failure-Report')!r}")
    if chunk.body is not None and "Content-Type" not in names:
        found.append("a body without Content-Type")
    if chunk.body is not None and names[-1] != "Content-Type":
        found.append("Content-Type is not the last header")
    return found
