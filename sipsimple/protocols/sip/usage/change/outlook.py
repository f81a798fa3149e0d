"""What a session will be when the changes that were asked for are made: they wait for their turn, one INVITE each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage.events import AddStream, Hold, RemoveStream, Unhold
from sipsimple.protocols.sip.usage.streams.stream import Phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.protocols.sip.usage.call import Call


def kinds(call: Call, waiting: Sequence[object]) -> tuple[str, ...]:
    """Return the streams that there will be, those on their way included, if the peer refuses none.

    Args:
        call: As it is.
        waiting: The commands that were not begun, in their order.
    """
    found = [each.kind for each in call.streams if each.phase is not Phase.PROPOSED]
    for command in waiting:
        if isinstance(command, AddStream) and command.kind not in found:
            found.append(command.kind)
        elif isinstance(command, RemoveStream) and command.kind in found:
            found.remove(command.kind)
    return tuple(found)


def is_leaving(kind: str, waiting: Sequence[object]) -> bool:
    """Tell whether the stream of this kind that there is will go."""
    return any(isinstance(each, RemoveStream) and each.kind == kind for each in waiting)


def is_held(call: Call, waiting: Sequence[object]) -> bool:
    """Tell whether this side will hold, if the peer refuses nothing."""
    wishes = [isinstance(each, Hold) for each in waiting if isinstance(each, Hold | Unhold)]
    return wishes[-1] if wishes else call.held_by_local
