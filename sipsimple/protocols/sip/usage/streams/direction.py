"""What this side wants to send and to receive, given who holds the call.

RFC: 3264 5.1, 6.1, 8.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sdp.direction import (
    SENDONLY,
    SENDRECV,
    answer_direction,
    hold_direction,
    unhold_direction,
)

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call


def offered_direction(call: Call) -> str:
    """Return the direction that an offer of ours gives."""
    direction = hold_direction if call.held_by_local else unhold_direction
    return direction(call.held_by_remote)


def answered_direction(call: Call, offered: str) -> str:
    """Return the direction that an answer of ours gives: what the peer's offer and a hold of ours leave."""
    return answer_direction(offered, SENDONLY if call.held_by_local else SENDRECV)


def agreed_direction(offered: str, answered: str) -> str:
    """Return what is left of a direction that we offered by the peer's answer, written from our side."""
    return answer_direction(answered, offered)
