"""What a call changes of its own accord: the commands that it gives itself, queued like those of the application."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CloseLines:
    """Offer the lines as they are now, for the peer to see what has ended."""


@dataclass(frozen=True, slots=True)
class RefreshSession:
    """Tell the peer that the session goes on as it is, before its timer ends it."""


@dataclass(frozen=True, slots=True)
class RenewStream:
    """Have a new line made for the stream, and offer it."""

    kind: str
