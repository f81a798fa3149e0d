"""Nicknames in a chat room: the NICKNAME request, its answer, and what a room says it can do. RFC 7701 sections 7, 8.

A name is compared, and told, in the form that `prepared` gives it: without spaces around it and with one between words.
"""

from __future__ import annotations

import unicodedata

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.msrp.message import MSRPData

METHOD = "NICKNAME"
HEADER = "Use-Nickname"

NICKNAME = "nickname"
PRIVATE_MESSAGES = "private-messages"
CAPABILITIES = (NICKNAME, PRIVATE_MESSAGES)
"""What `a=chatroom` may say that is known here."""

MALFORMED, IN_USE, NO_PRIVATE_MESSAGES = 424, 425, 428
LONGEST_BYTES = 1023

_FORBIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def prepared(nickname: str) -> str:
    """Bring a nickname into the form in which it is told and compared.

    Raises:
        LocalProtocolError: It has characters that no nickname has, or is too long.
    """
    text = unicodedata.normalize("NFKC", nickname)
    text = "".join([" " if unicodedata.category(each) == "Zs" else each for each in text])
    text = " ".join([each for each in text.split(" ") if each])
    if any(unicodedata.category(each) in _FORBIDDEN for each in text):
        raise LocalProtocolError("a nickname with characters that cannot be shown")
    if len(text.encode("utf-8", "replace")) > LONGEST_BYTES:
        raise LocalProtocolError(f"a nickname of more than {LONGEST_BYTES} bytes")
    return text


def request(transaction_id: str, to_path: str, from_path: str, nickname: str) -> MSRPData:
    """Build the request to be known as `nickname`, a prepared one; an empty one gives the name back."""
    quoted = nickname.replace("\\", "\\\\").replace('"', '\\"')
    fields = {"To-Path": to_path, "From-Path": from_path, HEADER: f'"{quoted}"'}
    return MSRPData(transaction_id, METHOD, None, None, None, b"", "$", fields)


def wanted(message: MSRPData) -> str:
    """Read the name that a request asks for, prepared.

    Raises:
        RemoteProtocolError: 400: there is none; 424: it cannot be one.
    """
    text = message.fields.get(HEADER)
    if text is None:
        raise RemoteProtocolError(f"{METHOD} without {HEADER}", 400)
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise RemoteProtocolError(f"{HEADER} is no quoted string", MALFORMED)
    try:
        return prepared(_unquoted(text[1:-1]))
    except LocalProtocolError as error:
        raise RemoteProtocolError(error.reason, MALFORMED) from error


def _unquoted(inside: str) -> str:
    characters = []
    rest = iter(inside)
    for each in rest:
        if each == '"':
            raise RemoteProtocolError(f"{HEADER} is no quoted string", MALFORMED)
        if each == "\\":
            each = next(rest, "")
            if not each:
                raise RemoteProtocolError(f"{HEADER} is no quoted string", MALFORMED)
        characters.append(each)
    return "".join(characters)
