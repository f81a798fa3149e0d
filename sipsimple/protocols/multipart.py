"""The parts of a multipart body, cut and read once, in bounded work.

RFC: 2046 5.1; 5621 3.
"""

from __future__ import annotations

import re

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.values import Value

MOST_PARTS = 32
MOST_HEADER_BYTES = 4096

_FOLD = re.compile(r"\r\n[ \t]+")


class Part(Value):
    """One part.

    Attributes:
        headers: Their values by lower-case names; of one that is repeated, the first counts.
        body: What stands between its empty line and the next boundary, undecoded.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes

    def get(self, name: str) -> str | None:
        """Return the value of a header."""
        return next((value for each, value in self.headers if each == name), None)


def parts(body: bytes, boundary: str) -> tuple[Part, ...]:
    """Cut a body into its parts; what stands before the first boundary and behind the last one is nobody's.

    Raises:
        RemoteProtocolError: 400: there is no such boundary, it has too many parts, or one cannot be read.
    """
    if not 0 < len(boundary) <= 70:  # the RFC's own bound
        raise RemoteProtocolError("multipart body without a boundary")
    delimiter = b"\r\n--" + boundary.encode("utf-8", "surrogateescape")
    _before, *pieces = (b"\r\n" + body).split(delimiter, MOST_PARTS + 1)
    found: list[Part] = []
    for piece in pieces:
        if piece.startswith(b"--"):
            return tuple(found)
        if len(found) == MOST_PARTS:
            raise RemoteProtocolError(f"multipart body of more than {MOST_PARTS} parts")
        found.append(_part(piece))
    raise RemoteProtocolError("multipart body without an end")


def _part(piece: bytes) -> Part:
    padding, line_end, rest = piece.partition(b"\r\n")
    if padding.strip(b" \t") or not line_end:
        raise RemoteProtocolError("multipart body with a malformed boundary")
    if not rest or rest.startswith(b"\r\n"):
        return Part((), rest[2:])
    head, end, content = rest.partition(b"\r\n\r\n")
    if not end and not head.endswith(b"\r\n"):
        raise RemoteProtocolError("part of a multipart body without an end of its headers")
    if len(head) > MOST_HEADER_BYTES:
        raise RemoteProtocolError("part of a multipart body with long headers")
    lines = _FOLD.sub(" ", head.removesuffix(b"\r\n").decode("utf-8", "surrogateescape")).split("\r\n")
    return Part(tuple(map(_header, lines)), content)


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise RemoteProtocolError("malformed header in a part of a multipart body")
    return name.strip().lower(), value.strip()
