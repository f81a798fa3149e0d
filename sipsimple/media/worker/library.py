"""pjsua2, under the one name by which the worker knows it.

The package says nothing about its types, so what comes from here is `Any`. Its C part is loaded when a name of it is
first asked for.
"""

from __future__ import annotations

import errno

import pjsua2 as pj  # type: ignore[import-not-found, import-untyped, unused-ignore]

__all__ = ["NOT_NOW", "TOO_MANY", "is_lasting", "pj", "printable", "reason_of"]

TOO_MANY = 70010
"""Status PJ_ETOOMANY: there is no room."""
NOT_NOW = 70013
"""Status PJ_EINVALIDOP: something else has to happen before."""

_NO_MEMORY = 70007
_OF_THE_SYSTEM = 120000
"""What pjlib adds to an error number of the operating system."""

_OUT_OF_SOMETHING = (errno.EADDRINUSE, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN)
_PASSING = frozenset((TOO_MANY, _NO_MEMORY, *[_OF_THE_SYSTEM + each for each in _OUT_OF_SOMETHING]))
"""What another worker, with ports and memory of its own, may not have to say."""


def reason_of(error: BaseException) -> str:
    """Return what went wrong, for the engine's log."""
    if isinstance(error, pj.Error):
        return printable(error.reason or error.info()).removesuffix(".") or f"pjlib status {error.status}"
    if isinstance(error, OSError) and error.strerror and error.filename is None:
        return printable(error.strerror)
    return printable(str(error)) or type(error).__name__


def is_lasting(error: BaseException) -> bool:
    """Tell whether another worker would fail over the same."""
    if isinstance(error, OSError):
        return error.errno not in _OUT_OF_SOMETHING
    return getattr(error, "status", 0) not in _PASSING


def printable(text: str) -> str:
    """Return a text of the library, which may hold bytes of anybody, as one that can be sent."""
    return text.encode(errors="replace").decode()
