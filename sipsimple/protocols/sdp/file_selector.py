"""The file-selector attribute: which file a line of SDP is about. RFC 5547 section 6.

In a name only NUL, CR, LF, the double quote and the percent sign are written as `%XX`. Readers are lenient: any byte
may come escaped, a percent sign that escapes nothing is itself, and what is unknown or unreadable is skipped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SHA1 = "sha-1"
SHA256 = "sha-256"
DIGEST_BYTES = {SHA1: 20, SHA256: 32}
"""The hashes that can be checked, the weaker first."""

_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_TO_ESCAPE = re.compile(r'[\x00\r\n"%]')
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_TYPE = re.compile(r'[^\s/;"]+/[^\s/;"]+(?:;[^\s;="]+=(?:"[^"\r\n]*"|[^\s;"]+))*')
_HASH = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*):([0-9A-Fa-f:]+)")
_MOST_DIGITS = 19


class FileSelector(Value):
    """What tells one file from others; a part that is not known is None.

    Attributes:
        name: As the peer wrote it: never a path to use as it is, see `file_name.safe_name`.
        type: Media type with its parameters.
        size: Bytes.
        hashes: Pairs of algorithm (`sha-1`, `sha-256`) and upper-case hex digits with colons, in order.
    """

    name: str | None = None
    type: str | None = None
    size: int | None = None
    hashes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> FileSelector:
        """Read the value of the attribute; the first of a repeated selector counts, but for hashes."""
        found: dict[str, str] = {}
        hashes: dict[str, str] = {}
        for key, value in _selectors(text):
            if key != "hash":
                found.setdefault(key, value)
            elif read := _HASH.fullmatch(value):
                hashes.setdefault(read[1].lower(), _pairs(read[2]))
        media_type, size = found.get("type"), found.get("size", "")
        return cls(
            _unescaped(found["name"]) if "name" in found else None,
            media_type if media_type and _TYPE.fullmatch(media_type) else None,
            int(size) if size.isascii() and size.isdigit() and len(size) <= _MOST_DIGITS else None,
            tuple((name, digits) for name, digits in hashes.items() if digits),
        )

    def __str__(self) -> str:
        parts = []
        if self.name is not None:
            parts.append(f'name:"{_TO_ESCAPE.sub(lambda found: f"%{ord(found[0]):02X}", self.name)}"')
        if self.type is not None:
            if not _TYPE.fullmatch(self.type):
                raise LocalProtocolError(f"not a media type: {self.type!r}")
            parts.append(f"type:{self.type}")
        if self.size is not None:
            parts.append(f"size:{self.size}")
        return " ".join((*parts, *(f"hash:{name}:{digits}" for name, digits in self.hashes)))

    def digest(self, algorithm: str) -> bytes | None:
        """The hash of this algorithm as bytes; None when there is none, or it has another length."""
        for name, digits in self.hashes:
            if name == algorithm:
                digest = bytes.fromhex(digits.replace(":", ""))
                return digest if len(digest) == DIGEST_BYTES.get(name, -1) else None
        return None

    @property
    def strongest(self) -> tuple[str, bytes] | None:
        """The best hash that can be checked, as algorithm and bytes."""
        for algorithm in reversed(DIGEST_BYTES):
            digest = self.digest(algorithm)
            if digest is not None:
                return algorithm, digest
        return None

    def contradiction(self, other: FileSelector) -> str | None:
        """Say in what `other` is surely another file; None when it may be the same one. Names do not count."""
        if None not in (self.size, other.size) and self.size != other.size:
            return f"size is {other.size}, not {self.size}"
        for algorithm in DIGEST_BYTES:
            mine, theirs = self.digest(algorithm), other.digest(algorithm)
            if mine is not None and theirs is not None and mine != theirs:
                return f"{algorithm} is another"
        return None


def colon_hex(digest: bytes) -> str:
    """Write a hash as SDP does: `AB:CD:...`."""
    return digest.hex(":").upper()


def hashes_of(digests: Mapping[str, bytes]) -> tuple[tuple[str, str], ...]:
    """The `hashes` of a selector, from bytes by algorithm; sha-1 first, for peers that read no other."""
    return tuple((name, colon_hex(digests[name])) for name in DIGEST_BYTES if name in digests)


def _selectors(text: str) -> Iterator[tuple[str, str]]:
    """Cut into pairs of key and value; the value of `name` keeps its escapes, not its quotes."""
    at = 0
    while at < len(text):
        found = _KEY.match(text, at)
        if found is None or not text.startswith(":", found.end()):
            at = _after_space(text, at)
            continue
        key, begin = found[0].lower(), found.end() + 1
        end = _VALUE_ENDS.get(key, _word_end)(text, begin)
        value = text[begin:end]
        yield key, value.strip('"') if key == "name" else value
        at = end


def _after_space(text: str, at: int) -> int:
    end = text.find(" ", at)
    return len(text) if end < 0 else end + 1


def _word_end(text: str, begin: int) -> int:
    end = text.find(" ", begin)
    return len(text) if end < 0 else end


def _name_end(text: str, begin: int) -> int:
    """After the closing quote; some peers write no quotes at all."""
    if not text.startswith('"', begin):
        return _word_end(text, begin)
    end = text.find('"', begin + 1)
    return len(text) if end < 0 else end + 1


def _type_end(text: str, begin: int) -> int:
    found = _TYPE.match(text, begin)
    return found.end() if found else _word_end(text, begin)


_VALUE_ENDS: Mapping[str, Callable[[str, int], int]] = {"name": _name_end, "type": _type_end}


def _pairs(digits: str) -> str:
    """Upper-case pairs with colons, whether the peer wrote colons or not; nothing when they are no bytes."""
    plain = digits.replace(":", "")
    return bytes.fromhex(plain).hex(":").upper() if plain and len(plain) % 2 == 0 else ""


def _unescaped(name: str) -> str:
    if "%" not in name:
        return name
    raw = name.encode("utf-8", "surrogateescape")
    parts = raw.split(b"%")
    out = [parts[0]]
    for part in parts[1:]:
        if _ESCAPED.fullmatch("%" + part[:2].decode("latin-1")):
            out.append(bytes.fromhex(part[:2].decode()) + part[2:])
        else:
            out.append(b"%" + part)
    return b"".join(out).decode("utf-8", "surrogateescape")
