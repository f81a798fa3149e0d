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


def without_secrets(text: str) -> str:
    """Hide the values of authentication headers, folded ones too, and the passwords in URIs."""
    return without_password(_CREDENTIALS.sub(rf"\1: {HIDDEN}", text))


def without_password(text: str) -> str:
    """Hide the passwords in URIs."""
    return _PASSWORD.sub(rf"\1{HIDDEN}@", text)


def sip_head(data: bytes) -> str:
    """Return a SIP message for the log; of what is no message, what stands before the first blank line."""
    return without_secrets(_END_OF_HEAD.split(data, 1)[0].decode("utf-8", "replace"))


def msrp_head(message: MSRPData) -> str:
    """Return an MSRP chunk or response for the log."""
    lines = [message.first_line, *(f"{name}: {text}" for name, text in message.fields.items())]
    return without_secrets("\r\n".join(lines))
