"""What a terminal may be sent."""

from __future__ import annotations


def printable(content: str | bytes) -> str:
    """Return `content` with each control character but the end of a line replaced.

    They could do anything to a terminal, and who sent them is not known to mean well.
    """
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
