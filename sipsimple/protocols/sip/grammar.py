"""Lexical rules that all SIP text shares: tokens, quoted strings, lists, numbers, hosts (RFC 3261 §25.1).

Every function is linear in its input. The regular expressions have no
alternatives that start alike and their repetitions are possessive, so that no
text makes them go back.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable

TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]++")
QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)

MAX_LIST = 128
"""Most values that one list header may carry; a bound on the work that one datagram can ask for."""

LONGEST_LITERAL = 64
"""Characters of an IP address with its zone and brackets; what is longer is a name, and not worth keeping."""

_LIST_SPECIAL = re.compile(r'[",<]')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MAX_DIGITS = 20


def is_token(text: str) -> bool:
    """Tell whether `text` is one token."""
    return TOKEN.fullmatch(text) is not None


def quote(text: str) -> str:
    """Return `text` as a quoted string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquote(text: str) -> str:
    """Return what the quoted string `text` says; other text comes back as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    return unescape(text[1:-1])


def unescape(text: str) -> str:
    """Take the backslashes out of the inside of a quoted string."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def split_list(text: str) -> list[str]:
    """Split at the commas that stand neither in a quoted string nor between `<` and `>`.

    Raises:
        RemoteProtocolError: A quote or bracket is left open, or there are more than `MAX_LIST` values.
    """
    if "," not in text:
        return [text.strip()]
    pieces = _split_scanning(text) if '"' in text or "<" in text else text.split(",", MAX_LIST)
    if len(pieces) > MAX_LIST:
        raise RemoteProtocolError(f"more than {MAX_LIST} values in one header")
    return [piece.strip() for piece in pieces]


def split_values(values: Iterable[str]) -> list[str]:
    """Split every value of one header with `split_list`; `MAX_LIST` bounds them together."""
    found: list[str] = []
    for value in values:
        found += split_list(value)
        if len(found) > MAX_LIST:
            raise RemoteProtocolError(f"more than {MAX_LIST} values in one header")
    return found


def _split_scanning(text: str) -> list[str]:
    pieces: list[str] = []
    start = position = 0
    while len(pieces) <= MAX_LIST and (special := _LIST_SPECIAL.search(text, position)):
        position = special.end()
        match special[0]:
            case ",":
                pieces.append(text[start : position - 1])
                start = position
            case '"':
                position = end_of_quoted(text, position - 1)
            case _:
                position = text.find(">", position) + 1
                if not position:
                    raise RemoteProtocolError("a '<' is never closed")
    pieces.append(text[start:])
    return pieces


def end_of_quoted(text: str, start: int = 0) -> int:
    """Return the position after the quoted string that begins at `start`."""
    match = QUOTED.match(text, start)
    if match is None:
        raise RemoteProtocolError("a quoted string is never closed")
    return match.end()


def number(text: str, what: str, limit: int = 2**32 - 1, *, clamp: bool = False) -> int:
    """Read a decimal number; leading zeros are allowed.

    Args:
        text: The digits.
        what: What the number is, for the error's text.
        limit: The largest value allowed.
        clamp: Take a larger value as `limit` instead of refusing it.
    """
    short = len(text) < _MAX_DIGITS and text.isdigit() and text.isascii()
    value = int(text) if short else _long_number(text, what)
    if value <= limit:
        return value
    if clamp:
        return limit
    raise RemoteProtocolError(f"{what} is too large: {text[:40]}")


def _long_number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise RemoteProtocolError(f"{what} is not a number: {text[:40]!r}")
    digits = text.lstrip("0")
    return int(digits[:_MAX_DIGITS] or "0")  # int() of longer text is quadratic, and the value is over any limit


def port_number(digits: str | None) -> int | None:
    """Read at most five digits as a port; None stays None."""
    if digits is None:
        return None
    port = int(digits)
    if port > 65535:
        raise RemoteProtocolError(f"port is too large: {port}")
    return port


def bracketed(host: str) -> str:
    """Return the address or name as it stands in SIP text: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and host[0] != "[" else host


def unbracketed(host: str) -> str:
    """Return the address or name as sockets want it: IPv6 without brackets."""
    return host[1:-1] if host[:1] == "[" else host


def is_ip_literal(host: str) -> bool:
    """Tell whether `host`, without brackets, is an IPv4 or IPv6 address rather than a name."""
    return len(host) <= LONGEST_LITERAL and _is_literal(host)


@lru_cache(maxsize=1024)
def _is_literal(host: str) -> bool:
    try:
        ip_address(unbracketed(host))
    except ValueError:
        return False
    return True
