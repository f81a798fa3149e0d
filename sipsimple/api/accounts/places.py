"""Where a key stands in a TOML file, so that an error can name the line."""

from __future__ import annotations

import re

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)")


def line_of(text: str, keys: tuple[str, ...]) -> int | None:
    """Return the line, from 1, of the innermost of `keys` that the file names; None when it names none of them."""
    places = _places(text)
    for length in range(len(keys), 0, -1):
        if keys[:length] in places:
            return places[keys[:length]]
    return None


def _places(text: str) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None:
            table = _parts(header[1])
            named = table
        elif key is not None:
            named = (*table, *_parts(key[1]))
        else:
            continue
        for length in range(1, len(named) + 1):
            found.setdefault(named[:length], number)
        found[named] = number
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(next(each for each in match if each) for match in _PART.findall(dotted) if any(match))
