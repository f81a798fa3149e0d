"""Reason: why a request was sent (RFC 3326)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import is_token, quote
from sipsimple.protocols.sip.headers.parameters import Parameterized, parse_parameters
from sipsimple.protocols.sip.headers.tokens import parse_texts
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNPRINTABLE = re.compile(r"[^ -~]")
_MAX_TEXT = 160
_MAX_CAUSE = 9999


class Reason(Value):
    """One reason, machine-readable.

    Attributes:
        protocol: Whose codes these are: `SIP`, `Q.850`, ...
        cause: The code; None where none is given.
        text: What it says to people; empty where it says nothing.
    """

    protocol: str
    cause: int | None = None
    text: str = ""

    def __str__(self) -> str:
        cause = "" if self.cause is None else f";cause={self.cause}"
        text = f";text={quote(_UNPRINTABLE.sub('?', self.text[:_MAX_TEXT]))}" if self.text else ""
        return f"{self.protocol}{cause}{text}"


def read_reasons(values: Sequence[str]) -> tuple[Reason, ...]:
    """Read the header from all its values; what is malformed in it is passed over: it only explains."""
    try:
        texts = parse_texts(values)
    except RemoteProtocolError:
        return ()
    found = [_read(each) for each in texts]
    return tuple([each for each in found if each is not None])


def first_reason(values: Sequence[str]) -> Reason | None:
    """Return the reason that says most: the first with a cause, else the first; None where there is none."""
    reasons = read_reasons(values)
    return next((each for each in reasons if each.cause is not None), reasons[0] if reasons else None)


def _read(text: str) -> Reason | None:
    protocol, semicolon, rest = text.partition(";")
    protocol = protocol.strip()
    if not is_token(protocol):
        return None
    try:
        parameters = _Parameters(parse_parameters(semicolon + rest))
    except RemoteProtocolError:
        return None
    cause = parameters.parameter("cause") or ""
    is_number = cause.isascii() and cause.isdigit() and len(cause) <= len(str(_MAX_CAUSE))
    said = _UNPRINTABLE.sub("?", (parameters.parameter("text") or "")[:_MAX_TEXT]).strip()
    return Reason(protocol, int(cause) if is_number else None, said)


class _Parameters(Parameterized, Value):
    parameters: tuple[tuple[str, str | None], ...]
