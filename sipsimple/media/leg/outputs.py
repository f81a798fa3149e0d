"""What an audio leg asks for; its actor carries it. `Notify` and `Note` are those of every call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.protocols.sip.usage.outputs import Note, Notify

if TYPE_CHECKING:
    from sipsimple.media import wire
    from sipsimple.media.pool.worker_link import WorkerLink
    from sipsimple.protocols.sip.usage import events

__all__ = [
    "Command", "Delist", "Ended", "Enlist", "Note", "Notify", "Release", "RepairFile", "TellPeer", "TellSession",
    "Want",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Want:
    """Ask the pool for room, where `beside` is if that can be."""

    token: str
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Give the room back; the pool has the worker close the call."""

    token: str


@dataclass(frozen=True, slots=True)
class Enlist:
    """Have the switchboard lead the worker's SIP here."""

    token: str
    worker_sip: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Delist:
    """Have the switchboard forget the call."""

    token: str


@dataclass(frozen=True, slots=True)
class Command:
    """Tell the worker."""

    link: WorkerLink
    command: wire.Command = field(repr=False)


@dataclass(frozen=True, slots=True)
class TellSession:
    """Tell the session."""

    event: (
        events.StreamPrepared | events.StreamFailed | events.StreamMoved | events.StreamOutdated | events.Abandoned
    ) = field(repr=False)


@dataclass(frozen=True, slots=True)
class TellPeer:
    """Tell the other leg of a bridge; the actor adds who tells.

    Attributes:
        peer: Its ref.
        token: As in `PeerAt`.
        worker: Likewise.
        is_asking: Likewise.
        is_calling: Likewise.
        is_gone: Tell `PeerGone` instead.
    """

    peer: Any
    token: str = ""
    worker: str = ""
    is_asking: bool = False
    is_calling: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class RepairFile:
    """Write the lengths into the header of a WAV file whose writer died."""

    file_name: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The leg is over: tell who waits for it, and stop."""
