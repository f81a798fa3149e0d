"""Headers that are lists of tokens, and headers that are one number: Require, Allow, Expires, Retry-After, ..."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import is_token, number, split_values

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DELTA_SECONDS = 2**32 - 1
_MEMORABLE = 400  # characters of a list that is worth keeping: a hostile one must not fill the memory


def parse_tokens(values: Iterable[str]) -> tuple[str, ...]:
    """Read a comma list of tokens over all values of the header; empty places are passed over."""
    text = ", ".join(values)
    return _known(text) if len(text) <= _MEMORABLE else _read(text)


def _read(text: str) -> tuple[str, ...]:
    found = parse_texts((text,))
    for each in found:
        if not is_token(each):
            raise RemoteProtocolError(f"not a token: {each[:80]!r}")
    return found


_known = lru_cache(maxsize=256)(_read)
"""The same lists come with every request of a peer."""


def parse_texts(values: Iterable[str]) -> tuple[str, ...]:
    """Read a comma list whose parts keep their own syntax, such as Reason."""
    return tuple([each for each in split_values(values) if each])


def parse_max_forwards(text: str) -> int:
    """Read Max-Forwards, 0 to 255 (RFC 3261 §20.22)."""
    return number(text, "Max-Forwards", 255)


def parse_length(text: str) -> int:
    """Read Content-Length."""
    return number(text, "Content-Length")


def parse_delta_seconds(text: str) -> int:
    """Read a time in seconds; what is larger than 2**32 - 1 means that much (RFC 3261 §20.19)."""
    return number(text, "a time in seconds", MAX_DELTA_SECONDS, clamp=True)


def parse_retry_after(text: str) -> int:
    """Read the seconds of Retry-After; its comment and parameters are passed over (RFC 3261 §20.33)."""
    return parse_delta_seconds(text.partition(";")[0].partition("(")[0].strip())
