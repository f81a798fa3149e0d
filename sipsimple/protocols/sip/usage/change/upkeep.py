"""What a call changes of its own accord: the commands that it gives itself, queued like those of the application."""

from __future__ import annotations

from sipsimple.protocols.values import Value


class CloseLines(Value):
    """Offer the lines as they are now, for the peer to see what has ended."""


class RefreshSession(Value):
    """Tell the peer that the session goes on as it is, before its timer ends it."""


class RenewStream(Value):
    """Have a new line made for the stream, and offer it."""

    kind: str


class LeaveCEMA(Value):
    """Offer the stream once more without CEMA, and start it by the answer to that."""

    kind: str


class UpdateLine(Value):
    """Have a better line made for the stream, and offer it; where that is refused, the present one is good enough."""

    kind: str
