"""Ending a call that the engine may not answer any more.

pjsip keeps a call, and the worker its place, until its INVITE has a final answer or 32 s have gone by after CANCEL. The
engine forgets a leg in an instant, or has lost it. So an INVITE that was not answered soon is answered by the worker
itself, to itself.
"""

from __future__ import annotations

_COPIED = frozenset({"via", "v", "from", "f", "to", "t", "call-id", "i", "cseq"})


def terminated(invite: str) -> bytes:
    """Return the response 487 to an INVITE."""
    head = invite.partition("\r\n\r\n")[0]
    copied = [_tagged(line) for line in head.split("\r\n")[1:] if _name(line) in _COPIED]
    return "\r\n".join(["SIP/2.0 487 Request Terminated", *copied, "Content-Length: 0", "", ""]).encode()


def _name(line: str) -> str:
    return line.partition(":")[0].strip().lower()


def _tagged(line: str) -> str:
    return f"{line};tag=closed" if _name(line) in ("to", "t") and ";tag=" not in line else line
