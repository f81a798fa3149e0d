"""The text of authentication headers: a scheme and its `name=value` parameters, several in one line or in many.

WWW-Authenticate, Proxy-Authenticate, Authorization, Proxy-Authorization and Authentication-Info of SIP and MSRP.
RFC 7235 section 2.1 and appendix C, RFC 3261 section 25.1, RFC 4976 section 9. Reading takes linear time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_PARAMETERS = 64
MAX_CHALLENGES = 16

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~\-]++")
_SPACE = re.compile(r"[ \t\r\n]*+")
_SEPARATOR = re.compile(r"[ \t\r\n,]*+")
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_PLAIN = re.compile(r'[^ \t\r\n,"]*+')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Authentication(Value):
    """One scheme with its parameters; names in lower case, values without quotes and escapes."""

    scheme: str
    parameters: Mapping[str, str]

    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of a parameter."""
        return self.parameters.get(name, default)

    def required(self, name: str) -> str:
        """The value of a parameter that must be there.

        Raises:
            RemoteProtocolError: It is not.
        """
        value = self.parameters.get(name)
        if value is None:
            raise RemoteProtocolError(f"{self.scheme} authentication without {name}")
        return value


def parse_all(values: Iterable[str]) -> tuple[Authentication, ...]:
    """Read every challenge of every line of one header, in order.

    Raises:
        RemoteProtocolError: One cannot be read, names a parameter twice, or there are too many.
    """
    found: list[Authentication] = []
    for value in values:
        found += _read(value, "")
        if len(found) > MAX_CHALLENGES:
            raise RemoteProtocolError(f"more than {MAX_CHALLENGES} challenges")
    return tuple(found)


def parse(value: str) -> Authentication:
    """Read one challenge or one set of credentials.

    Raises:
        RemoteProtocolError: It cannot be read, or there is not exactly one.
    """
    found = _read(value, "")
    if len(found) != 1:
        raise RemoteProtocolError(f"{len(found)} authentication schemes in a place for one")
    return found[0]


def parse_parameters(value: str) -> Mapping[str, str]:
    """Read parameters without a scheme: Authentication-Info.

    Raises:
        RemoteProtocolError: They cannot be read.
    """
    found = _read(value, "info")
    if len(found) != 1:
        raise RemoteProtocolError("a scheme among parameters")
    return found[0].parameters


def _read(text: str, scheme: str) -> list[Authentication]:
    """Read a line. With `scheme` the parameters at its beginning belong to that; else a scheme must come first."""
    found: list[Authentication] = []
    parameters: dict[str, str] = {}
    if scheme:
        found.append(Authentication(scheme, parameters))
    end, position = len(text), _skip(_SEPARATOR, text, 0)
    while position < end:
        word = _TOKEN.match(text, position)
        if word is None:
            raise RemoteProtocolError(f"malformed authentication: {text[position : position + 40]!r}")
        after = _skip(_SPACE, text, word.end())
        if text[after : after + 1] == "=":
            if not found or len(parameters) >= MAX_PARAMETERS:
                raise RemoteProtocolError("authentication parameters without a scheme, or too many")
            value, position = _value(text, _skip(_SPACE, text, after + 1))
            _add(parameters, word[0].lower(), value)
        else:
            parameters = {}
            found.append(Authentication(word[0].lower(), parameters))
            if len(found) > MAX_CHALLENGES:
                raise RemoteProtocolError(f"more than {MAX_CHALLENGES} challenges")
            position = after
        position = _skip(_SEPARATOR, text, position)
    return found


def _skip(what: re.Pattern[str], text: str, position: int) -> int:
    found = what.match(text, position)
    return found.end() if found else position


def _value(text: str, position: int) -> tuple[str, int]:
    if text[position : position + 1] != '"':
        plain = _PLAIN.match(text, position)
        return (plain[0], plain.end()) if plain else ("", position)
    quoted = _QUOTED.match(text, position)
    if quoted is None:
        raise RemoteProtocolError("a quoted string is never closed")
    inside = quoted[1]
    return _ESCAPED.sub(r"\1", inside) if "\\" in inside else inside, quoted.end()


def _add(parameters: dict[str, str], name: str, value: str) -> None:
    if name in parameters:
        raise RemoteProtocolError(f"authentication parameter twice: {name}")
    parameters[name] = value


def quote(text: str) -> str:
    """Write a quoted string.

    Raises:
        LocalProtocolError: It holds a control character, with which a header would end or break.
    """
    if _CONTROL.search(text):
        raise LocalProtocolError(f"cannot be written in a header: {text!r}")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def extended(text: str) -> str | None:
    """Read the value of `username*`: `UTF-8''percent-encoded` (RFC 7616 section 3.4); None if it is something else."""
    charset, _, rest = text.partition("'")
    _, quote_mark, encoded = rest.partition("'")
    if charset.lower() != "utf-8" or not quote_mark:
        return None
    try:
        return unquote_to_bytes(encoded).decode("utf-8")
    except UnicodeDecodeError:
        return None
