"""What would tell more is put off while observers have too much to hear already: RFC 3261 21.5.4."""

from __future__ import annotations

from sipsimple.errors import RemoteProtocolError

COME_AGAIN = ("Retry-After", "5")


def too_much_unheard() -> RemoteProtocolError:
    """Return what to answer with."""
    return RemoteProtocolError("too much waits to be heard", 503, COME_AGAIN)
