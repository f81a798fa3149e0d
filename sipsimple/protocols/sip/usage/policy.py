"""What the application has settled for all calls about the extensions that they use."""

from __future__ import annotations

from sipsimple.protocols.values import Value

MIN_SESSION_EXPIRES = 90
"""Seconds that a session interval has at least, where no Min-SE says otherwise (RFC 4028 4)."""

RINGING_SECONDS = 180.0
"""For so long an incoming call rings at most: forged ones would ring for ever. The proxy's timer C is no shorter."""


class Policy(Value):
    """One for all calls of an engine.

    Attributes:
        session_expires: Seconds after which a session that nobody refreshes shall end; 0: we ask for no such timer,
            and still support one that the peer asks for.
        min_session_expires: Fewer seconds are refused, with 422.
        reliable_provisionals: Provisional responses are sent reliably whenever the peer supports it, not only when it
            requires it.
        tolerates_missing_ack: A session goes on whose 2xx of ours is never acknowledged.
        ringing_seconds: An incoming call that is not answered by then is refused.
    """

    session_expires: int = 0
    min_session_expires: int = MIN_SESSION_EXPIRES
    reliable_provisionals: bool = False
    tolerates_missing_ack: bool = False
    ringing_seconds: float = RINGING_SECONDS


DEFAULT = Policy()
"""Supports everything, asks for nothing."""
