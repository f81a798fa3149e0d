"""The `;name=value` parameters that header fields share (RFC 3261 §7.3.1, generic-param in §25.1).

Names are case-insensitive and are kept in lower case. Values are kept as they
stand in the text, quoted strings with their quotes, so that what is written
is what was read.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import unquote

Parameters: TypeAlias = tuple[tuple[str, str | None], ...]

MAX_PARAMETERS = 64

_PARAMETER = re.compile(
    r";[ \t]*+([A-Za-z0-9\-.!%*_+`'~]++)[ \t]*+"
    r'(?:=[ \t]*+("(?:[^"\\\r\n]++|\\[^\r\n])*+"|[^\x00-\x20\x7f";,<>]*+)[ \t]*+)?',
    re.DOTALL,
)


class Parameterized:
    """What has parameters: `parameters` is a tuple of (lower-case name, value or None)."""

    __slots__ = ()

    parameters: Parameters

    def parameter(self, name: str) -> str | None:
        """Return the value of `name`, unquoted; "" when it has none, None when it is absent."""
        for each, value in self.parameters:
            if each == name:
                if not value:
                    return ""
                return unquote(value) if value[0] == '"' else value
        return None


def parse_parameters(text: str) -> Parameters:
    """Read a run of parameters, which is empty or begins with `;`."""
    if not text:
        return ()
    found: list[tuple[str, str | None]] = []
    end, position = len(text), 0
    for _ in range(MAX_PARAMETERS):
        match = _PARAMETER.match(text, position)
        if match is None:
            raise RemoteProtocolError(f"malformed parameter: {text[position : position + 80]!r}")
        name, value = match.groups()
        found.append((name.lower(), value or None))
        position = match.end()
        if position == end:
            return tuple(found)
    raise RemoteProtocolError(f"more than {MAX_PARAMETERS} parameters")


def format_parameters(parameters: Parameters) -> str:
    """Return the text of `parameters`, each with its leading `;`."""
    if not parameters:
        return ""
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in parameters])


def with_parameter(parameters: Parameters, name: str, value: str | None) -> Parameters:
    """Return `parameters` with `name` set to `value`, in its old place or at the end."""
    if all(each != name for each, _ in parameters):
        return (*parameters, (name, value))
    return tuple([(each, value if each == name else old) for each, old in parameters])
