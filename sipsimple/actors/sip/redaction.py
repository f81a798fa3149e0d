"""What of a message may stand in the log: the head, without what credentials are made of.

RFC: 3261 22.4, 25.1; 4976 5.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.protocols.msrp.message import MSRPData

HIDDEN = "<hidden>"

_CREDENTIALS = re.compile(
    r"^((?:Proxy-)?Authorization|(?:WWW|Proxy)-Authenticate|(?:Proxy-)?Authentication-Info)[ \t]*:"
    r"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*",  # not possessive: CPython 3.11.2 loses the \r before the next line
    re.IGNORECASE | re.MULTILINE,
)
_PASSWORD = re.compile(r"(\bsips?:[^\s:@<>;?]{1,256}+:)[^\s@<>;?]{1,256}+@", re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(r"\r?\n")
_START_LINE = re.compile(r"SIP/\d[^\r\n]*+|[-.!%*_+`'~\w]{1,64}+ [^\r\n]*SIP/\d[^\r\n]*+")
_HEADER_LINE = re.compile(r"(?:[ \t]|[-.!%*_+`'~\w]{1,256}+[ \t]*+:)[^\r]*+")


def without_secrets(text: str) -> str:
    """Hide the values of authentication headers, folded ones too, and the passwords in URIs."""
    return without_password(_CREDENTIALS.sub(rf"\1: {HIDDEN}", text))


def without_password(text: str) -> str:
    """Hide the passwords in URIs."""
    return _PASSWORD.sub(rf"\1{HIDDEN}@", text)


def sip_head(data: bytes) -> str:
    """Return the head of a SIP message for the log: of its lines those that are headers, of what has none its size.

    What looks otherwise may be the body of a message whose length was counted wrong, keys of its media and all.
    """
    head = _END_OF_HEAD.split(data, 1)[0].decode("utf-8", "replace")
    start, *lines = _LINE.split(head)
    if not _START_LINE.fullmatch(start):
        return f"<{len(data)} bytes, no SIP message>"
    if all(map(_HEADER_LINE.fullmatch, lines)):
        return without_secrets(head)
    return without_secrets("\r\n".join([start, *(each if _HEADER_LINE.fullmatch(each) else HIDDEN for each in lines)]))


def msrp_head(message: MSRPData) -> str:
    """Return an MSRP chunk or response for the log."""
    lines = [message.first_line, *(f"{name}: {text}" for name, text in message.fields.items())]
    return without_secrets("\r\n".join(lines))
