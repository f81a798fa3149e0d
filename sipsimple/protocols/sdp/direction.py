"""The direction of a stream: what each side sends and receives, and hold. RFC 3264 sections 5.1, 6.1 and 8.4.

A direction is written from the side of whoever writes the description.
"""

from __future__ import annotations

SENDRECV = "sendrecv"
SENDONLY = "sendonly"
RECVONLY = "recvonly"
INACTIVE = "inactive"
DIRECTIONS = frozenset({SENDRECV, SENDONLY, RECVONLY, INACTIVE})

_BY_FLOW = {(True, True): SENDRECV, (True, False): SENDONLY, (False, True): RECVONLY, (False, False): INACTIVE}


def sends(direction: str) -> bool:
    """Whether the side that wrote `direction` sends."""
    return direction in (SENDRECV, SENDONLY)


def receives(direction: str) -> bool:
    """Whether the side that wrote `direction` receives."""
    return direction in (SENDRECV, RECVONLY)


def mirrored(direction: str) -> str:
    """The same flow, written from the other side."""
    return _BY_FLOW[receives(direction), sends(direction)]


def answer_direction(offered: str, wanted: str = SENDRECV) -> str:
    """The direction to answer: what this side wants, as far as the offer lets it."""
    return _BY_FLOW[sends(wanted) and receives(offered), receives(wanted) and sends(offered)]


def hold_direction(held_by_remote: bool) -> str:
    """The direction to offer when this side puts the stream on hold."""
    return INACTIVE if held_by_remote else SENDONLY


def unhold_direction(held_by_remote: bool) -> str:
    """The direction to offer when this side takes the stream off hold."""
    return RECVONLY if held_by_remote else SENDRECV
