"""pjsua2, under the one name by which the worker knows it.

The package says nothing about its types, so what comes from here is `Any`. Its C part is loaded when a name of it is
first asked for.
"""

from __future__ import annotations

import pjsua2 as pj  # type: ignore[import-not-found, import-untyped, unused-ignore]

__all__ = ["pj", "printable", "reason_of"]


def reason_of(error: BaseException) -> str:
    """Return what went wrong, for the engine's log."""
    if isinstance(error, pj.Error):
        return printable(error.reason or error.info()).removesuffix(".") or f"pjlib status {error.status}"
    return printable(str(error)) or type(error).__name__


def printable(text: str) -> str:
    """Return a text of the library, which may hold bytes of anybody, as one that can be sent."""
    return text.encode(errors="replace").decode()
