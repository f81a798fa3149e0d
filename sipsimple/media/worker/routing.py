"""Who hears whom: the connections of the conference, computed from what is wanted.

Nothing here knows pjsua2. An end is a leg, a player, a recorder, the sound device or a drain; a
connection lets its sink hear its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(Enum):
    """What an end is."""

    LEG = "leg"
    PLAYER = "player"
    RECORDER = "recorder"
    DEVICE = "device"
    DRAIN = "drain"


class End(NamedTuple):
    """One end of a connection: a leg and its recorder bear the leg's token, a player its number."""

    kind: Kind
    name: str | int


Connection: TypeAlias = tuple[End, End]

DEVICE = End(Kind.DEVICE, "")
DRAIN = End(Kind.DRAIN, "")
"""Hears every leg always: what nobody listens to would wait in its jitter buffer and be heard late."""
ROOM = ""
"""The token that stands for the sound device where a leg could be named."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one leg wants.

    Attributes:
        token: Of the leg.
        is_held: Isolated: it hears nobody and nobody hears it.
        is_echoing: Hears itself.
        is_recording: A recorder hears both directions.
        partners: Tokens of the legs that it is bridged with.
    """

    token: str
    is_held: bool = False
    is_echoing: bool = False
    is_recording: bool = False
    partners: frozenset[str] = frozenset()


def connections(
    wishes: Iterable[Wish], players: dict[int, str], *, uses_devices: bool, records_room: bool = False
) -> set[Connection]:
    """Return all connections that should be.

    Args:
        wishes: Of every leg that has media.
        players: Number of each player that plays, to the token of the leg, or `ROOM`.
        uses_devices: There are sound devices: legs and device hear each other.
        records_room: What the sound device plays is recorded.
    """
    wishes = tuple(wishes)
    open_legs = {wish.token: wish for wish in wishes if not wish.is_held}
    found: set[Connection] = {(End(Kind.LEG, wish.token), DRAIN) for wish in wishes}
    for wish in open_legs.values():
        leg, recorder = End(Kind.LEG, wish.token), End(Kind.RECORDER, wish.token)
        sources = {End(Kind.LEG, partner) for partner in wish.partners if partner in open_legs}
        sources |= {End(Kind.PLAYER, number) for number, token in players.items() if token == wish.token}
        if wish.is_echoing:
            sources.add(leg)
        if uses_devices:
            sources.add(DEVICE)
            found.add((leg, DEVICE))
        found |= {(source, leg) for source in sources}
        if wish.is_recording:
            found |= {(source, recorder) for source in sources | {leg}}
    found |= {(End(Kind.PLAYER, number), DEVICE) for number, token in players.items() if token == ROOM}
    if records_room:
        room = End(Kind.RECORDER, ROOM)
        found |= {(source, room) for source, sink in found if sink == DEVICE}
    return found
