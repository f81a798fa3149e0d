"""What the user asked for and cannot have: one line on stderr, exit status 2."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sipsimple.core import SIPURI
from sipsimple.errors import SIPSimpleError

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_STATUS = 2


class Refused(Exception):
    """A command cannot be carried out as it was given; the text is for its user."""


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the library says to bad arguments into a refusal."""
    try:
        yield
    except (SIPSimpleError, ValueError) as error:
        raise Refused(str(error)) from error


def sip_uri(text: str) -> SIPURI:
    """Read an address that the user gave; `bob@host` is taken for `sip:bob@host`.

    Raises:
        Refused: It is none.
    """
    bare = "<" not in text and not text.lower().startswith(("sip:", "sips:"))
    try:
        return SIPURI.parse(f"sip:{text}" if bare and "@" in text else text)
    except (SIPSimpleError, ValueError) as error:
        raise Refused(f"not a SIP URI: {text!r} (try sip:user@host:port)") from error
