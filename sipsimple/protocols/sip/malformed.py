"""Messages that do not parse: what is kept of them, and the answer they get (RFC 3261 §8.2, §21.4.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.grammar import is_token
from sipsimple.protocols.sip.headers.names import KEYS
from sipsimple.protocols.sip.ids import stateless_tag
from sipsimple.protocols.sip.message import MAX_HEADERS, Response
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.errors import RemoteProtocolError

_FOLD = re.compile(r"\r?\n[ \t]++")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TAG = re.compile(r";[ \t]*+tag[ \t]*+=", re.IGNORECASE)
_COPIED = ("via", "from", "to", "call-id", "cseq")
_NEEDED = ("via", "cseq")


class Malformed(Value, gc=True):
    """A message that was cut out of its stream well, and does not parse.

    Attributes:
        error: What is wrong with it.
        head: Its bytes up to the empty line.
    """

    error: RemoteProtocolError
    head: bytes


def reply_to_malformed(head: bytes, error: RemoteProtocolError) -> bytes | None:
    """Build the stateless answer to a request that does not parse.

    What the answer must repeat is taken from the lines that look like it, as
    they stand; Via and CSeq lead it back, the others may be what is missing.
    The answer bears no state: a repetition gets the same one.

    Args:
        head: The request's bytes, or those up to the empty line.
        error: What `parse` raised; its status and header are the answer's.

    Returns:
        The response, or None: for an ACK, for a response, where the error says
        to be silent, and where Via or CSeq is not there.

    RFC: 3261 §8.2.6, §8.2.7.
    """
    text = head.lstrip(b"\r\n").partition(b"\r\n\r\n")[0].decode("utf-8", "surrogateescape")
    start, *lines = _FOLD.sub(" ", text).split("\n", MAX_HEADERS + 1)
    method = start.split(None, 1)[0] if start.strip() else ""
    if error.status is None or method == "ACK" or not is_token(method):
        return None
    found = _copied_lines(lines[:MAX_HEADERS])
    if any(key not in found for key in _NEEDED):
        return None
    to = found.get("to", [""])[0]
    if to and not _TAG.search(to):
        known = [value for key in ("call-id", "from") for value in found.get(key, [""])[:1]]
        found["to"] = [f"{to};tag={stateless_tag(*known)}"]
    copied = [(key, value) for key, values in found.items() for value in (values if key == "via" else values[:1])]
    extra = [error.header] if error.header else []
    return bytes(Response(error.status, reason_phrase(error.status), copied + extra))


def _copied_lines(lines: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.strip()
        key = KEYS.get(name) or name.lower()
        if colon and key in _COPIED:
            found.setdefault(key, []).append(_CONTROL.sub("", value).strip())
    return {key: found[key] for key in _COPIED if key in found}
