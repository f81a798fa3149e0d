"""Two INVITEs that meet: who waits how long until it tries again.

The side that made the Call-ID waits longer, so that the other one comes
through. A 500 that says when to come again is waited for likewise.

RFC: 3261 14.1, 14.2.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sip.usage.change.upkeep import RenewStream
from sipsimple.protocols.sip.usage.events import StreamMoved
from sipsimple.protocols.sip.usage.streams import lines
from sipsimple.protocols.sip.usage.streams.stream import RUNNING
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.pending import Change
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

TRIES = 8
"""INVITEs for one change until it counts as refused."""

_PASSING = (491, 487)
"""The peer's INVITE is open; or, as we did not cancel ours, its BYE is about to come (RFC 3261 15.1.2)."""

_WITHOUT_MEDIA = StreamMoved | RenewStream
"""What is not given up for a trouble of the server that may pass: the stream would be lost."""

LONGEST = 10
"""Seconds of Retry-After that are waited for; a change that would take longer is refused."""


def delay(call: Call, change: Change, response: Response) -> float | None:
    """Return after how many seconds to try again; None: not at all."""
    if change.tries >= TRIES:
        return None
    if response.status in _PASSING or (500 <= response.status < 600 and isinstance(change.command, _WITHOUT_MEDIA)):
        return by_lot(call)
    try:
        after = response.retry_after
    except RemoteProtocolError:
        return None
    return float(max(1, after)) if response.status == 500 and after is not None and after <= LONGEST else None


def by_lot(call: Call) -> float:
    """2.1 to 4 seconds for who made the Call-ID, up to 2 for the other, in steps of 10 ms."""
    lot = zlib.crc32(f"{call.identity.token}{call.branches}".encode())
    if exchange.dialog_of(call).is_caller:
        return (210 + lot % 191) / 100
    return (1 + lot % 200) / 100


def wait(call: Call, change: Change, seconds: float) -> tuple[Call, Outputs]:
    """Wait until the change may be tried again; meanwhile the peer may come through."""
    return again(call, replace(change, is_due=False)), (StartTimer("retry", seconds),)


def again(call: Call, change: Change) -> Call:
    """Have the change made once more; what is not agreed on has no line until then."""
    streams = [each if each.phase in RUNNING else replace(each, index=lines.NOT_PLACED) for each in call.streams]
    return replace(call, streams=tuple(streams), change=change)


def over(call: Call, _: object) -> tuple[Call, Outputs]:
    """Let the change be tried again, as soon as the call is free."""
    if call.change is None:
        return call, ()
    return replace(call, change=replace(call.change, is_due=True)), ()
