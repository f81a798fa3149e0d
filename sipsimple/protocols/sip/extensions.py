"""The extensions of SIP that we support: who asks for another one by Require gets 420.

RFC: 3261 8.2.2.3, 19.2, 20.32.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Message, Request

RELIABLE, TIMER = "100rel", "timer"
"""Reliable provisional responses (RFC 3262), session timers (RFC 4028)."""

REPLACES, SILENT_REFER = "replaces", "norefersub"
"""Calls that take the place of others (RFC 3891), REFER without reports (RFC 4488)."""

TAGS = frozenset({RELIABLE, TIMER, REPLACES, SILENT_REFER})
"""The option tags that we support, in lower case."""

SUPPORTED = ", ".join(sorted(TAGS))
"""What Supported says, in and outside of a dialog."""

_NEVER_EXTENDED = frozenset({"ACK", "CANCEL"})


def check_require(request: Request, supported: frozenset[str] = TAGS) -> None:
    """Refuse a request that asks for what is not supported; ACK and CANCEL are past asking.

    Raises:
        RemoteProtocolError: 420 with Unsupported, or 400: Require is malformed.
    """
    if request.method in _NEVER_EXTENDED or "require" not in request.headers:
        return
    unsupported = [tag for tag in request.require if tag.lower() not in supported]
    if unsupported:
        tags = ", ".join(unsupported)
        raise RemoteProtocolError(f"extensions not supported: {tags}", 420, ("Unsupported", tags))


def requires(message: Message, tag: str) -> bool:
    """Tell whether `message` asks for the extension `tag`."""
    try:
        return "require" in message.headers and any(each.lower() == tag for each in message.require)
    except RemoteProtocolError:
        return False


def supports(message: Message, tag: str) -> bool:
    """Tell whether the sender of `message` supports the extension `tag`; who asks for it does."""
    try:
        listed = "supported" in message.headers and any(each.lower() == tag for each in message.supported)
    except RemoteProtocolError:
        listed = False
    return listed or requires(message, tag)
